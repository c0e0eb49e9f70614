"""From texts to figures: each column is read with one meaning and one scale over the whole import."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.catalog.metrics import METRICS
from engine.imports.cells import UNITS, Number, is_empty, measure
from engine.imports.formats import Format
from engine.imports.meanings import EACH, F1, PERCENT, SHARE, Choices, Meaning, resolve
from engine.imports.result import Cells, Found, resolve_f1
from engine.store.chunks import Column

FULL = 6
"""Numbers with at least this number of decimals count as not rounded."""
_OF_THE_RUN = ("seconds", "parameters")
_ONE = 1 + 1e-6  # as the mean of rounded figures may be
_LEAST = {"count": (100, "parameters:M"), "bytes": (1 << 20, "peak_memory:GB")}
"""By unit, how much of it is likely at least, and an example of naming another."""
_NO_POINTS = (np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True)
class Source:
    """What a file holds before its columns have a meaning."""

    file: str
    kind: str
    runs: tuple[Found, ...]
    decimal: str = "point"
    known: Format | None = None
    notes: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def is_table(self) -> bool:
        return self.kind == "results"


@dataclass
class _Series:
    """The figures of one run and title."""

    run: Found
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    digits: int = 0
    percent: int = 0
    measured: int = 0
    spread: int = 0
    empty: int = 0
    odd: list[str] = field(default_factory=list)


def understand(sources: Sequence[Source], choices: Choices
               ) -> tuple[list[Found], dict[str, str], dict[str, str], tuple[str, ...]]:
    """Give the columns of several files their meaning and scale, and read their figures.

    Returns:
        The runs; by title, what was read as what; by title, what was left out and why; notes on what was decided.
    """
    notes: list[str] = []
    left: dict[str, str] = {}
    read: dict[str, str] = {}
    columns: dict[tuple[str, Meaning], list[_Series]] = {}
    of_tables: set[int] = set()
    for source in sources:
        meanings, out, column_notes = resolve([run.cells for run in source.runs], source.known, choices.columns,
                                              table=source.is_table, others=source.left_out)
        notes += [*source.notes, *column_notes]
        left |= source.left_out | out
        of_tables |= {id(run) for run in source.runs if source.is_table}
        for title, meaning in meanings.items():
            columns.setdefault((title, meaning), []).extend(
                _series(run, run.cells[title], meaning, source) for run in source.runs if title in run.cells)
    made = {id(run): replace(run, cells={}) for source in sources for run in source.runs}
    percent = []
    for (title, meaning), series in columns.items():
        why = _unreadable(title, series, meaning)
        scales, scale_notes = _scales(title, meaning, series)
        why = why or _not_a_share(series, meaning, scales)
        if why:
            left[title] = why
            continue
        percent += [title] if PERCENT in scales else []
        notes += [*scale_notes, *_value_notes(title, series, of_tables)]
        read[title] = _described(meaning, scales)
        rounding = _rounding(series, scales[0]) if scales else 0.0
        for one, scale in zip(series, scales, strict=True):
            key = id(one.run)
            made[key] = _with(made[key], meaning, one, scale, rounding if key in of_tables else 0.0,
                              table=key in of_tables)
    found, about_f1 = resolve_f1([_with_accuracy(one) for one in made.values()])
    notes = [f"Read as %: {', '.join(dict.fromkeys(percent))}."] * bool(percent) + notes + about_f1
    return found, read, left, tuple(dict.fromkeys(notes))


def _series(run: Found, cells: Cells, meaning: Meaning, source: Source) -> _Series:
    made = _Series(run)
    factor = UNITS.get(meaning.unit, {}).get(meaning.scale, 1)
    clocks = source.known is not None and source.known.clocks
    for step, text, line in cells:
        read = Number(text) if isinstance(text, float) else measure(
            text, "seconds" if meaning.name == "time" else meaning.unit, source.decimal, clocks=clocks)
        if (read is None and is_empty(str(text))) or (source.is_table and is_empty(str(text))):
            made.empty += 1
        elif read is None or (source.is_table and not math.isfinite(read.value)):
            made.odd.append(f"{source.file}: line {line}: {meaning.metric or meaning.name}: {text!r} is not a number")
        else:
            made.steps.append(step)
            made.values.append(read.value if read.measured else read.value * factor)
            made.measured += read.measured
            made.digits = max(made.digits, read.digits)
            made.percent += read.percent
            made.spread += read.spread
    return made


def _unreadable(title: str, series: Sequence[_Series], meaning: Meaning) -> str:
    """Return why a column is no column of figures: it has none, at least as many other texts, or no likely unit."""
    odd = [text for one in series for text in one.odd]
    many = sum(len(one.values) for one in series)
    if odd and len(odd) >= many:
        return odd[0]
    if not many:
        return "it has no figures"
    values = [value for one in series for value in one.values]
    least, example = _LEAST.get(meaning.unit, (0, ""))
    if meaning.scale or any(one.measured for one in series) or (
            max(values) >= least and all(value.is_integer() for value in values if math.isfinite(value))) or not least:
        return ""
    return f"its unit is not told, and {values[0]:g} is unlikely; say it, for example by --column {title!r}={example}"


def _scales(title: str, meaning: Meaning, series: Sequence[_Series]) -> tuple[list[str], list[str]]:
    """Return the scale of each run's figures, empty if they are no shares: by the title, then by all its values."""
    if meaning.unit != "share":
        return [""] * len(series), []
    most = [max(map(abs, filter(math.isfinite, one.values)), default=0.0) for one in series]
    if meaning.scale == EACH:
        return [PERCENT if each > _ONE else SHARE for each in most], []
    small = [one for one, each in zip(series, most, strict=True) if 0 < each <= 1]
    signs = any(one.percent for one in series)
    scale = meaning.scale or (PERCENT if signs or max(most, default=0) > _ONE else SHARE)
    if meaning.surely or scale == SHARE or not small or (signs and all(one.percent for one in small)):
        return [scale] * len(series), []
    where = small[0].run.name or small[0].run.where
    option = f"--column {title!r}={meaning.option}"
    if len(small) == sum(each > 0 for each in most):
        note = f"{title} is read as % because of its title, though none of its figures is above 1; {option}:share " \
               "would read them as shares."
    else:
        note = f"{title} is read as % because some of its figures are above 1; {where} is not, and is read as " \
               f"{max(small[0].values, key=abs):g} %; {option}:each would read it as a share."
    return [scale] * len(series), [note]


