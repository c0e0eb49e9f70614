"""Hypotheses as contrasts: weighted sums of cell means, the input of a test."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple, NoReturn

import numpy as np

from engine.errors import UserError, nearest
from engine.study.factors import CellKey
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study


def check_roles(study: Study, hypothesis: Hypothesis) -> None:
    """Check that a hypothesis names existing factors and levels, and each factor once.

    Raises:
        UserError: one line on the first mistake.
    """
    used: dict[str, str] = {}
    for field, factor, labels in _factors_named(hypothesis):
        where = f"hypotheses: {hypothesis.name}: {field}"
        if factor not in study.factors:
            raise UserError(f"{where}: {factor!r} is not a factor of this study{_instead(factor, list(study.factors))}")
        if factor in used:
            raise UserError(f"{where}: {factor} is already used in {used[factor]}")
        used[factor] = field
        for label in labels:
            if label not in study.factors[factor]:
                raise UserError(f"{where}: {factor} has no level {label!r}"
                                f"{_instead(label, study.factor(factor).labels)}")
        if len(set(labels)) < len(labels):
            raise UserError(f"{where}: {factor} names a level twice")
    if len({len(labels) for labels in hypothesis.order.values()}) > 1:
        raise UserError(f"hypotheses: {hypothesis.name}: order: all factors need the same number of levels")
    if any(len(labels) < 2 for labels in hypothesis.order.values()):
        raise UserError(f"hypotheses: {hypothesis.name}: order: needs two levels or more")


def _factors_named(hypothesis: Hypothesis) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield (field, factor, levels) of every named factor."""
    named: list[tuple[str, Mapping[str, Sequence[str]]]] = [
        ("between", hypothesis.between), *(("change", change) for change in hypothesis.change),
        ("order", hypothesis.order), ("at", hypothesis.at)]
    for field, pattern in named:
        for factor, labels in pattern.items():
            yield field, factor, labels
    for factor, label in hypothesis.best.items():
        yield "best", factor, (label,)
    for factor in (*hypothesis.each, *([hypothesis.over] if hypothesis.over else [])):
        yield ("over" if factor == hypothesis.over else "each"), factor, ()


def _instead(word: str, choices: Sequence[str]) -> str:
    close = nearest(word, choices, 1)
    return f"; did you mean {close[0]}?" if close else f" ({', '.join(choices)})"


Levels = dict[str, str]
Term = tuple[Levels, float]
"""Some levels of a cell, and the weight of the cells that have them."""


class Comparison(NamedTuple):
    """A comparison at any levels of the other factors; ``sides`` as in :class:`Contrast`."""

    title: str
    terms: list[Term]
    sides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of cell means whose weights sum to zero.

    Attributes:
        title: the comparison, in the study's labels.
        sides: titles of minuend and subtrahend; for an interaction, of the difference, where it is taken, and where
            the subtracted one is; empty for a trend.
        weights: by cell, without zeros.
        averaged: number of combinations of the other factors' levels, with equal weights.
        unmatched: number of combinations left out because the study lacks a cell.
    """

    title: str
    weights: Mapping[CellKey, float]
    averaged: int = 1
    unmatched: int = 0
    sides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A hypothesis at one combination of its ``each`` factors' levels; it holds if all its contrasts do.

    ``title`` names the levels.
    """

    levels: Levels
    contrasts: tuple[Contrast, ...]
    title: str = ""


def contrasts_of(study: Study, hypothesis: Hypothesis) -> tuple[Part, ...]:
    """Return the parts of a hypothesis, in the order of its ``each`` factors' levels.

    If a factor is averaged over, a combination of levels counts only if the study has all its cells, so that the same
    combinations are averaged on both sides. A trend is the least-squares slope times the length of the axis: the change
    from the lowest level to the highest, in the metric's unit.

    Raises:
        UserError: it names a missing factor, level or cell, a factor twice, a level against itself, or an axis with
            levels that are not numbers.
    """
    check_roles(study, hypothesis)
    parts = []
    for labels in product(*(study.factor(name).labels for name in hypothesis.each)):
        levels = dict(zip(hypothesis.each, labels, strict=True))
        made = [_average(study, hypothesis, levels, comparison)
                for comparison in _KINDS[hypothesis.kind](study, hypothesis, levels)]
        contrasts = tuple(contrast for contrast in made if contrast is not None)
        # An ordering needs all its links; a best level is compared with the existing rivals only.
        if contrasts and (len(contrasts) == len(made) or hypothesis.kind == "best"):
            parts.append(Part(levels, contrasts, _place_text(study, levels)))
    return tuple(parts) or _refuse(hypothesis, "compares cells that do not exist in this study")


def _difference(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Comparison]:
    first, second = _sides(hypothesis.between)
    return [_minus(first, second)]


def _interaction(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Comparison]:
    title, terms, sides = _minus(*_sides(hypothesis.between))
    for here, there in map(_sides, hypothesis.change):
        sides = title, _place_text(study, here), _place_text(study, there)
        title = f"({title}) [{sides[1]}] − [{sides[2]}]"
        terms = [({**of, **place}, weight * sign) for place, sign in ((here, 1.0), (there, -1.0))
                 for of, weight in terms]
    return [Comparison(title, terms, sides)]


