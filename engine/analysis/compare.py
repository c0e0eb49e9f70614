"""The options in which runs differ."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.config import RunConfig, option_of
from engine.store import Run

_EXCLUDED = ("name", "tags", "notes")


def config_diff(runs: Sequence[Run], *, hide_equal: bool = True) -> list[tuple[str, list[Any]]]:
    """Return (field, value of each run) in the order of the form, by default without equal fields.

    Runs older than a field have its default. None is an unknown option of an imported run.
    """
    chosen = differing(runs) if hide_equal else [field for field in RunConfig.model_fields if field not in _EXCLUDED]
    return [(field, [_value(run, field) for run in runs]) for field in chosen]


def differing(runs: Sequence[Run], among: Iterable[str] = tuple(RunConfig.model_fields)) -> list[str]:
    """Return the fields, of those given, in which the known values of runs differ."""
    complete = [run.config for run in runs if not run.is_imported]
    partial = [run for run in runs if run.is_imported]
    found = []
    for field in among:
        default = RunConfig.model_fields[field].default
        values = [value for run in partial if (value := _value(run, field)) is not None]
        first = complete[0].get(field, default) if complete else next(iter(values), None)
        if field not in _EXCLUDED and (any(config.get(field, default) != first for config in complete)
                                       or any(value != first for value in values)):
            found.append(field)
    return found


def _value(run: Run, field: str) -> Any:
    return run.config.get(field, RunConfig.model_fields[field].default) if run.knows(field) else None


def label(field: str) -> str:
    """Return a field's title."""
    return option_of(field).label or field.replace("_", " ").capitalize()
