"""What is told of runs and studies: one row a rule."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from scipy.stats import binom

from engine.analysis.judging import sentence
from engine.analysis.reading import read_study
from engine.store import Run, Status, Store
from engine.study.counting import studies_counting
from engine.study.matrix import State, matrix
from engine.study.versions import Studies
from engine.words import duration, percent

_SURE = 0.01
_DONE = (Status.FINISHED, Status.STOPPED)
_BROKEN = (Status.FAILED, Status.LOST)


@dataclass(frozen=True)
class News:
    """A message. ``key`` is the same whenever the same is found again; ``link`` is a page with its query."""

    key: str
    title: str
    body: str
    link: str


@dataclass(frozen=True)
class Scene:
    """The runs that rules look at: those that have ended since the last look, and those that train."""

    store: Store
    ended: Sequence[Run]
    live: Sequence[Run]
    at_chance_after: int

    @cached_property
    def studies(self) -> Sequence[str]:
        """The names of studies that count on a run which has ended."""
        return list(studies_counting(self.store, self.ended)) if self.ended else []


@dataclass(frozen=True)
class Rule:
    """``help`` says when it tells; ``find`` returns what is to be told."""

    help: str
    find: Callable[[Scene], Iterator[News]]


def _ended(scene: Scene) -> Iterator[News]:
    for run in scene.ended:
        if run.status in _DONE:
            yield _of_run(run, "ended", f"{run.name} {run.status}", _figures(run))


def _failed(scene: Scene) -> Iterator[News]:
    for run in scene.ended:
        if run.status in _BROKEN:
            reason = run.error or "without a reason"
            yield _of_run(run, "failed", f"{run.name} {run.status}", f"{reason}; {_figures(run)}")


def _not_finite(scene: Scene) -> Iterator[News]:
    for run in (*scene.live, *scene.ended):
        for name, summary in scene.store.metrics.summary(run.id).items():
            if summary.nonfinite:
                yield _of_run(run, "not finite", f"{run.name}: {name} is not finite",
                              f"{summary.nonfinite:,} of {summary.count:,} values are NaN or infinite; {_figures(run)}")
                break


def _at_chance(scene: Scene) -> Iterator[News]:
    """Tell of classifiers that after some epochs are not better in validation than guessing, by a binomial test."""
    for run in scene.live:
        pictures, classes = run.resolved.get("val_pictures"), run.resolved.get("classes")
        best = run.best_val_accuracy
        if run.epoch < scene.at_chance_after or best is None or not pictures or not classes:
            continue
        if binom.sf(round(best * pictures) - 1, pictures, 1 / classes) > _SURE:
            yield _of_run(run, "at chance", f"{run.name} is at chance",
                          f"best validation accuracy {percent(best)} after {run.epoch} epochs, of {classes} classes")


def _study_decided(scene: Scene) -> Iterator[News]:
    for name in scene.studies:
        study = Studies(scene.store).get(name)
        found = matrix(scene.store, study)
        if study.hypotheses and all(entry.state is State.DONE for entry in found.entries):
            verdicts = [sentence(each) for each in read_study(scene.store, study).judgements]
            yield News(f"study decided:{name}:{len(found.entries)}", f"Study {name} is decided", "\n".join(verdicts),
                       f"study?study={name}")


def _of_run(run: Run, rule: str, title: str, body: str) -> News:
    return News(f"{rule}:{run.id}:{run.attempt}", title, body, f"run?run={run.id}")


def _figures(run: Run) -> str:
    parts = [f"epoch {run.epoch} of {run.config.get('epochs', '?')}"]
    scores = {"best validation": run.best_val_score, "test": run.test_score}
    parts += [f"{name} {run.score_name} {percent(score)}" for name, score in scores.items() if score is not None]
    return ", ".join([*parts, f"trained {duration(run.seconds)}"])


RULES: dict[str, Rule] = {
    "ended": Rule("a run has finished, or was stopped", _ended),
    "failed": Rule("a run has failed or was lost, also if it was killed", _failed),
    "not finite": Rule("a run recorded NaN or infinite values", _not_finite),
    "at chance": Rule("a classifier is not better than guessing after some epochs (3 unless at_chance_after says so)",
                      _at_chance),
    "study decided": Rule("all runs of a study are in: with its verdicts", _study_decided),
}
"""The rules by the name that ``when`` in ``notify.yaml`` gives them."""
