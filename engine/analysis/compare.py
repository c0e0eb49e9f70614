"""The options in which runs differ."""

from collections.abc import Sequence
from typing import Any

from engine.config import RunConfig, option_of
from engine.store import Run

_EXCLUDED = ("name", "tags", "notes")


def config_diff(runs: Sequence[Run], *, hide_equal: bool = True) -> list[tuple[str, list[Any]]]:
    """Return (field, value of each run) in the order of the form, by default without equal fields.

    Runs older than a field have its default. None is an unknown option of an imported run.
    """
    rows = []
    for field, info in RunConfig.model_fields.items():
        values = [run.config.get(field, info.default) if run.knows(field) else None for run in runs]
        known = [value for value in values if value is not None]
        differs = any(value != known[0] for value in known[1:])
        if field not in _EXCLUDED and (differs or not hide_equal):
            rows.append((field, values))
    return rows


def label(field: str) -> str:
    """Return a field's title."""
    return option_of(field).label or field.replace("_", " ").capitalize()
