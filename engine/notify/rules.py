"""What is told of runs and studies: one row a rule."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.analysis.judging import sentence
from engine.analysis.reading import read_study
from engine.store import Run, Status, Store, Sure
from engine.study.counting import studies_counting
from engine.study.matrix import State, matrix
from engine.study.versions import Studies
from engine.words import duration, percent

_AT_CHANCE, _NOT_FINITE = "learns-nothing", "not-finite"
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
    """The runs that rules look at: those that have ended since the last look, and those that train.

    ``at_chance_after`` is the first epoch after which a run at chance is told, if the doctor is sure by then.
    """

    store: Store
    ended: Sequence[Run]
    live: Sequence[Run]
    at_chance_after: int

    @cached_property
    def sure(self) -> Sequence[tuple[Run, Sure]]:
        """What the doctor is sure of in runs that train, or was when they ended."""
        found = self.store.sure.of([run.id for run in (*self.live, *self.ended)])
        return [(run, each) for run in (*self.live, *self.ended) for each in found.get(run.id, ())]

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
            yield _of_run(run, "ended", f"{run.name} {run.status}", "; ".join(filter(None, [run.error, _figures(run)])))


def _failed(scene: Scene) -> Iterator[News]:
    for run in scene.ended:
        if run.status in _BROKEN:
            reason = run.error or "without a reason"
            yield _of_run(run, "failed", f"{run.name} {run.status}", f"{reason}; {_figures(run)}")


def _not_finite(scene: Scene) -> Iterator[News]:
    yield from (_of_finding(run, sure, "not finite") for run, sure in scene.sure if sure.rule == _NOT_FINITE)


def _at_chance(scene: Scene) -> Iterator[News]:
    yield from (_of_finding(run, sure, "at chance") for run, sure in scene.sure
                if sure.rule == _AT_CHANCE and run.epoch >= scene.at_chance_after)


def _sure(scene: Scene) -> Iterator[News]:
    yield from (_of_finding(run, sure, f"sure of {sure.rule}") for run, sure in scene.sure
                if sure.rule not in (_AT_CHANCE, _NOT_FINITE))


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


def _of_finding(run: Run, sure: Sure, what: str) -> News:
    return News(f"{what}:{run.id}:{run.attempt}", f"{run.name}: {sure.rule.replace('-', ' ')}, the doctor is sure",
                f"after epoch {sure.epoch}: {sure.message}; {_figures(run)}", f"run?run={run.id}")


def _figures(run: Run) -> str:
    parts = [f"epoch {run.epoch} of {run.config.get('epochs', '?')}"]
    scores = {"best validation": run.best_val_score, "test": run.test_score}
    parts += [f"{name} {run.score_name} {percent(score)}" for name, score in scores.items() if score is not None]
    return ", ".join([*parts, f"trained {duration(run.seconds)}"])


RULES: dict[str, Rule] = {
    "ended": Rule("a run has finished, or was stopped", _ended),
    "failed": Rule("a run has failed or was lost, also if it was killed", _failed),
    "not finite": Rule("a loss of a run became NaN or infinite, at the end of an epoch", _not_finite),
    "at chance": Rule("the doctor is sure that a classifier learns nothing, and at_chance_after epochs are over",
                      _at_chance),
    "sure": Rule("the doctor is sure of anything else in a run that still trains", _sure),
    "study decided": Rule("all runs of a study are in: with its verdicts", _study_decided),
}
"""The rules by the name that ``when`` in ``notify.yaml`` gives them."""
