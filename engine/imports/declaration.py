"""A study for results that come without one: what varies in the file is varied."""

from collections.abc import Sequence
from typing import Any

from engine.catalog.metrics import study_metrics
from engine.errors import UserError
from engine.imports.columns import all_options, option_of_column, options_of
from engine.imports.result import Found
from engine.study.study import Study

RUN = "run"
"""The factor of results of which only names are known."""

NONE = "none"
"""The level of results that say nothing of a factor that others tell."""

_MOST_LEVELS = 200


def declared(name: str, found: Sequence[Found]) -> Study:
    """The study that these results could be of: columns that vary are factors, the others are settings.

    Its only hypotheses are those that people add; a level that means no option of Darkroom's is a name alone.

    Raises:
        UserError: nothing tells the runs apart.
    """
    varied = {key: list(dict.fromkeys(one.settings.get(key, "") for one in found)) for key in _keys(found)}
    factors: dict[str, dict[str, dict[str, Any]]] = {
        _factor(key): {text or NONE: options_of(key, text) or {} for text in texts}
        for key, texts in varied.items() if len(texts) > 1}
    if not factors:
        names = [one.name or one.where for one in found]
        if len(set(names)) < len(names):
            raise UserError("import: no column tells the runs apart")
        factors = {RUN: {label: {} for label in names}}
    too_long = next((factor for factor, levels in factors.items() if len(levels) > _MOST_LEVELS), None)
    if too_long is not None:
        raise UserError(f"import: {too_long} has more than {_MOST_LEVELS} values: leave the column out")
    settings = all_options({key: texts[0] for key, texts in varied.items() if len(texts) == 1 and texts[0]})
    metrics = _metrics(found)
    study = Study.model_validate({
        "name": name, "factors": factors, "settings": settings, "seeds": _seeds(found), "metric": metrics[0],
        "tables": [{"rows": list(factors), "metrics": metrics}]})
    cells = {tuple(text_of(one, factor) or NONE for factor in factors) for one in found}
    only = [{factor: [label] for factor, label in zip(factors, cell, strict=True)} for cell in study.cells
            if cell in cells]
    return study if len(only) == len(study.cells) else Study.model_validate(study.model_dump() | {"only": only})


def text_of(one: Found, factor: str) -> str | None:
    """What a result says of a factor, in the file's own words; None where it says nothing."""
    key = next((key for key in one.settings if factor in (key, _factor(key))), None)
    if key is None:
        return (one.name or one.where) if factor == RUN else None
    return one.settings[key]


def _keys(found: Sequence[Found]) -> list[str]:
    return list(dict.fromkeys(key for one in found for key in one.settings))


def _factor(key: str) -> str:
    """A factor is called as its option is; a column that stands for another's values keeps its name."""
    field = option_of_column(key)
    return key if field is None else field


def _seeds(found: Sequence[Found]) -> tuple[int, ...]:
    return tuple(sorted({one.seed for one in found if one.seed is not None}))


def _metrics(found: Sequence[Found]) -> list[str]:
    """The figures that the file holds, in the order of the catalog."""
    there = {name for one in found for name in one.figures}
    there |= {"val_accuracy"} if any("val_accuracy" in one.curves for one in found) else set()
    return [name for name in study_metrics() if name in there] or ["top1"]
