"""What the pages show of runs and data sets by their task: one row a task.

A row names its views as ``module:name``, which a page resolves when it shows them. What a row leaves out is shown
plainly, so that runs of a task without a row can be launched, watched and evaluated too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.charts.curves import LOSS, Line, Panel, recorded
from engine.store import Run
from engine.tasks import TASKS


@dataclass(frozen=True)
class TaskView:
    """What the pages show of one task.

    Attributes:
        results: draws what Results has below the choice of the run, given the run and its evaluations.
        actions: draw the buttons that Results has for these runs alone, given the run.
        compared: draw the sections of Compare below its tables, given all chosen runs.
        trying: asks on Try for a picture, given the run, and returns what draws the answer of a checkpoint, given its
            name and its folder; None until there is a picture. Empty: these runs cannot be tried.
        load: opens a data set without what cannot be read, given its name and folder.
        facts: a few words of HTML about a data set, given where it comes from.
        data: the views of Data by their titles, the first shown at first; each is given the data set and its folder.
            Empty: there is no view of these data sets.
        score: the chart of the figure that runs are judged by, with validation's line last; None: that line alone.
        loss_terms: what people call the parts of a loss that is a sum.
    """

    results: str = "app.results.evaluation:stored_results"
    actions: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    trying: str = ""
    load: str = ""
    facts: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    score: Panel | None = None
    loss_terms: Mapping[str, str] = field(default_factory=dict)


VIEWS: dict[str, TaskView] = {
    "classification": TaskView(
        results="app.results.classes:classification_results",
        actions=("app.results.export:export_button",),
        compared=("app.compare.errors:errors_compared", "app.compare.ensemble:together"),
        trying="app.trying.classes:choose_picture",
        load="engine.data:load_dataset",
        facts="app.data.sheet:facts",
        data={"Pictures": "app.data.sheet:contact_sheet",
              "What the network sees": "app.data.batch:pictures",
              "Parts": "app.data.parts:parts",
              "Duplicates": "app.data.audit:copies",
              "Statistics": "app.data.audit:figures"},
        # Of mixed pictures no class is wholly right: what is counted has another name, and is drawn under it.
        score=Panel("Accuracy", "train · **validation**", (
            Line("train_accuracy", "train", bold=False),
            Line("train_mixed_accuracy", "train (share of mixed labels)", bold=False),
            Line("val_accuracy", "validation")))),
    "detection": TaskView(
        results="app.results.boxes.page:detection_results",
        trying="app.trying.boxes:choose_picture",
        load="engine.data:load_detection",
        facts="app.data.boxes.sheet:facts",
        data={"Pictures": "app.data.boxes.sheet:contact_sheet",
              "What the network sees": "app.data.boxes.sheet:pictures",
              "Boxes": "app.data.boxes.distribution:distribution",
              "Suspects": "app.data.boxes.suspects:suspect_list",
              "Parts": "app.data.boxes.parts:parts"},
        score=Panel("mAP", "**validation**, mean over IoU 0.5 to 0.95 · at 0.5 · at 0.75", (
            Line("val_map50", "at IoU 0.5", bold=False, dash="dash"),
            Line("val_map75", "at IoU 0.75", bold=False, dash="dot"), Line("val_map", "validation"))),
        loss_terms={"class": "class", "box": "box", "centre": "centre", "object": "object or not",
                    "proposal": "proposed box"}),
}


def view_of(task: str) -> TaskView:
    """The task's row; where it has none, what every task can be shown by."""
    return VIEWS.get(task, TaskView())


def panels(runs: Sequence[Run]) -> list[Panel]:
    """The charts of some runs: loss and score, and one for each term that the loss of any of them is the sum of."""
    found = dict.fromkeys(panel for run in runs for panel in (LOSS, _score(run.task)))
    known = {term: words for run in runs for term, words in view_of(run.task).loss_terms.items()}
    there = {name.removeprefix("loss_") for run in runs for name in recorded(run) if name.startswith("loss_")}
    terms = {term: known.get(term, term) for term in (*known, *sorted(there - known.keys())) if term in there}
    return [*found, *(_term(name, words) for name, words in terms.items())]


def validated(runs: Sequence[Run]) -> list[Panel]:
    """Validation's line alone of the runs' scores and losses."""
    charts = dict.fromkeys(panel for run in runs for panel in (_score(run.task), LOSS))
    return [replace(panel, title=f"{panel.title} in validation", lines=panel.lines[-1:]) for panel in charts]


def _score(task: str) -> Panel:
    if panel := view_of(task).score:
        return panel
    row = TASKS[task]
    return Panel(row.score_name[:1].upper() + row.score_name[1:], "**validation**", (Line(row.score, "validation"),))


def _term(name: str, words: str) -> Panel:
    lines = Line(f"loss_{name}", "train", bold=False), Line(f"val_loss_{name}", "validation")
    return Panel(f"Loss: {words}", LOSS.note, lines, log=True)
