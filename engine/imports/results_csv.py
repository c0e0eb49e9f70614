"""Tables with a row a run: printed results, W&B's table of runs, MLflow's."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.catalog.metrics import METRICS
from engine.errors import UserError
from engine.imports.columns import (
    NAMES,
    NOT_READ,
    RUN_IDS,
    STATES,
    TRACKED_ONLY,
    figure_of,
    option_of_column,
    options_of,
    plain,
    preferred,
)
from engine.imports.result import Found, Reading
from engine.imports.sheet import Sheet
from engine.store import Status

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)\s*(%*)")
_EMPTY = ("", "-", "–", "—", "nan", "none", "null", "n/a")
_FULL = 6
"""Digits after the point from which on a number counts as not rounded."""


@dataclass(frozen=True)
class Numbers:
    """A column of figures in the metric's unit; None where a cell is empty.

    Attributes:
        rounding: half of the last digit of the column, in the same unit; 0 where the numbers were printed in full.
        percent: they were printed in %.
    """

    values: tuple[float | None, ...]
    rounding: float
    percent: bool


def read_numbers(texts: Sequence[str], metric: str, places: Sequence[str]) -> Numbers:
    """The figures of a column; shares are taken for % where one is above 1 or has the sign.

    All have the rounding of the one with the most digits, since zeros at the end are often not written.

    Args:
        places: where each stands, for error messages.

    Raises:
        UserError: a cell is no number, or a share is not between 0 and 1, or 0 and 100 %.
    """
    matched = [_matched(text, metric, place) for text, place in zip(texts, places, strict=True)]
    share = metric == "f1" or METRICS[metric].unit == "share"
    percent = share and any(found and (found[1] or abs(float(found[0])) > 1) for found in matched)
    scale = 0.01 if percent else 1.0
    values = tuple(None if found is None else _scaled(found[0], percent) for found in matched)
    for value, text, place in zip(values, texts, places, strict=True):
        if share and value is not None and not 0 <= value <= 1:
            raise UserError(f"import: {place}: {metric}: {text!r} is not a share of 0 to 1 or 0 to 100 %")
    digits = [_digits(found[0]) for found in matched if found is not None]
    rounding = 0.5 * 10.0 ** -max(digits) * scale if digits and max(digits) < _FULL else 0.0
    return Numbers(values, rounding, percent)


def is_number(text: str) -> bool:
    return text.lower() in _EMPTY or _NUMBER.fullmatch(_with_point(text)) is not None


def _matched(text: str, metric: str, place: str) -> tuple[str, str] | None:
    """The number's text and its % sign; None where there is none."""
    if text.lower() in _EMPTY:
        return None
    found = _NUMBER.fullmatch(_with_point(text))
    if found is None or not math.isfinite(float(found[1])):
        raise UserError(f"import: {place}: {metric}: {text!r} is not a number")
    return found[1], found[2]


def _with_point(text: str) -> str:
    """Without commas between thousands, and with a point where a comma stands for it."""
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")


def _scaled(text: str, percent: bool) -> float:
    """Shares of printed % have no more digits than were printed: 45.88 is 0.4588, not 0.45880000000000004."""
    return round(float(text) / 100, 12) if percent else float(text)


def _digits(text: str) -> int:
    mantissa, _, exponent = text.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)


