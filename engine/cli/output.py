"""Output of commands: tables and messages for people, one JSON document for programs."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from engine.store import Run

_SUMMARIES = ("best_val_accuracy", "last_val_accuracy", "last_val_loss", "train_loss", "test_accuracy", "test_loss",
              "best_val_score", "last_val_score", "test_score", "images_per_second", "peak_memory")
_COLUMNS = ("id", "name", "status", "task", "score_name", "config", *_SUMMARIES, "error", "epoch", "step",
            "total_steps", "device", "parameters", "tags", "notes", "parent", "archived_at", "created_at", "started_at",
            "ended_at", "seconds", "attempt", "dataset_fingerprint", "git_commit", "environment", "resolved")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; NaN and infinities become null."""
    print(json.dumps(_finite(document), indent=1, ensure_ascii=False, default=str))


def say(line: str) -> None:
    """Print a message on stderr, so that stdout holds only the result."""
    print(line, file=sys.stderr)


def run_document(run: Run) -> dict[str, Any]:
    """Return a run as JSON: at least id, name, status, config, best_val_accuracy, test_accuracy, error."""
    return {column: getattr(run, column) for column in _COLUMNS} | {
        "folder": str(run.folder), "silence": run.silence}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout, with numbers aligned right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        numeric = all(row[index].lstrip("+−")[:1].isdigit() or row[index] in ("", "–") for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 1000).print(drawn)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
