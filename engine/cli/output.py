"""Output of commands: tables and messages for people, one JSON document for programs."""

import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

from engine.errors import in_one_line
from engine.store import Run

_NAMED = 10
_NUMBER = re.compile(r"([+−-]?[\d,.]+(e[+-]?\d+)?(/\d+)?( .*)?|–)?")
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


def say_each(done: str, runs: Sequence[Run]) -> None:
    """Name the runs to which something was done, each on a line; of many the first ones, and how many more."""
    for run in runs[:_NAMED]:
        say(f"{done} {run.id}: {run.name}")
    if len(runs) > _NAMED:
        say(f"{done} {len(runs) - _NAMED:,} more")


def run_document(run: Run) -> dict[str, Any]:
    """Return a run as JSON: at least id, name, status, config, best_val_accuracy, test_accuracy, error."""
    return {column: getattr(run, column) for column in _COLUMNS} | {
        "folder": str(run.folder), "silence": run.silence}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout, with numbers aligned right."""
    cells = [[in_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(columns, *cells, strict=True)]
    right = [all(map(_NUMBER.fullmatch, column)) for column in zip(*cells, strict=True)] or [False] * len(columns)
    heading = _line(columns, widths, right)
    print(f"\033[1m{heading}\033[0m" if sys.stdout.isatty() else heading)
    for row in cells:
        print(_line(row, widths, right))


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = ((cell, " " * (width - _width(cell)), numeric) for cell, width, numeric in zip(cells, widths, right,
                                                                                           strict=True))
    return "  ".join(space + cell if numeric else cell + space for cell, space, numeric in padded).rstrip()


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal, where letters of East Asia take two."""
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
