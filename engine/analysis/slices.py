"""Metrics of slices of the test pictures, and their changes from one checkpoint to another."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import gammaln, ndtri, stdtr, stdtrit

from engine.analysis.checkpoint_pairs import mcnemar
from engine.analysis.ensemble import mean_change
from engine.analysis.judging.significance import holm
from engine.catalog.metric import CONFUSION, Metric
from engine.catalog.metrics import METRICS
from engine.evaluation.by_picture import picture_values
from engine.evaluation.metrics import Floats, Ints, Predictions
from engine.evaluation.slices import CLASS, Slicing
from engine.words import counted, p_value

LEAST = 10
"""A slice of fewer pictures, or with fewer pictures besides it, is not judged."""

_LEVEL = 0.95
_ALPHA = 0.05
_NAMED = 3


class SliceRow(NamedTuple):
    """A metric of one slice.

    Attributes:
        value: the metric on its pictures, with a 95 % interval from ``low`` to ``high``.
        rest: the metric on all other pictures.
        p: two-sided, that slice and rest are equal, with Holm's correction (1979) over all slices.
    """

    slicing: str
    group: str
    pictures: int
    value: float
    low: float
    high: float
    rest: float
    p: float


class Change(NamedTuple):
    """A metric of one slice before and after.

    Attributes:
        size: its pictures; of a detector's class or size of objects, its objects.
        low, high: 95 % interval of the change; NaN if it has too few pictures.
        p: two-sided, that nothing changed; NaN likewise. See :func:`corrected`.
    """

    slicing: str
    group: str
    size: int
    before: float
    after: float
    low: float
    high: float
    p: float

    @property
    def change(self) -> float:
        return self.after - self.before


def slice_rows(measured: Any, key: str, slicings: Iterable[Slicing]) -> list[SliceRow]:
    """Return a metric of each slice with enough pictures, the worst first.

    Shares of right pictures have Wilson's interval (1927) and Fisher's exact test against the rest (1922); other
    metrics have Student's interval and Welch's test (1947) on their values of single pictures.

    Args:
        measured: the predictions of a classifier, or the outcome of a detector.
        key: a metric with values of single pictures.
    """
    sign = -1.0 if METRICS[key].higher_is_better is False else 1.0
    picture_values(measured, key)  # matches a detector's boxes once for all slices
    found = [_row(measured, key, slicing, group) for slicing, group in _groups(key, slicings)
             if (slicing.of_picture != group).sum() >= LEAST]
    adjusted = holm([row.p for row in found])
    rows = [row._replace(p=p) for row, p in zip(found, adjusted, strict=True)]
    return sorted(rows, key=lambda row: (row.p >= _ALPHA or sign * (row.value - row.rest) > 0, sign * row.value))


def slice_changes(before: Any, after: Any, key: str, slicings: Iterable[Slicing]) -> list[Change]:
    """Return the change of a metric on each slice with enough pictures, not corrected yet.

    Both are of the same pictures. Shares of right pictures have the exact McNemar test (1947) and the interval of
    :func:`engine.analysis.ensemble.mean_change`, other metrics the paired t test and its interval on their values of
    single pictures.
    """
    found = []
    for each in (before, after):
        picture_values(each, key)  # matches a detector's boxes once for all slices
    for slicing, group in _groups(key, slicings):
        inside = np.flatnonzero(slicing.of_picture == group)
        (value_a, a), (value_b, b) = (_values(each, key, inside) for each in (before, after))
        low, high, p = paired(a, b)
        found.append(Change(slicing.name, slicing.groups[group], len(inside), value_a, value_b, low, high, p))
    return found


def name_worst(rows: Sequence[SliceRow], key: str) -> list[str]:
    """Name the slices that are worse than the rest beyond chance, in sentences; without any, the lowest."""
    if not rows:
        return []
    metric = METRICS[key]
    worse = [row for row in rows if row.p < _ALPHA and _is_worse(metric, row.value - row.rest)]
    if worse:
        return [f"Worse than the rest beyond chance: {_number(worse)} ({_corrected(rows)})",
                *(f"{_said(row, metric)}, p {p_value(row.p)}" for row in worse[:_NAMED])]
    return [f"No slice is worse than the rest beyond chance ({_corrected(rows)}). The lowest: {_said(rows[0], metric)}"]


def name_worsened(changes: Sequence[Change], key: str) -> list[str]:
    """Name the slices that got worse beyond chance, in sentences."""
    metric, tested = METRICS[key], [change for change in changes if not math.isnan(change.p)]
    worse = [change for change in tested if change.p < _ALPHA and _is_worse(metric, change.change)]
    if not tested:
        return []
    if not worse:
        return [f"No slice got worse beyond chance ({_corrected(tested)})"]
    return [f"Got worse beyond chance: {_number(worse)} ({_corrected(tested)})",
            *(f"{change.slicing} {change.group}: {metric.word} {metric.text(change.before)} → "
              f"{metric.text(change.after)}, p {p_value(change.p)}" for change in worse[:_NAMED])]


def _number(worse: Sequence[object]) -> str:
    """``7 slices, here the worst 3``; a set of a hundred classes would else fill the page."""
    return counted(len(worse), "slice") + (f", here the worst {_NAMED}" if len(worse) > _NAMED else "")


def corrected(changes: Iterable[Change]) -> list[Change]:
    """Return changes, largest first, with Holm's correction over those that were tested."""
    listed = sorted(changes, key=lambda change: -abs(change.change))
    adjusted = iter(holm([change.p for change in listed if not math.isnan(change.p)]))
    return [change if math.isnan(change.p) else change._replace(p=next(adjusted)) for change in listed]


