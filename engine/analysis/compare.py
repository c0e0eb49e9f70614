"""What differs between runs."""

from collections.abc import Sequence
from typing import Any

from engine.config import RunConfig, option_of
from engine.store import Run

_TOLD_ELSEWHERE = ("name", "tags", "notes")


def config_diff(runs: Sequence[Run], *, hide_equal: bool = True) -> list[tuple[str, list[Any]]]:
    """(field, each run's value) in the order of the form; equal fields are left out unless asked for.

    Runs written before a field existed count as having its default. None is what an imported run does not tell.
    """
    rows = []
    for field, info in RunConfig.model_fields.items():
        values = [run.config.get(field, info.default) if run.knows(field) else None for run in runs]
        known = [value for value in values if value is not None]
        differs = any(value != known[0] for value in known[1:])
        if field not in _TOLD_ELSEWHERE and (differs or not hide_equal):
            rows.append((field, values))
    return rows


def label(field: str) -> str:
    """A field's name for people."""
    return option_of(field).label or field.replace("_", " ").capitalize()
