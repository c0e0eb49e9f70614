"""``Run``: a row of the table ``runs`` with its summary columns.

The room imports ``config`` only where options are checked: that takes half of a short command's time.
"""

import json
import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.catalog.metrics import METRICS
from engine.home import run_dir
from engine.store.schema import ENDED, LIVE, Status
from engine.tasks import TASKS, Score, task_name
from engine.tasks.task import USUAL

if TYPE_CHECKING:
    from engine.config import RunConfig

SILENT_SECONDS = 10.0
"""A trainer writes its heartbeat every two seconds, whatever it computes."""


@dataclass(frozen=True)
class Run:
    """A training run. Times are unix seconds, accuracies fractions, ``peak_memory`` bytes.

    ``epoch`` and ``step`` are the last recorded ones; ``seconds`` is training time summed over attempts, of one that
    trains now, or was killed, up to its last heartbeat.
    ``best_val_score``, ``last_val_score`` and ``test_score`` are the task's main score, named ``score_name``; for
    classification they equal ``best_val_accuracy`` and so on.
    ``test_accuracy``, ``test_score`` and ``test_loss`` are those of the best checkpoint on the run's own test set, with
    test-time augmentation only if the config requests it; ``tested_json`` has all metrics of this test.
    ``origin`` is the source of an imported run; empty for all others. ``parent`` is the run it was cloned from.
    ``archived_at`` is set for runs that lists leave out, ``trashed_at`` for those in the trash.
    ``handle`` identifies the launcher's job, see :class:`engine.launch.launcher.Handle`; empty until a run is claimed.
    ``revision`` grows with every change of the run, its metrics and its evaluations.
    """

    id: int
    name: str
    status: Status
    requested: str
    config: dict[str, Any]
    config_hash: str
    attempt: int
    priority: int
    created_at: float
    started_at: float | None
    ended_at: float | None
    heartbeat_at: float | None
    epoch: int
    step: int
    total_steps: int
    steps_per_epoch: int
    device: str | None
    slot: str | None
    handle: dict[str, Any]
    exit_code: int | None
    error: str | None
    git_commit: str | None
    git_dirty: bool
    environment: dict[str, Any]
    resolved: dict[str, Any]
    origin: dict[str, Any]
    parameters: int | None
    dataset_fingerprint: str | None
    tags: tuple[str, ...]
    notes: str
    seconds: float
    revision: int
    parent: int | None
    archived_at: float | None
    trashed_at: float | None
    best_val_accuracy: float | None
    last_val_accuracy: float | None
    last_val_loss: float | None
    train_loss: float | None
    test_accuracy: float | None
    test_loss: float | None
    images_per_second: float | None
    peak_memory: float | None
    best_val_score: float | None
    last_val_score: float | None
    test_score: float | None
    tested_json: str

    @property
    def silence(self) -> float:
        """Seconds since the trainer of a live run last gave a sign of life; 0.0 below 10 s."""
        if not self.is_live or self.heartbeat_at is None:
            return 0.0
        silent = time.time() - self.heartbeat_at
        return silent if silent >= SILENT_SECONDS else 0.0

    @property
    def remark(self) -> str | None:
        """Why it ended as it did or, of a live run, that its trainer does not answer."""
        return f"no sign of life for {self.silence:.0f} s" if self.silence else self.error

    @property
    def task(self) -> str:
        """A key of :data:`engine.tasks.TASKS`."""
        return task_name(str(self.config["dataset"]))

    @property
    def score(self) -> Score:
        """What chooses its best checkpoint."""
        return TASKS[self.task].score_of(str(self.config.get("score", USUAL)))

    @property
    def score_name(self) -> str:
        """The name of its score: ``accuracy``, ``mAP``."""
        return self.score.name

    @property
    def folder(self) -> Path:
        return run_dir(self.id)

    @property
    def is_live(self) -> bool:
        """Whether a process trains or evaluates it, or is starting."""
        return self.status in LIVE

    @property
    def is_ended(self) -> bool:
        """Whether it has ended; it can be resumed."""
        return self.status in ENDED

    @property
    def is_imported(self) -> bool:
        """Whether it was imported: it has metrics, perhaps curves, but no checkpoints and no predictions."""
        return bool(self.origin)

    @property
    def lacks(self) -> str:
        """What an imported run lacks, in a sentence; empty for all others."""
        if not self.is_imported:
            return ""
        source = self.origin.get("file", "elsewhere")
        return f"It was imported from {source}, without predictions and checkpoints."

    def knows(self, field: str) -> bool:
        """Return whether an option is known; imported runs know only the options of their source."""
        return field in self.origin.get("known", (field,))

    def option_text(self, field: str) -> str | None:
        """Return an option's value as text; None if it is unknown."""
        if not self.knows(field):
            return None
        return str(self.origin.get("unknown", {}).get(field, self.config[field]))

    @property
    def trained_seconds(self) -> float | None:
        """Like ``seconds``, but None if not measured, as for some imported runs."""
        return self.seconds or None

    @cached_property
    def tested(self) -> dict[str, float | None]:
        """The metrics of its test; parsed on demand, because lists of runs are long."""
        found: dict[str, float | None] = json.loads(self.tested_json)
        return found

    def figure(self, key: str) -> float | None:
        """Return one of :data:`engine.catalog.metrics.METRICS`; None if unknown or undefined."""
        row = METRICS[key]
        value: float | None = getattr(self, row.column) if row.column else self.tested.get(key)
        # Accuracy and error follow from each other; imported results may have only one of the two.
        if value is None and (other := self.tested.get(row.complement)) is not None:
            value = 1 - other
        return None if value is None or not math.isfinite(value) else float(value)

    @property
    def does_not_fit(self) -> bool:
        """Whether it ran out of memory, which is a result; see ``resolved["out_of_memory"]``."""
        return self.status is Status.FAILED and "out_of_memory" in self.resolved

    @property
    def memory_reached(self) -> float | None:
        """The largest known memory use in bytes, including that of a run that ran out of memory."""
        known = (self.peak_memory, self.resolved.get("out_of_memory", {}).get("reached"))
        return max((value for value in known if value), default=None)

    @property
    def plugins(self) -> dict[str, str]:
        """SHA-256 of each plug-in that it uses, by its name in the home's folder, or its path."""
        return dict(self.environment.get("plugins", {}))

    def config_object(self) -> "RunConfig":
        """Return the config as a :class:`RunConfig`.

        Raises:
            ConfigError: it was stored by an incompatible version, or needs a missing plug-in.
        """
        from engine.config import parse_options

        return parse_options(self.config)