def _trend(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Comparison]:
    over = study.factor(hypothesis.over)
    fixed = {factor: (label,) for factor, label in levels.items()} | hypothesis.at
    there = {dict(zip(study.factors, cell, strict=True))[over.name] for cell in study.cells if _has(study, cell, fixed)}
    axis = {label: _number(hypothesis, over.level(label).number) for label in over.labels if label in there}
    if len(set(axis.values())) < 2:
        return []
    places = np.array(list(axis.values()))
    centred = places - places.mean()
    slope = centred / (centred @ centred) * np.ptp(places)
    ends = f"{over.name} {min(axis, key=lambda label: axis[label])} → {max(axis, key=lambda label: axis[label])}"
    line: list[Term] = [({over.name: label}, float(weight)) for label, weight in zip(axis, slope, strict=True)]
    if not hypothesis.between:
        return [Comparison(ends, line)]
    of = _minus(*_sides(hypothesis.between))
    return [Comparison(f"{ends} ({of.title})",
                       [({**side, **place}, weight * sign) for side, sign in of.terms for place, weight in line])]


def _ordering(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Comparison]:
    rows = [dict(zip(hypothesis.order, row, strict=True)) for row in zip(*hypothesis.order.values(), strict=True)]
    return [_minus(first, second) for first, second in pairwise(rows)]


def _best(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Comparison]:
    rivals = (dict(zip(hypothesis.best, labels, strict=True))
              for labels in product(*(study.factor(name).labels for name in hypothesis.best)))
    return [_minus(dict(hypothesis.best), rival) for rival in rivals if rival != hypothesis.best]


_KINDS = {"difference": _difference, "interaction": _interaction, "trend": _trend, "ordering": _ordering,
          "best": _best}


def _average(study: Study, hypothesis: Hypothesis, levels: Levels, comparison: Comparison) -> Contrast | None:
    """Average a contrast over the levels of all other factors; return None if there are no such cells."""
    moved = {factor for of, _ in comparison.terms for factor in of}
    choices = [[(name, label) for label in hypothesis.at.get(name, study.factor(name).labels)]
               for name in study.factors if name not in moved and name not in levels]
    there, matched, unmatched = set(study.cells), list[dict[CellKey, float]](), 0
    for others in product(*choices):
        weights = _at(study, comparison.terms, {**levels, **dict(others)})
        present = [cell in there for cell in weights]
        if all(present):
            matched.append(weights)
        unmatched += any(present) and not all(present)
    if not matched:
        return None
    return Contrast(comparison.title, _sum(matched, 1 / len(matched)), len(matched), unmatched, comparison.sides)


def _at(study: Study, terms: Iterable[Term], others: Levels) -> dict[CellKey, float]:
    return _sum([{tuple({**others, **of}[name] for name in study.factors): weight} for of, weight in terms], 1.0)


def _sum(parts: Iterable[Mapping[CellKey, float]], factor: float) -> dict[CellKey, float]:
    total: defaultdict[CellKey, float] = defaultdict(float)
    for part in parts:
        for cell, weight in part.items():
            total[cell] += weight * factor
    return dict(total)


def _sides(pair: Mapping[str, tuple[str, str]]) -> tuple[Levels, Levels]:
    return {factor: first for factor, (first, _) in pair.items()}, {factor: last for factor, (_, last) in pair.items()}


def _minus(first: Levels, second: Levels) -> Comparison:
    sides = _levels_text(first), " ".join(second.values()) if len(second) == 1 else _levels_text(second)
    return Comparison(" − ".join(sides), [(first, 1.0), (second, -1.0)], sides)


def _place_text(study: Study, levels: Levels) -> str:
    """Name levels, without the factors whose labels speak for themselves."""
    return ", ".join(label if study.factor(factor).is_clear(label) else f"{factor} {label}"
                     for factor, label in levels.items())


def _levels_text(levels: Mapping[str, str]) -> str:
    """``model vit, pretrained``, of a model and a factor ``pretrained``."""
    return ", ".join(label if factor.lower() in label.lower() else f"{factor} {label}"
                     for factor, label in levels.items())


def _has(study: Study, cell: CellKey, pattern: Mapping[str, Sequence[str]]) -> bool:
    levels = dict(zip(study.factors, cell, strict=True))
    return all(levels[factor] in labels for factor, labels in pattern.items())


def _number(hypothesis: Hypothesis, value: float | None) -> float:
    if value is None or (hypothesis.scale == "log" and value <= 0):
        _refuse(hypothesis, f"over: {hypothesis.over} has a level that is no number"
                            f"{' above zero' if value is not None else ''}")
    return float(np.log(value)) if hypothesis.scale == "log" else value


def _refuse(hypothesis: Hypothesis, why: str) -> NoReturn:
    raise UserError(f"hypotheses: {hypothesis.name}: {why}")
