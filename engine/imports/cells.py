"""What stands in a cell: a number in anybody's spelling, a length of time, a date, or nothing."""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from engine.errors import UserError

EMPTY = ("", "-", "–", "—", "--", "nan", "none", "null", "n/a", "n.a.", "na", "<na>", "#n/a", "?", "nat")
POINT, COMMA = "point", "comma"
DECIMALS = (POINT, COMMA)

_LONGEST = 400
_COMMON = re.compile(r"-?[0-9]+(?:\.([0-9]*))?")
_SPREAD = r"(?:\s*(?:±|\+/-|\+-|\\pm)\s*[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?\s*%?|\s*\([0-9][0-9.,]*\))"
_CELL = re.compile(rf"(?P<number>[+-]?[0-9.,' ]*[0-9][.,]?(?:[eE][+-]?[0-9]+)?)\s*(?P<percent>%*)(?P<spread>{_SPREAD})?"
                   r"(?P<behind>\s*%*)")
UNITS: dict[str, dict[str, float]] = {unit: {
    word: factor for words, factor in rows for word in words.split()} for unit, rows in {
    "count": (("k thousand", 1e3), ("m mio million millions", 1e6), ("b g bn billion billions", 1e9)),
    "seconds": (("ms msec milliseconds", 0.001), ("s sec secs second seconds", 1.0),
                ("m min mins minute minutes", 60.0), ("h hr hrs hour hours", 3600.0), ("d day days", 86400.0)),
    "bytes": (("b byte bytes", 1.0), ("k kb", 1e3), ("m mb", 1e6), ("g gb", 1e9), ("t tb", 1e12), ("kib", 2.0 ** 10),
              ("mib", 2.0 ** 20), ("gib", 2.0 ** 30), ("tib", 2.0 ** 40)),
}.items()}
"""By a metric's unit, what the words for its multiples stand for."""

