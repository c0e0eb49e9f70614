"""What pages show for each task: one row per task.

A row names its views as ``module:name``, which a page resolves when it draws them. Anything a row leaves out falls back
to a generic view, so that runs of a task without a row can be launched, watched and evaluated too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.charts.columns import recorded
from app.charts.panels import LOSS, Line, Panel
from engine.store import Run
from engine.tasks import TASKS


@dataclass(frozen=True)
class TaskView:
    """The views of one task.

    Attributes:
        results: ``(run, evaluations)``: draws the Results page.
        actions: ``(run)``: draw buttons of the Results page.
        compared: ``(runs)``: draw sections of the Compare page, below its tables.
        trying: ``(run)``: draws the input of the Try page and returns ``(checkpoint, folder)``, which draws the
            prediction, or None until a picture is chosen. Empty: runs cannot be tried.
        load: ``(name, folder)``: opens a data set, skipping unreadable files.
        facts: ``(dataset, source)``: summarises a data set as HTML.
        data: ``(dataset, folder)``: views of the Data page by title, the default first. Empty: there are none.
        score: the chart of the score, with the validation line last; None: that line alone.
        loss_terms: titles of the terms of a summed loss.
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
        compared=("app.compare.errors:compare_errors_section", "app.compare.ensemble:ensemble"),
        trying="app.trying.classes:choose_picture",
        load="engine.data:load_dataset",
        facts="app.data.sheet:facts",
        data={"Pictures": "app.data.sheet:contact_sheet",
              "What the network sees": "app.data.batch:pictures",
              "Parts": "app.data.parts:parts",
              "Duplicates": "app.data.audit:duplicates",
              "Statistics": "app.data.audit:figures"},
        # Accuracy on mixed pictures counts the share of mixed labels, so it is a metric and a line of its own.
        score=Panel("Accuracy", "train · **validation**", (
            Line("train_accuracy", "train", bold=False),
            Line("train_mixed_accuracy", "train (share of mixed labels)", bold=False),
            Line("val_balanced_accuracy", "validation, balanced", bold=False, dash="dash"),
            Line("val_accuracy", "validation")))),
    "multi-label": TaskView(
        results="app.results.labels:label_results",
        actions=("app.results.export:export_button",),
        compared=("app.compare.labels:compare_labels_section",),
        trying="app.trying.labels:choose_picture",
        load="engine.data:load_dataset",
        facts="app.data.sheet:facts",
        data={"Pictures": "app.data.sheet:contact_sheet",
              "What the network sees": "app.data.batch:pictures",
              "Parts": "app.data.parts:parts",
              "Co-occurrence": "app.data.labels:together",
              "Duplicates": "app.data.audit:duplicates",
              "Statistics": "app.data.audit:figures"},
        score=Panel("mAP", "**validation**, mean over classes · of all labels together", (
            Line("val_label_map_micro", "of all labels", bold=False, dash="dash"),
            Line("val_label_map", "validation")))),
    "detection": TaskView(
        results="app.results.boxes.page:detection_results",
        compared=("app.compare.boxes:compare_boxes_section",),
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
    """Return the task's row; the generic views if it has none."""
    return VIEWS.get(task, TaskView())


def panels(runs: Sequence[Run]) -> list[Panel]:
    """Return the charts of some runs: loss, score, and one for each recorded term of a summed loss."""
    found = dict.fromkeys(panel for run in runs for panel in (LOSS, _score(run.task)))
    known = {term: words for run in runs for term, words in view_of(run.task).loss_terms.items()}
    there = {name.removeprefix("loss_") for run in runs for name in recorded(run) if name.startswith("loss_")}
    terms = {term: known.get(term, term) for term in (*known, *sorted(there - known.keys())) if term in there}
    return [*found, *(_term(name, words) for name, words in terms.items())]


def validated(runs: Sequence[Run]) -> list[Panel]:
    """Return the charts of score and loss with only their validation lines."""
    charts = dict.fromkeys(panel for run in runs for panel in (_score(run.task), LOSS))
    return [replace(panel, title=f"{panel.title} in validation", note="", lines=panel.lines[-1:]) for panel in charts]


def _score(task: str) -> Panel:
    if panel := view_of(task).score:
        return panel
    row = TASKS[task]
    return Panel(row.score_name[:1].upper() + row.score_name[1:], "**validation**", (Line(row.score, "validation"),))


def _term(name: str, words: str) -> Panel:
    lines = Line(f"loss_{name}", "train", bold=False), Line(f"val_loss_{name}", "validation")
    return Panel(f"Loss: {words}", LOSS.note, lines)
