"""Declaring a study from imported results: columns that vary become factors."""

from collections.abc import Sequence
from typing import Any

from engine.catalog.metrics import study_metrics
from engine.errors import UserError
from engine.imports.columns import all_options, option_of_column, options_of
from engine.imports.result import Found
from engine.study.study import Study

RUN = "run"
"""The factor of results that have only names."""

NONE = "none"
"""The level of results without a value for a factor."""

_MOST_LEVELS = 200


def declare(name: str, found: Sequence[Found]) -> Study:
    """Declare a study from results: columns that vary become factors, the others settings.

    It has no hypotheses. Levels that match no option of Darkroom are mere names.

    Raises:
        UserError: no column distinguishes the runs.
    """
    varied = {key: list(dict.fromkeys(one.settings.get(key, "") for one in found)) for key in _keys(found)}
    factors: dict[str, dict[str, dict[str, Any]]] = {
        _factor(key): {text or NONE: options_of(key, text) or {} for text in texts}
        for key, texts in varied.items() if len(texts) > 1}
    if not factors:
        names = [one.name or one.where for one in found]
        if len(set(names)) < len(names):
            raise UserError("import: no column distinguishes the runs; add one, for example a name")
        factors = {RUN: {label: {} for label in names}}
    too_long = next((factor for factor, levels in factors.items() if len(levels) > _MOST_LEVELS), None)
    if too_long is not None:
        raise UserError(f"import: {too_long} has more than {_MOST_LEVELS} values; remove the column")
    settings = all_options({key: texts[0] for key, texts in varied.items() if len(texts) == 1 and texts[0]})
    metrics = _metrics(found)
    study = Study.model_validate({
        "name": name, "factors": factors, "settings": settings,
        "seeds": () if list(factors) == [RUN] else _seeds(found), "metric": metrics[0],
        "tables": [{"rows": list(factors), "metrics": metrics}]})
    cells = {tuple(text_of(one, factor) or NONE for factor in factors) for one in found}
    only = [{factor: [label] for factor, label in zip(factors, cell, strict=True)} for cell in study.cells
            if cell in cells]
    return study if len(only) == len(study.cells) else Study.model_validate(study.model_dump() | {"only": only})


def text_of(one: Found, factor: str) -> str | None:
    """Return a result's value of a factor as in the file; None if there is none."""
    key = next((key for key in one.settings if factor in (key, _factor(key))), None)
    if key is None:
        return (one.name or one.where) if factor == RUN else None
    return one.settings[key]


def _keys(found: Sequence[Found]) -> list[str]:
    return list(dict.fromkeys(key for one in found for key in one.settings))


def _factor(key: str) -> str:
    """Return a column's factor: the name of its option; other columns keep their name."""
    field = option_of_column(key)
    return key if field is None else field


def _seeds(found: Sequence[Found]) -> tuple[int, ...]:
    return tuple(sorted({one.seed for one in found if one.seed is not None}))


def _metrics(found: Sequence[Found]) -> list[str]:
    """Return the metrics of the file, in the order of the catalog."""
    there = {name for one in found for name in one.figures}
    there |= {"val_accuracy"} if any("val_accuracy" in one.curves for one in found) else set()
    return [name for name in study_metrics() if name in there] or ["top1"]
