"""Numbers, lengths of time and dates in anybody's spelling."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.imports.cells import COMMA, DECIMALS, POINT, UNITS, decimal_of, is_date, measure, number, seconds, whole

SEPARATORS = {POINT: (",", " ", "\u00a0", "\u202f", "'", ""), COMMA: (".", " ", "\u00a0", "\u202f", "'", "")}
MARKS = {POINT: ".", COMMA: ","}


def value(text: str, decimal: str = POINT) -> float | None:
    read = number(text, decimal)
    return None if read is None else read.value


@settings(max_examples=50)
@given(st.integers(-10**12, 10**12), st.text("0123456789", min_size=1, max_size=6), st.sampled_from(DECIMALS),
       st.data())
def test_thousands_and_decimals_as_they_are_written(units: int, part: str, decimal: str, data: st.DataObject) -> None:
    between = data.draw(st.sampled_from(SEPARATORS[decimal]))
    text = f"{units:,}".replace(",", between) + MARKS[decimal] + part
    assert value(text, decimal) == float(f"{units}.{part}")
    assert value(text.replace("-", "−"), decimal) == float(f"{units}.{part}")
    read = number(f"{text} %", decimal)
    assert read is not None and read.percent and read.digits == len(part)


@given(st.floats(allow_nan=False))
def test_what_python_writes_is_read_in_files_of_points(figure: float) -> None:
    assert value(repr(figure)) == figure


@settings(max_examples=50)
@given(st.floats(-1e15, 1e15).map(lambda figure: f"{figure:.3e}"), st.sampled_from(DECIMALS))
def test_exponents(text: str, decimal: str) -> None:
    assert value(text.replace(".", MARKS[decimal]), decimal) == float(text)


@given(st.integers(0, 10**6), st.integers(1, 9999), st.sampled_from([
    "{} ± {}", "{}±{}", "{}+/-{}", "{} +- {}", "{} ({})", "{}({})", "{} ± {}%", "{}% ± {}%", "$ {} \\pm {} $"]))
def test_of_a_mean_and_its_spread_the_mean_is_read(mean: int, spread: int, form: str) -> None:
    read = number(form.format(f"{mean / 100:.2f}", f"{spread / 100:.2f}"))
    assert read is not None and read.value == round(mean / 100, 2) and read.spread and read.percent == ("%" in form)


@settings(max_examples=50)
@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    for decimal in DECIMALS:
        read = number(text, decimal)
        assert read is None or isinstance(read.value, float)
    seconds(text), measure(text, "count"), is_date(text), whole(text)


@pytest.mark.parametrize("text", [
    "", "-", "n.a.", "1,2,3", "1.2.3", "12:30", "1 2", "resnet18", "30.11.2026", "94.5.1", "1,23,4", "²", "٣", "0x10",
    "1_000", "94.5 ± x", "good"])
def test_texts_that_are_no_numbers(text: str) -> None:
    assert number(text) is None and number(text, COMMA) is None


@pytest.mark.parametrize(("cells", "separator", "decimal"), [
    (["0,345", "94,5"], ";", COMMA), (["1.234,5", "1.234"], "\t", COMMA), (["0.5", "1,234"], ",", POINT),
    (["1,234.5"], "\t", POINT), (["0,72", "11,689,512"], ";", COMMA), (["resnet18", "1.5"], ";", POINT),
    ([], ",", POINT),
])
def test_a_files_decimals_are_decided_by_all_its_cells(cells: list[str], separator: str, decimal: str) -> None:
    assert decimal_of(cells, separator, "a.csv") == (decimal, "")


def test_and_by_its_separator_which_is_told_and_asked_for_where_neither_decides() -> None:
    assert decimal_of(["1,234"], ";", "a.csv")[0] == COMMA and "--decimal point" in decimal_of(["1,234"], ";", "a")[1]
    assert decimal_of(["1,234"], ",", "a.csv")[0] == POINT and "--decimal comma" in decimal_of(["1,234"], ",", "a")[1]
    with pytest.raises(UserError, match=r"a.csv: '1,234' is 1.234 or 1234; say which by --decimal comma or"):
        decimal_of(["1,234"], "\t", "a.csv")


@settings(max_examples=50)
@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_lengths_of_time(days: int, hours: int, minutes: int, rest: int) -> None:
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=rest)
    for text in (str(length), f"{days}d {hours}h {minutes}m {rest}s", f"P{days}DT{hours}H{minutes}M{rest}S",
                 f"{days} days {hours:02}:{minutes:02}:{rest:02}", f"{length.total_seconds():.0f} s",
                 f"{days} days, {hours} hours, {minutes} minutes and {rest} seconds", f"{length.total_seconds()}"):
        read = seconds(text)
        assert read is not None and read.value == length.total_seconds(), text


@pytest.mark.parametrize(("text", "expected"), [
    ("2m 13s", 133), ("1h 5min", 3900), ("1:02:03", 3723), ("90min", 5400), ("500ms", 0.5), ("1,5 h", 5400),
    ("5:30", None), ("2 months", None), ("3 miles", None), ("fast", None), ("", None)])
def test_single_lengths_of_time(text: str, expected: float | None) -> None:
    read = seconds(text)
    assert (None if read is None else read.value) == expected


@settings(max_examples=50)
@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.sampled_from([
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%b %d, %Y",
    "%d %b %Y", "%d.%m.%Y %H:%M"]))
def test_dates_are_dates_and_no_numbers(day: date, form: str) -> None:
    text = day.strftime(form)
    assert is_date(text) and number(text) is None and number(text, COMMA) is None


@settings(max_examples=50)
@given(st.integers(1, 10**6), st.sampled_from([(unit, word) for unit, words in UNITS.items() for word in words]),
       st.sampled_from(["{} {}", "{}{}", "{} {}."]))
def test_figures_with_their_unit(figure: int, unit: tuple[str, str], form: str) -> None:
    kind, word = unit
    for spelled in (word, word.upper()):
        read = measure(form.format(figure / 100, spelled), kind)
        assert read is not None and read.measured and read.value == pytest.approx(figure / 100 * UNITS[kind][word])
    assert measure(f"{figure} furlongs", kind) is None


@pytest.mark.parametrize(("text", "expected"), [
    ("11,689,512", 11689512), ("11.689.512", 11689512), ("1,000", 1000), ("11.7M", 11.7e6), ("25k", 25000), ("12", 12)])
def test_counts(text: str, expected: float) -> None:
    read = measure(text, "count")
    assert read is not None and read.value == expected


@given(st.integers(0, 2**53))
def test_whole_numbers(figure: int) -> None:
    assert whole(str(figure)) == figure and whole(f"{figure}.0") == figure
    assert whole(str(figure), 100) == (figure if figure <= 100 else None)


@pytest.mark.parametrize("text", ["1e400", "-1", "0.5", "nan", "inf", "", "x", str(2**80)])
def test_what_is_no_step(text: str) -> None:
    assert whole(text, 2**53) is None and not math.isnan(whole(text) or 0)
