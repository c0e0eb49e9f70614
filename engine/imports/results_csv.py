"""Tables with one row per run: printed results, or tables of runs from W&B and MLflow."""

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
"""Numbers with at least this number of decimals count as not rounded."""


@dataclass(frozen=True)
class Numbers:
    """A column of values in the metric's unit; None for empty cells.

    Attributes:
        rounding: half of the last digit of the column, in the same unit; 0 if printed in full.
        percent: whether they were printed in %.
    """

    values: tuple[float | None, ...]
    rounding: float
    percent: bool


def read_numbers(texts: Sequence[str], metric: str, places: Sequence[str]) -> Numbers:
    """Read the values of a column; shares are in % if one is above 1 or has a % sign.

    All have the rounding of the value with the most digits, because trailing zeros are often omitted.

    Args:
        places: the place of each value, for error messages.

    Raises:
        UserError: a cell is not a number, or a share is not between 0 and 1, or 0 and 100 %.
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
    """Return the number's text and its % sign; None for an empty cell."""
    if text.lower() in _EMPTY:
        return None
    found = _NUMBER.fullmatch(_with_point(text))
    if found is None or not math.isfinite(float(found[1])):
        raise UserError(f"import: {place}: {metric}: {text!r} is not a number")
    return found[1], found[2]


def _with_point(text: str) -> str:
    """Remove commas between thousands, and replace a decimal comma by a point."""
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")


def _scaled(text: str, percent: bool) -> float:
    """Convert % to a share without floating-point noise: 45.88 to 0.4588, not 0.45880000000000004."""
    return round(float(text) / 100, 12) if percent else float(text)


def _digits(text: str) -> int:
    mantissa, _, exponent = text.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)


def resolve_f1(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """Rename ``f1`` to the metric that it is, with a note on why.

    It is the harmonic mean of macro precision and macro recall if the printed digits agree with that in every row;
    otherwise the mean of the classes' F1.
    """
    holding = [one for one in found if "f1" in one.figures]
    if not holding:
        return list(found), []
    judged = [one for one in holding if {"macro_precision", "macro_recall"} <= one.figures.keys()]
    other = next((one for one in judged if not _is_of_means(one)), None)
    if judged and other is None:
        name, note = "f1_of_means", (f"F1 is the harmonic mean of precision and recall in all {len(judged)} rows, so "
                                     "it is read as F1 of means, not as the mean of the classes' F1.")
    elif other is not None:
        name, note = "macro_f1", (f"F1 is not the harmonic mean of precision and recall ({other.where}: "
                                  f"{100 * _of_means(other):.2f} %, printed {100 * other.figures['f1']:.2f} %): it is "
                                  "read as the mean of the classes' F1.")
    else:
        name, note = "macro_f1", "F1 is read as the mean of the classes' F1; the file does not define it."
    return [_renamed(one, name) for one in found], [note]


def _of_means(one: Found) -> float:
    precision, recall = one.figures["macro_precision"], one.figures["macro_recall"]
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _is_of_means(one: Found) -> bool:
    """Return whether F1 is the harmonic mean of precision and recall within rounding."""
    open_ = sum(one.rounding.get(name, 0.0) for name in ("f1", "macro_precision", "macro_recall"))
    return abs(_of_means(one) - one.figures["f1"]) <= open_ + 1e-9


def _renamed(one: Found, name: str) -> Found:
    def moved(values: dict[str, float]) -> dict[str, float]:
        return {name if key == "f1" else key: value for key, value in values.items()}

    return replace(one, figures=moved(one.figures), rounding=moved(one.rounding))


_STATUS = {"finished": Status.FINISHED, "crashed": Status.FAILED, "failed": Status.FAILED, "killed": Status.STOPPED,
           "running": Status.STOPPED, "scheduled": Status.STOPPED}


def read_results(sheet: Sheet) -> Reading:
    """Read one result per row.

    Raises:
        UserError: a value is not a number.
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
    named, about_f1 = resolve_f1(found)
    return Reading(tuple(named), (*_notes(sheet, figures, columns, settings, name), *about_f1))


def _figure_columns(sheet: Sheet) -> dict[str, int]:
    """Return the column of each metric."""
    meant: dict[str, list[str]] = {}
    for key, title in zip(sheet.keys, sheet.header, strict=True):
        name = figure_of(key)
        if name is not None and not title.startswith(("params.", "config.")):
            meant.setdefault(name, []).append(key)
    return {name: sheet.keys.index(preferred(keys, name)) for name, keys in meant.items()}


def _settings_columns(sheet: Sheet, figures: set[int]) -> dict[str, int]:
    """Return the columns of settings: options, and words that distinguish runs."""
    found = {}
    skipped = (*NOT_READ, *NAMES, *STATES, *RUN_IDS, *(TRACKED_ONLY if _column(sheet, STATES) is not None else ()))
    for place, key in enumerate(sheet.keys):
        if place in figures or key in skipped or key.startswith("tags_mlflow"):
            continue
        texts = [text for text in sheet.column(place) if text]
        known = any(options_of(key, text) is not None for text in texts)
        words = not all(map(is_number, texts)) and 1 < len(set(texts)) <= len(texts) / 2
        if option_of_column(key) not in ("seed", "name") and texts and (known or words):
            found[key] = place
    return found


def _name_column(sheet: Sheet) -> int | None:
    """Return a column of unique names, if there is one."""
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
    known = (*STATES, *NOT_READ, *RUN_IDS, *TRACKED_ONLY)
    ignored = {place for place, key in enumerate(sheet.keys)
               if key in known or key.startswith("tags_mlflow") or option_of_column(key) in ("seed", "name")}
    left = [title for place, title in enumerate(sheet.header) if place not in used | ignored]
    return [*notes, *([f"Not read: {', '.join(left)}."] if left else [])]
