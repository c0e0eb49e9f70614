"""Rules about studies: what differs between two levels besides the level itself."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from engine.analysis.lint.remark import Cells, Messages
from engine.config import RunConfig, option_of, resolve_field
from engine.errors import UserError
from engine.study.factors import CellKey, Factor, Pattern, fits
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study

# Options that are tuned together with another option, so that it performs at its best.
_FITTED_TO = {"dataset": ("data_path", "train_fraction", "val_fraction"), "model": ("stem",),
              "optimizer": ("lr", "weight_decay", "momentum"), "train_scale": ("test_scale",),
              "weights": ("weights_path", "normalisation")}
# Options of which other rules speak.
_TOLD_ELSEWHERE = {"epochs", "early_stopping", "val_fraction", "seed", "tta", "test_scale", "dataset", "data_path"}


def find_bundled(study: Study, cells: Cells) -> Messages:
    """Find factors whose levels set several options that are not tuned together."""
    found: Messages = []
    for factor in study.varied:
        varying = sorted(field for field in _own(factor)
                         if len({repr(level_options(level.options).get(field)) for level in factor.levels}) > 1)
        confounded = [field for field in varying if field not in _fitted(varying)]
        if len(confounded) > 1:
            found.append((f"levels of {factor.name} differ in {', '.join(confounded)} at once: their effects cannot be "
                          "separated", ()))
    return found


def find_confounded(study: Study, cells: Cells) -> Messages:
    """Find compared levels whose cells also differ in options that ``adjust`` or another setting gives them."""
    found: Messages = []
    for factor in study.varied:
        told: dict[tuple[str, str], dict[str, str]] = {}
        concerned: dict[CellKey, None] = {}
        for one, other, where in _compared(study, factor):
            for pair in _neighbours(study, cells, factor, one, other, where):
                differing = _differing(factor, *(cells[cell] for cell in pair))
                if differing:
                    told[one, other] = differing | told.get((one, other), {})
                    concerned |= dict.fromkeys(pair)
        if told:
            found.append((_confounded(factor, told), tuple(cell for cell in cells if cell in concerned)))
    return found


def _confounded(factor: Factor, told: dict[tuple[str, str], dict[str, str]]) -> str:
    (one, other), differing = next(iter(told.items()))
    what = ", ".join(f"{field} ({values})" for field, values in differing.items())
    more = f" (so do {len(told) - 1} other pairs)" if len(told) > 2 else " (so does another pair)" * (len(told) == 2)
    return (f"{one} and {other} differ not only in {factor.name} but also in {what}{more}: what {factor.name} does "
            "cannot be told from what these do; give both the same, or call the comparison one of recipes")


def _compared(study: Study, factor: Factor) -> Iterator[tuple[str, str, Pattern]]:
    """Yield the pairs of the factor's levels that are compared, and the cells where; without hypotheses all pairs."""
    if not study.hypotheses and "dataset" not in _own(factor):
        yield from ((one, other, {}) for one, other in combinations(factor.labels, 2))
    for hypothesis in study.hypotheses:
        where = {name: labels for name, labels in hypothesis.at.items() if name in study.factors}
        for pair in _pairs(hypothesis, factor):
            if set(pair) <= set(factor.labels):
                yield (*pair, where)


def _pairs(hypothesis: Hypothesis, factor: Factor) -> Iterator[tuple[str, str]]:
    for compared in (hypothesis.between, *hypothesis.change):
        if factor.name in compared:
            yield compared[factor.name]
    yield from pairwise(hypothesis.order.get(factor.name, ()))
    if hypothesis.over == factor.name:
        yield from pairwise(factor.labels)
    if factor.name in hypothesis.best:
        best = hypothesis.best[factor.name]
        yield from ((best, other) for other in factor.labels if other != best)


def _neighbours(study: Study, cells: Cells, factor: Factor, one: str, other: str,
                where: Pattern) -> Iterator[tuple[CellKey, CellKey]]:
    """Yield the pairs of cells with these two levels of the factor that share all other levels."""
    names = list(study.factors)
    place = names.index(factor.name)
    for cell in cells:
        beside = (*cell[:place], other, *cell[place + 1:])
        if cell[place] == one and beside in cells and fits(cell, names, where) and fits(beside, names, where):
            yield cell, beside


def _differing(factor: Factor, one: RunConfig, other: RunConfig) -> dict[str, str]:
    """Return the options that differ, with both values, except what the levels set and what is tuned with that."""
    own = _own(factor)
    known = own | _fitted(own) | _TOLD_ELSEWHERE
    fields = (field for field in RunConfig.model_fields if field not in known and option_of(field).identity)
    pairs = ((field, getattr(one, field), getattr(other, field)) for field in fields)
    return {field: f"{_text(first)}, {_text(second)}" for field, first, second in pairs if first != second}


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"


def _own(factor: Factor) -> set[str]:
    return {field for level in factor.levels for field in level_options(level.options)}


def _fitted(fields: set[str] | list[str]) -> set[str]:
    return {fitted for field in fields for fitted in _FITTED_TO.get(field, ())}


def level_options(options: Any) -> dict[str, Any]:
    """Return options by the names of ``RunConfig``'s fields, with aliases resolved."""
    return {_field(str(key)): value for key, value in options.items()}


def _field(key: str) -> str:
    try:
        return resolve_field(key)
    except UserError:
        return key