_GROUPED = {mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+") for mark in (",", ".", " ", "'")}
_PLAIN_SPACES = str.maketrans(dict.fromkeys("\xa0\u2009\u202f\u2007\t", " ") | {
    "−": "-", "’": "'", "$": "", "*": ""})
_LENGTH = re.compile(rf"([0-9]+(?:[.,][0-9]+)?)\s*({'|'.join(UNITS['seconds'])})(?![a-z])\.?,?\s*(?:and\s+)?")
_MULTIPLE = re.compile(r"(.*[0-9.,])\s*([a-z]+)\.?", re.DOTALL)
_CLOCK = re.compile(r"(?:([0-9]+)\s*days?,?\s*)?([0-9]+):([0-5]?[0-9]):([0-5]?[0-9](?:[.,][0-9]+)?)")
_SHORT_CLOCK = re.compile(r"([0-9]+):([0-5][0-9](?:\.[0-9]+)?)")
_DATES = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%b %d, %Y", "%d %b %Y", "%d-%m-%Y")


class Number(NamedTuple):
    """A number as it was printed.

    Attributes:
        percent: whether a % sign stands behind it.
        measured: whether its cell names a unit, which is taken into account.
        digits: how many it has behind the decimal point.
        spread: whether a ± or a figure in brackets follows.
    """

    value: float
    percent: bool = False
    digits: int = 17
    spread: bool = False
    measured: bool = False


def is_empty(text: str) -> bool:
    return text.lower() in EMPTY


def number(text: str, decimal: str = POINT) -> Number | None:
    """Read a number; None if it is none.

    Args:
        decimal: how those with one mark before three digits, ``1,234``, are read; the others have one reading.
    """
    common = _COMMON.fullmatch(text) if decimal == POINT and len(text) < _LONGEST else None
    if common is not None:  # for speed: most cells
        return Number(float(text), digits=len(common[1] or ""))
    plain = text.translate(_PLAIN_SPACES).strip()
    if len(plain) > _LONGEST:
        return None
    if plain.lower().lstrip("+-") in ("inf", "infinity", "nan", "∞"):
        return Number(float(plain.lower().replace("∞", "inf")))
    found = _CELL.fullmatch(plain)
    spelled = found and _spelled(found["number"].strip(), decimal)
    if found is None or spelled is None:
        return None
    return Number(float(spelled), bool(found["percent"] or found["behind"].strip() or "%" in (found["spread"] or "")),
                  _digits(spelled), bool(found["spread"]))


def measure(text: str, unit: str, decimal: str = POINT, *, clocks: bool = False) -> Number | None:
    """Read a figure in the unit of its metric, also where its cell names a multiple: ``11.7M``, ``2.3 GB``, ``2m 13s``.

    Args:
        clocks: whether ``5:30`` is minutes and seconds; otherwise it is none, as it may be hours and minutes.
    """
    if unit == "seconds":
        return seconds(f"0:{text.strip()}" if clocks and _SHORT_CLOCK.fullmatch(text.strip()) else text, decimal)
    multiple = _MULTIPLE.fullmatch(text.translate(_PLAIN_SPACES).strip().lower()) if unit in UNITS else None
    factor = UNITS[unit].get(multiple[2]) if multiple else None
    if multiple and factor is not None:
        read = number(multiple[1].strip(), decimal)
        return None if read is None else Number(read.value * factor, measured=True)
    return _count(text) if unit == "count" else number(text, decimal)


def _count(text: str) -> Number | None:
    """Read a whole number, whose commas and points all part thousands; None if it is none."""
    plain = text.translate(_PLAIN_SPACES).strip()
    return number(re.sub(r"[,.' ](?=[0-9]{3}(?:[^0-9]|$))", "", plain)) or number(plain)


def seconds(text: str, decimal: str = POINT) -> Number | None:
    """Read a length of time: seconds, ``2m 13s``, ``1:02:03``, ``1 day, 2:03:04``, ``PT2M13S``; None if it is none.

    ``5:30`` is none, as it may be minutes or hours.
    """
    plain = text.translate(_PLAIN_SPACES).strip().lower()
    clock = _CLOCK.fullmatch(plain)
    if clock is not None:
        days, hours, minutes, rest = (float((each or "0").replace(",", ".")) for each in clock.groups())
        return Number(days * 86400 + hours * 3600 + minutes * 60 + rest, measured=True)
    plain = re.sub(r"^p(?=[0-9t])|(?<=[0-9d])t(?=[0-9])|^t", "", plain.replace("pt", ""))
    parts = _LENGTH.findall(plain) if len(plain) < _LONGEST else ()
    if parts and not _LENGTH.sub("", plain):
        return Number(sum(float(many.replace(",", ".")) * UNITS["seconds"][unit] for many, unit in parts),
                      measured=True)
    return number(text, decimal)


def is_date(text: str) -> bool:
    """Return whether it is a date, with or without a time of day."""
    try:
        datetime.fromisoformat(text)
        return not text.isdigit()
    except ValueError:
        day = re.sub(r"[ T]\d{1,2}:\d\d.*$", "", text)
        return any(_parses(day, form) for form in _DATES)


def decimal_of(cells: Iterable[str], separator: str, where: str) -> tuple[str, str]:
    """Decide once for a file whether its decimals have a comma, by all cells and then by its separator.

    Returns:
        The mark, and a note if it was decided by the separator alone.

    Raises:
        UserError: neither decides.
    """
    marks = {COMMA: False, POINT: False}
    open_, cells = "", list(cells)
    for cell in cells if any("," in text for text in cells) else ():
        found = _CELL.fullmatch(cell.translate(_PLAIN_SPACES).strip())
        text = found["number"].strip() if found else ""
        readings = {mark: _spelled(text, mark) for mark in DECIMALS}
        if "," in text and text.count(",") == 1 and readings[COMMA] != readings[POINT] and "." not in text:
            open_ = open_ or cell
        elif readings[COMMA] == readings[POINT] and "." in (readings[COMMA] or ""):
            marks[COMMA if text.rfind(",") > text.rfind(".") else POINT] = True
    if not open_ or marks[COMMA] != marks[POINT]:
        return (COMMA if marks[COMMA] and not marks[POINT] else POINT), ""
    one, other = _spelled(open_.strip(), COMMA), _spelled(open_.strip(), POINT)
    if separator == ";" and not marks[POINT]:
        return COMMA, (f"{open_!r} is read as {one}, because semicolons part the cells; --decimal point would read it "
                       f"as {other}.")
    if separator == "," and not marks[COMMA]:
        return POINT, (f"{open_!r} is read as {other}, because commas part the cells; --decimal comma would read it as "
                       f"{one}.")
    raise UserError(f"import: {where}: {open_!r} is {one} or {other}; say which by --decimal comma or --decimal point")


def _spelled(text: str, decimal: str) -> str | None:
    """Return a number as Python spells it, or None."""
    mantissa, exponent = re.fullmatch(r"(.*?)((?:[eE][+-]?[0-9]+)?)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    # The mark for decimals of the file is tried first; what it cannot mean is tried as the other one.
    for mark, other in ((",", "."), (".", ",")) if decimal == COMMA else ((".", ","), (",", ".")):
        whole, point, part = mantissa.rpartition(mark) if mantissa.count(mark) == 1 else (mantissa, "", "")
        for thousands in (other, " ", "'"):
            bare = whole.replace(thousands, "") if _GROUPED[thousands].fullmatch(whole) else whole
            if re.fullmatch(r"[+-]?[0-9]*", bare) and re.fullmatch(r"[0-9]*", part) and re.search("[0-9]", bare + part):
                return f"{bare}{point and '.'}{part}{exponent}"
    return None


def _digits(spelled: str) -> int:
    mantissa, _, exponent = spelled.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent[:5] or 0), 0)


def _parses(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
        return True
    except ValueError:
        return False


def whole(text: str, most: float = math.inf) -> int | None:
    """Read a whole number from 0 to ``most``, also one spelled ``3.0``; None if it is none."""
    read = number(text)
    if read is None or not math.isfinite(read.value) or read.value != int(read.value) or not 0 <= read.value <= most:
        return None
    return int(read.value)