def fisher(right: int, wrong: int, other_right: int, other_wrong: int) -> float:
    """Return the two-sided p of Fisher's exact test (1922): of all tables with these sums, the share of those that are
    as unlikely or more."""
    inside, hits, total = right + wrong, right + other_right, right + wrong + other_right + other_wrong
    possible = np.arange(max(0, inside + hits - total), min(inside, hits) + 1)
    logs = _choose(hits, possible) + _choose(total - hits, inside - possible)
    chances = np.exp(logs - logs.max())
    mine = chances[right - possible[0]]
    return min(1.0, float(chances[chances <= mine * (1 + 1e-7)].sum() / chances.sum()))


def wilson(right: int, pictures: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval (1927) of a share."""
    z2, share = float(ndtri((1 + _LEVEL) / 2)) ** 2, right / pictures
    middle, half = share + z2 / (2 * pictures), math.sqrt(
        z2 * share * (1 - share) / pictures + (z2 / (2 * pictures)) ** 2)
    return (middle - half) / (1 + z2 / pictures), (middle + half) / (1 + z2 / pictures)


def _groups(key: str, slicings: Iterable[Slicing]) -> list[tuple[Slicing, int]]:
    """Return the slices with enough pictures. A metric over classes has no meaning on a single one."""
    found = []
    for slicing in slicings:
        if slicing.name != CLASS or METRICS[key].by_picture != CONFUSION:
            counts = np.bincount(slicing.of_picture[slicing.of_picture >= 0], minlength=len(slicing.groups))
            found += [(slicing, int(group)) for group in np.flatnonzero(counts >= LEAST)]
    return found


def _row(measured: Any, key: str, slicing: Slicing, group: int) -> SliceRow:
    within = slicing.of_picture == group
    (value, inside), (rest, outside) = (_values(measured, key, np.flatnonzero(rows)) for rows in (within, ~within))
    if _are_hits(inside):
        right, others = int(inside.sum()), int(outside.sum())
        low, high = wilson(right, len(inside))
        p = fisher(right, len(inside) - right, others, len(outside) - others)
    else:
        low, high = _interval(inside, value)
        p = _welch_p(inside, outside)
    return SliceRow(slicing.name, slicing.groups[group], len(inside), value, low, high, rest, p)


def _values(measured: Any, key: str, rows: Ints) -> tuple[float, Floats]:
    """Return a metric on these pictures, and its values of single ones."""
    if isinstance(measured, Predictions) and METRICS[key].by_picture != CONFUSION:
        whole = picture_values(measured, key)
        assert whole is not None
        return float(whole[rows].mean()), whole[rows]
    taken = measured.take(rows)
    values = picture_values(taken, key)
    assert values is not None
    of_classes = isinstance(measured, Predictions)  # whose values have only nearly this mean
    return float(METRICS[key].evaluate(taken) if of_classes else values.mean()), values


def _interval(values: Floats, around: float | None = None) -> tuple[float, float]:
    middle = float(values.mean()) if around is None else around
    half = float(stdtrit(len(values) - 1, (1 + _LEVEL) / 2)) * float(values.std(ddof=1)) / len(values) ** 0.5
    return middle - half, middle + half


def _welch_p(one: Floats, other: Floats) -> float:
    parts = np.array([values.var(ddof=1) / len(values) for values in (one, other)])
    if parts.sum() <= 0:
        return 1.0
    df = parts.sum() ** 2 / (parts**2 / (np.array([len(one), len(other)]) - 1)).sum()
    return 2 * float(stdtr(df, -abs(one.mean() - other.mean()) / parts.sum() ** 0.5))


def paired(before: Floats, after: Floats) -> tuple[float, float, float]:
    """Return the 95 % interval of the mean change of single pictures' values, and its p."""
    change = after - before
    if _are_hits(before) and _are_hits(after):
        gain = mean_change(change.astype(int))
        return gain.low, gain.high, mcnemar(int((change > 0).sum()), int((change < 0).sum()))
    error = float(change.std(ddof=1)) / len(change) ** 0.5
    p = 2 * float(stdtr(len(change) - 1, -abs(float(change.mean())) / error)) if error > 0 else 1.0
    return *_interval(change), p


def _are_hits(values: Floats) -> bool:
    return bool(np.isin(values, (0, 1)).all())


def _choose(total: int, taken: Ints) -> Floats:
    found: Floats = gammaln(total + 1) - gammaln(taken + 1) - gammaln(total - taken + 1)
    return found


def _is_worse(metric: Metric, difference: float) -> bool:
    return difference > 0 if metric.higher_is_better is False else difference < 0


def _corrected(rows: Sequence[object]) -> str:
    return f"Holm's correction over {counted(len(rows), 'slice')}"


def _said(row: SliceRow, metric: Metric) -> str:
    return (f"{row.slicing} {row.group}, {metric.word} {metric.text(row.value)} ({_LEVEL:.0%} interval "
            f"{metric.text(row.low)} to {metric.text(row.high)}) on {counted(row.pictures, 'picture')}, "
            f"{metric.text(row.rest)} on the rest")