def _not_a_share(series: Sequence[_Series], meaning: Meaning, scales: Sequence[str]) -> str:
    for one, scale in zip(series, scales, strict=True):
        most = 100 if scale == PERCENT else 1
        odd = next((value for value in one.values if math.isfinite(value) and not 0 <= value <= most * _ONE), None)
        if scale and odd is not None:
            return f"{one.run.where}: {meaning.metric}: '{odd:g}' is not a share of 0 to 1 or 0 to 100 %"
    return ""


def _value_notes(title: str, series: Sequence[_Series], of_tables: set[int]) -> list[str]:
    """Return what was left out of a column's cells."""
    tabled = [one for one in series if id(one.run) in of_tables]
    empty, spread = sum(one.empty for one in tabled), sum(one.spread for one in series)
    odd = [text for one in series for text in one.odd]
    shared = sum(len(one.steps) - len(set(one.steps)) for one in series)
    notes = [f"{title}: {shared} points share a step with a later one, which counts."] if shared else []
    notes += [f"{title}: {empty} of {len(tabled)} cells are empty."] if empty else []
    notes += [f"{title}: {len(odd)} cell{'s' * (len(odd) != 1)} left out, first {odd[0]}."] if odd else []
    return notes + ([f"{title}: {spread} figures have a ± or brackets; the figure before is read as that of one run, "
                     "the other is left out."] if spread else [])


def _with_accuracy(found: Found) -> Found:
    """Add the accuracy that follows from a curve of the error."""
    curves = {f"{part}_accuracy": (steps, 1 - values) for part in ("train", "val")
              for steps, values in (found.curves.get(f"{part}_top1_error", _NO_POINTS),) if len(steps)}
    return replace(found, curves=curves | found.curves)


def _described(meaning: Meaning, scales: Sequence[str]) -> str:
    name = meaning.metric if meaning.part == "test" or not meaning.of_part else meaning.name
    part = {"test": " of the test part", "train": "", "val": ""}.get(meaning.part, "")
    factor = UNITS.get(meaning.unit, {}).get(meaning.scale)
    unit = ", in %" if PERCENT in scales else f", in units of {factor:,.10g}" if factor else ""
    return f"{name or meaning.name}{part}{unit}"


def _rounding(series: Iterable[_Series], scale: str) -> float:
    """Return half of the last digit of the value with the most, because trailing zeros are often omitted; 0 if full."""
    digits = [one.digits for one in series if one.values]
    return 0.5 * 10.0 ** -max(digits) * _factor(scale) if digits and max(digits) < FULL else 0.0


def _factor(scale: str) -> float:
    return 0.01 if scale == PERCENT else 1.0


def _with(found: Found, meaning: Meaning, one: _Series, scale: str, rounding: float, *, table: bool) -> Found:
    """Add a column's figures to a run: test's as figures, the others as curves."""
    # Without floating-point noise: 45.88 % is 0.4588, not 0.45880000000000004.
    values = [round(value / 100, 12) if scale == PERCENT else value for value in one.values]
    if not values:
        return found
    figure = "val_accuracy" if (meaning.part, meaning.metric) == ("val", "top1") else meaning.metric
    whole = not meaning.of_part or meaning.part == "test" or figure == "val_accuracy"
    if table and (whole and (figure in METRICS or figure == F1)):
        return replace(found, figures=found.figures | {figure: values[-1]},
                       rounding=found.rounding | ({figure: rounding} if rounding else {}))
    points = _points(one.steps, values)
    last = float(points[1][-1])
    figures = {figure: last} if (meaning.part == "test" or figure in _OF_THE_RUN) and math.isfinite(last) else {}
    return replace(found, curves=found.curves | {meaning.name: points}, figures=found.figures | figures)


def _points(steps: Sequence[int], values: Sequence[float]) -> Column:
    """Sort points by step; the last of several at one step counts."""
    by_step = dict(zip(steps, values, strict=True))
    ordered = sorted(by_step)
    return np.array(ordered, np.int64), np.array([by_step[step] for step in ordered], np.float64)
