"""A hypothesis as weighted sums of cell means, which is all that a test has to know of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NoReturn

import numpy as np

from engine.errors import UserError, nearest
from engine.study.factors import CellKey
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study


def check_roles(study: Study, hypothesis: Hypothesis) -> None:
    """Each factor it names is one of the study's, has those levels, and is named once.

    Raises:
        UserError: in one line, which is not.
    """
    seen: dict[str, str] = {}
    for field, factor, labels in _factors_named(hypothesis):
        where = f"hypotheses: {hypothesis.name}: {field}"
        if factor not in study.factors:
            raise UserError(f"{where}: {factor!r} is not a factor of this study{_instead(factor, list(study.factors))}")
        if factor in seen:
            raise UserError(f"{where}: {factor} is named in {seen[factor]} already")
        seen[factor] = field
        for label in labels:
            if label not in study.factors[factor]:
                raise UserError(f"{where}: {factor} has no level {label!r}"
                                f"{_instead(label, study.factor(factor).labels)}")
        if len(set(labels)) < len(labels):
            raise UserError(f"{where}: {factor} names a level twice")
    if len({len(labels) for labels in hypothesis.order.values()}) > 1:
        raise UserError(f"hypotheses: {hypothesis.name}: order: factors have rows of different lengths")
    if any(len(labels) < 2 for labels in hypothesis.order.values()):
        raise UserError(f"hypotheses: {hypothesis.name}: order: needs two levels or more")


def _factors_named(hypothesis: Hypothesis) -> Iterator[tuple[str, str, Sequence[str]]]:
    """(field, factor, levels) of every factor that is named."""
    for field in ("between", "change", "order", "at"):
        for factor, labels in getattr(hypothesis, field).items():
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
"""Some of a cell's levels, and the weight of the cells that have them."""
Titled = tuple[str, list[Term]]


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of cell means whose weights sum to zero.

    Attributes:
        title: what it compares, in the study's own labels.
        weights: by cell; cells with no weight are left out.
        averaged: how many combinations of the other factors' levels it is the mean of, all alike.
        unmatched: combinations left out because the study lacks one of the cells to compare there.
    """

    title: str
    weights: Mapping[CellKey, float]
    averaged: int = 1
    unmatched: int = 0


@dataclass(frozen=True)
class Part:
    """What a hypothesis says at one combination of its ``each`` factors' levels; true if all contrasts are."""

    levels: Levels
    contrasts: tuple[Contrast, ...]


def contrasts_of(study: Study, hypothesis: Hypothesis) -> tuple[Part, ...]:
    """The parts of a hypothesis, in the order of its ``each`` factors' levels.

    Where a factor is averaged over, a combination of levels counts only if the study has all the cells to compare
    there: otherwise unlike cells would be averaged. A trend's weights are those of the slope of a least-squares line
    times the length of the axis, so that it is the change from the lowest level to the highest, in the metric's unit.

    Raises:
        UserError: it names a factor or level that the study has not, one factor twice, a level against itself, levels
            that are no numbers on an axis, or cells that do not exist.
    """
    check_roles(study, hypothesis)
    parts = []
    for labels in product(*(study.factor(name).labels for name in hypothesis.each)):
        levels = dict(zip(hypothesis.each, labels, strict=True))
        made = [_averaged(study, hypothesis, levels, title, terms)
                for title, terms in _KINDS[hypothesis.kind](study, hypothesis, levels)]
        contrasts = tuple(contrast for contrast in made if contrast is not None)
        # An ordering with a link missing is another claim; of a best, only those rivals count that exist.
        if contrasts and (len(contrasts) == len(made) or hypothesis.kind == "best"):
            parts.append(Part(levels, contrasts))
    return tuple(parts) or _refuse(hypothesis, "compares cells that do not exist in this study")


def _difference(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Titled]:
    first, second = _sides(hypothesis.between)
    return [_minus(first, second)]


def _interaction(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Titled]:
    (first, second), (here, there) = _sides(hypothesis.between), _sides(hypothesis.change)
    difference, terms = _minus(first, second)
    title = f"({difference}) at {_named(here)} − at {_named(there)}"
    return [(title, [({**of, **place}, weight * sign) for place, sign in ((here, 1.0), (there, -1.0))
                     for of, weight in terms])]


def _trend(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Titled]:
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
        return [(ends, line)]
    title, sides = _minus(*_sides(hypothesis.between))
    return [(f"{ends} ({title})",
             [({**side, **place}, weight * sign) for side, sign in sides for place, weight in line])]


def _ordering(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Titled]:
    rows = [dict(zip(hypothesis.order, row, strict=True)) for row in zip(*hypothesis.order.values(), strict=True)]
    return [_minus(first, second) for first, second in pairwise(rows)]


def _best(study: Study, hypothesis: Hypothesis, levels: Levels) -> list[Titled]:
    rivals = (dict(zip(hypothesis.best, labels, strict=True))
              for labels in product(*(study.factor(name).labels for name in hypothesis.best)))
    return [_minus(dict(hypothesis.best), rival) for rival in rivals if rival != hypothesis.best]


_KINDS = {"difference": _difference, "interaction": _interaction, "trend": _trend, "ordering": _ordering,
          "best": _best}


def _averaged(study: Study, hypothesis: Hypothesis, levels: Levels, title: str,
              terms: Sequence[Term]) -> Contrast | None:
    """The contrast as a mean over the levels of all factors that it does not name; None if there are no such cells."""
    moved = {factor for of, _ in terms for factor in of}
    choices = [[(name, label) for label in hypothesis.at.get(name, study.factor(name).labels)]
               for name in study.factors if name not in moved and name not in levels]
    there, matched, unmatched = set(study.cells), list[dict[CellKey, float]](), 0
    for others in product(*choices):
        weights = _at(study, terms, {**levels, **dict(others)})
        present = [cell in there for cell in weights]
        if all(present):
            matched.append(weights)
        unmatched += any(present) and not all(present)
    if not matched:
        return None
    return Contrast(title, _sum(matched, 1 / len(matched)), len(matched), unmatched)


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


def _minus(first: Levels, second: Levels) -> Titled:
    short = " ".join(second.values()) if len(second) == 1 else _named(second)
    return f"{_named(first)} − {short}", [(first, 1.0), (second, -1.0)]


def _named(levels: Mapping[str, str]) -> str:
    return ", ".join(f"{factor} {label}" for factor, label in levels.items())


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
