"""``Run``: one row, as the rest of Darkroom sees it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.config import RunConfig
from engine.home import run_dir
from engine.store.status import ENDED, LIVE, Status


@dataclass(frozen=True)
class Run:
    """One training run. Times are unix seconds, accuracies fractions, ``peak_memory`` bytes.

    ``epoch`` and ``step`` are the last recorded ones; ``seconds`` is training time summed over attempts.
    ``revision`` grows with every change of this run, its metrics and its evaluations.
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
    host: str | None
    boot_id: str | None
    pid: int | None
    pid_started: float | None
    exit_code: int | None
    error: str | None
    git_commit: str | None
    git_dirty: bool
    environment: dict[str, Any]
    resolved: dict[str, Any]
    parameters: int | None
    dataset_fingerprint: str | None
    tags: tuple[str, ...]
    notes: str
    seconds: float
    revision: int
    best_val_accuracy: float | None
    last_val_accuracy: float | None
    last_val_loss: float | None
    train_loss: float | None
    test_accuracy: float | None
    test_loss: float | None
    images_per_second: float | None
    peak_memory: float | None

    @property
    def folder(self) -> Path:
        return run_dir(self.id)

    @property
    def is_live(self) -> bool:
        """A process works on it, or should."""
        return self.status in LIVE

    @property
    def is_ended(self) -> bool:
        """Nothing more happens unless it is resumed."""
        return self.status in ENDED

    def config_object(self) -> RunConfig:
        """The config as a :class:`RunConfig`.

        Raises:
            pydantic.ValidationError: it was stored by a version whose options differ.
        """
        return RunConfig.model_validate(self.config)


# A run whose several checkpoints were tested shows the best one's result, else the last's, else the newest.
_SUMMARIES = """WITH summary AS (
    SELECT run_id,
        max(CASE name WHEN 'val_accuracy' THEN max END) AS best_val_accuracy,
        max(CASE name WHEN 'val_accuracy' THEN last END) AS last_val_accuracy,
        max(CASE name WHEN 'val_loss' THEN last END) AS last_val_loss,
        max(CASE name WHEN 'train_loss' THEN last END) AS train_loss,
        max(CASE name WHEN 'images_per_second' THEN last END) AS images_per_second,
        max(CASE name WHEN 'memory' THEN max END) AS peak_memory
    FROM metric_summary GROUP BY run_id
), test AS (
    SELECT run_id, metrics ->> 'top1' AS test_accuracy, metrics ->> 'loss' AS test_loss,
        max(CASE checkpoint WHEN 'best' THEN 2e18 WHEN 'last' THEN 1e18 ELSE id END)
    FROM evaluations WHERE split = 'test' GROUP BY run_id
)"""
_JOINED = ("best_val_accuracy", "last_val_accuracy", "last_val_loss", "train_loss", "images_per_second",
           "peak_memory", "test_accuracy", "test_loss")
_FIELDS = tuple(field.name for field in fields(Run))
_COLUMNS = ", ".join("trained_seconds" if name == "seconds" else name if name in _JOINED else f"runs.{name}"
                     for name in _FIELDS)
_SELECT = f"""{_SUMMARIES} SELECT {_COLUMNS} FROM runs
LEFT JOIN summary ON summary.run_id = runs.id LEFT JOIN test ON test.run_id = runs.id"""


def select_runs(connection: sqlite3.Connection, clause: str = "", values: Sequence[Any] = ()) -> list[Run]:
    """Runs with their summary columns, in one query; ``clause`` is the WHERE and ORDER BY."""
    return [_run_of(row) for row in connection.execute(f"{_SELECT} {clause}", values).fetchall()]


def _run_of(row: sqlite3.Row) -> Run:
    values = dict(zip(_FIELDS, row, strict=True))
    for name in ("config", "environment", "resolved"):
        values[name] = json.loads(values[name])
    return Run(**values | {"status": Status(values["status"]), "git_dirty": bool(values["git_dirty"]),
                           "tags": tuple(json.loads(values["tags"]))})