_RECORDED = {
    "best_val_accuracy": ("val_accuracy", "max"), "last_val_accuracy": ("val_accuracy", "last"),
    "last_val_loss": ("val_loss", "last"), "train_loss": ("train_loss", "last"),
    "images_per_second": ("images_per_second", "last"), "peak_memory": ("memory", "max")}
_SCORED = {"best_val_score": "max", "last_val_score": "last", "test_score": ""}
"""Fields with the score of the run's task: which summary of its validation; empty: of its test."""
_TESTED = {"test_accuracy": "top1", "test_loss": "loss"}
_FIELDS = tuple(field.name for field in fields(Run))
_DOCUMENTS = tuple(_FIELDS.index(name) for name in ("config", "environment", "resolved", "origin", "handle", "tags"))
_SCORES = tuple(_FIELDS.index(name) for name in _SCORED)
_STATUS, _DIRTY, _TAGS = (_FIELDS.index(name) for name in ("status", "git_dirty", "tags"))


@lru_cache(maxsize=2)
def _select(scores: tuple[str, ...], test_scores: tuple[str, ...]) -> str:
    """Return the query of all runs: the fields of a run, then for each of ``_SCORED`` the score of every task.

    ``tested`` is the test that a run's config requests, of the best checkpoint, else the last; other evaluations do not
    matter.
    """
    columns = dict.fromkeys(_SCORED, "NULL") | {
        name: f"of_{metric}.{which}" for name, (metric, which) in _RECORDED.items()} | {
        name: f"tested.metrics ->> '{metric}'" for name, metric in _TESTED.items()} | {
        "seconds": "runs.trained_seconds + COALESCE(MAX(0, runs.heartbeat_at - runs.running_since), 0)",
        "tested_json": "COALESCE(tested.metrics, '{}')"}
    scored = [f"of_{metric}.{which}" if which else f"tested.metrics ->> '{metric}'"
              for which in _SCORED.values() for metric in (scores if which else test_scores)]
    joins = "\n".join(
        f"LEFT JOIN metric_summary AS of_{metric} ON of_{metric}.run_id = runs.id AND of_{metric}.name = '{metric}'"
        for metric in sorted({*scores, *(metric for metric, _ in _RECORDED.values())}))
    return f"""SELECT {", ".join([*(columns.get(name, f"runs.{name}") for name in _FIELDS), *scored])} FROM runs {joins}
LEFT JOIN evaluations AS tested ON tested.id = (
    SELECT id FROM evaluations WHERE run_id = runs.id AND split = 'test' AND asked AND checkpoint IN ('best', 'last')
    ORDER BY checkpoint LIMIT 1)"""


def select_runs(connection: sqlite3.Connection, clause: str = "", values: Sequence[Any] = ()) -> list[Run]:
    """Select runs with their summary columns in one query; ``clause`` is WHERE and ORDER BY."""
    scores = {(name, choice): score for name, task in TASKS.items() for choice, score in task.every_score.items()}
    # A score of several tasks stands there once for each, so that a task's is at its place.
    query = _select(tuple(score.validation for score in scores.values()),
                    tuple(score.test for score in scores.values()))
    places = {key: place for place, key in enumerate(scores)}
    rows = connection.execute(f"{query} {clause}", values).fetchall()
    # Parsing JSON once for all rows is faster than several times per row.
    combined = ",".join(f"[{','.join([row[place] for place in _DOCUMENTS])}]" for row in rows)
    return [_run_of(row, documents, places)
            for row, documents in zip(rows, json.loads(f"[{combined}]"), strict=True)]


def _run_of(row: sqlite3.Row, documents: list[Any], scores: Mapping[tuple[str, str], int]) -> Run:
    values = list(row[:len(_FIELDS)])
    for place, document in zip(_DOCUMENTS, documents, strict=True):
        values[place] = document
    values[_STATUS] = Status(values[_STATUS])
    values[_DIRTY] = bool(values[_DIRTY])
    values[_TAGS] = tuple(values[_TAGS])
    task, start = task_name(str(documents[0].get("dataset"))), len(_FIELDS)
    own = scores.get((task, str(documents[0].get("score", USUAL))), scores[task, USUAL])
    for place in _SCORES:
        values[place] = _score(row[start:start + len(scores)], own)
        start += len(scores)
    return Run(*values)


def _score(values: Sequence[Any], own: int) -> float | None:
    """Return the own score; of an imported run, whose data set may be unknown, that of the task that has one."""
    found: float | None = values[own]
    return found if found is not None else next((value for value in values if value is not None), None)