def told_apart(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """Results whose ``f1`` is named for what it is, and a sentence that says why.

    It is the harmonic mean of macro precision and macro recall if it is so in every row, as far as the printed digits
    tell; otherwise the mean of the classes' F1.
    """
    holding = [one for one in found if "f1" in one.figures]
    if not holding:
        return list(found), []
    judged = [one for one in holding if {"macro_precision", "macro_recall"} <= one.figures.keys()]
    other = next((one for one in judged if not _is_of_means(one)), None)
    if judged and other is None:
        name, note = "f1_of_means", (f"F1 is the harmonic mean of precision and recall in all {len(judged)} rows: it "
                                     "is read as F1 of means, not as the mean of the classes' F1.")
    elif other is not None:
        name, note = "macro_f1", (f"F1 is not the harmonic mean of precision and recall ({other.where}: "
                                  f"{100 * _of_means(other):.2f} %, printed {100 * other.figures['f1']:.2f} %): it is "
                                  "read as the mean of the classes' F1.")
    else:
        name, note = "macro_f1", "F1 is read as the mean of the classes' F1; the file does not tell which it is."
    return [_renamed(one, name) for one in found], [note]


def _of_means(one: Found) -> float:
    precision, recall = one.figures["macro_precision"], one.figures["macro_recall"]
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _is_of_means(one: Found) -> bool:
    """Both are rounded, and a mean of two changes by no more than they do."""
    open_ = sum(one.rounding.get(name, 0.0) for name in ("f1", "macro_precision", "macro_recall"))
    return abs(_of_means(one) - one.figures["f1"]) <= open_ + 1e-9


def _renamed(one: Found, name: str) -> Found:
    def moved(values: dict[str, float]) -> dict[str, float]:
        return {name if key == "f1" else key: value for key, value in values.items()}

    return replace(one, figures=moved(one.figures), rounding=moved(one.rounding))


_STATUS = {"finished": Status.FINISHED, "crashed": Status.FAILED, "failed": Status.FAILED, "killed": Status.STOPPED,
           "running": Status.STOPPED, "scheduled": Status.STOPPED}


def read_results(sheet: Sheet) -> Reading:
    """One result a row.

    Raises:
        UserError: a figure is no number, or a seed no whole one.
    """
    places = [f"{sheet.path.name}: line {line}" for line in sheet.lines]
    columns = _figure_columns(sheet)
    figures = {name: read_numbers(sheet.column(place), name, places) for name, place in columns.items()}
    settings = _settings_columns(sheet, set(columns.values()))
    name, state = _name_column(sheet), _column(sheet, STATES)
    found = [Found(places[row], cells[name] if name is not None else "",
                   {key: plain(cells[place]) for key, place in settings.items() if cells[place]},
                   *_row(figures, row), seed=_seed(sheet, cells),
                   status=_STATUS.get(cells[state].lower(), Status.FINISHED) if state is not None else Status.FINISHED)
             for row, cells in enumerate(sheet.rows)]
    named, about_f1 = told_apart(found)
    return Reading(tuple(named), (*_notes(sheet, figures, columns, settings, name), *about_f1))


def _figure_columns(sheet: Sheet) -> dict[str, int]:
    """The place of each figure's column."""
    meant: dict[str, list[str]] = {}
    for key, title in zip(sheet.keys, sheet.header, strict=True):
        name = figure_of(key)
        if name is not None and not title.startswith(("params.", "config.")):
            meant.setdefault(name, []).append(key)
    return {name: sheet.keys.index(preferred(keys, name)) for name, keys in meant.items()}


def _settings_columns(sheet: Sheet, figures: set[int]) -> dict[str, int]:
    """The place of each column that tells how a run was made: options, and words that tell runs apart."""
    found = {}
    passed = (*NOT_READ, *NAMES, *STATES, *RUN_IDS, *(TRACKED_ONLY if _column(sheet, STATES) is not None else ()))
    for place, key in enumerate(sheet.keys):
        if place in figures or key in passed or key.startswith("tags_mlflow"):
            continue
        texts = [text for text in sheet.column(place) if text]
        said = [options_of(key, text) for text in texts]
        told = any(one is not None for one in said)
        words = not all(map(is_number, texts)) and 1 < len(set(texts)) <= len(texts) / 2
        if option_of_column(key) not in ("seed", "name") and texts and (told or words):
            found[key] = place
    return found


def _name_column(sheet: Sheet) -> int | None:
    """A column of names, if each run has its own."""
    places = [sheet.keys.index(key) for key in (*NAMES, *RUN_IDS) if key in sheet.keys]
    return next((place for place in places if len(set(sheet.column(place))) == len(sheet.rows)
                 and all(sheet.column(place))), None)


def _column(sheet: Sheet, keys: tuple[str, ...]) -> int | None:
    return next((sheet.keys.index(key) for key in keys if key in sheet.keys), None)


def _row(figures: Mapping[str, Numbers], row: int) -> tuple[dict[str, float], dict[str, float]]:
    values = {name: value for name, numbers in figures.items() if (value := numbers.values[row]) is not None}
    return values, {name: figures[name].rounding for name in values if figures[name].rounding}


def _seed(sheet: Sheet, cells: tuple[str, ...]) -> int | None:
    place = next((place for place, key in enumerate(sheet.keys) if option_of_column(key) == "seed"), None)
    try:
        return None if place is None or not cells[place] else int(float(cells[place]))
    except ValueError:
        return None


def _notes(sheet: Sheet, figures: Mapping[str, Numbers], columns: Mapping[str, int], settings: Mapping[str, int],
           name: int | None) -> list[str]:
    notes = []
    percent = [sheet.header[columns[figure]] for figure, numbers in figures.items() if numbers.percent]
    if percent:
        notes.append(f"Read as %: {', '.join(percent)}.")
    gaps = Counter({sheet.header[columns[figure]]: sum(value is None for value in numbers.values)
                    for figure, numbers in figures.items()})
    notes += [f"{column}: {count} of {len(sheet.rows)} cells are empty." for column, count in gaps.items() if count]
    used = {*columns.values(), *settings.values(), name}
    unsaid = (*STATES, *NOT_READ, *RUN_IDS, *TRACKED_ONLY)
    silent = {place for place, key in enumerate(sheet.keys)
              if key in unsaid or key.startswith("tags_mlflow") or option_of_column(key) in ("seed", "name")}
    left = [title for place, title in enumerate(sheet.header) if place not in used | silent]
    return [*notes, *([f"Not read: {', '.join(left)}."] if left else [])]
