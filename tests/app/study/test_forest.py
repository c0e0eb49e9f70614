"""Estimates on one axis."""

from __future__ import annotations

import math
import re

import pytest

from app.study.forest import Bar, difference_axis, forest, ratio_axis, ticks_between

AXIS = difference_axis(lambda value: f"{value:+.2f}", 100.0)


def test_an_interval_lies_where_its_ends_are() -> None:
    drawn = forest([Bar("a − b", 1.0, 0.0, 2.0, "for"), Bar("c − d", -2.0, None, None)], AXIS)
    (left, width), = re.findall(r'dr-interval" style="left:([\d.]+)%;width:([\d.]+)%', drawn)
    points = [float(place) for place in re.findall(r'<s style="left:([\d.]+)%"', drawn)]
    zeros = {float(place) for place in re.findall(r'<u style="left:([\d.]+)%"', drawn)}
    assert zeros == {float(left)}
    assert points[0] == pytest.approx(float(left) + float(width) / 2, abs=0.02)
    assert points[1] < min(zeros)
    assert "dr-for" in drawn
    assert "+0.00 to +2.00" in drawn


def test_names_are_text() -> None:
    assert "<script>" not in forest([Bar("<script>", 0.0, None, None, note='"><b>')], AXIS, title="<i>")


def test_the_margin_is_shaded_and_fits() -> None:
    drawn = forest([Bar("a", 0.1, 0.0, 0.2)], AXIS, margin=1.0)
    (left, width), = re.findall(r'dr-margin" style="left:([\d.]+)%;width:([\d.]+)%', drawn)
    assert float(left) >= 0
    assert float(left) + float(width) <= 100


@pytest.mark.parametrize(("start", "end", "ticks"), [
    (-1.0, 1.0, [-1.0, -0.5, 0.0, 0.5, 1.0]), (0.0, 0.013, [0.0, 0.005, 0.01]), (1.0, 1.0, [0.0])])
def test_ticks_are_round_and_few(start: float, end: float, ticks: list[float]) -> None:
    assert ticks_between(start, end) == pytest.approx(ticks)


def test_ticks_of_differences_are_in_the_unit_that_people_see() -> None:
    assert AXIS.ticks(-0.02, 0.02) == {-0.02: "−2", -0.01: "−1", 0.0: "0", 0.01: "+1", 0.02: "+2"}


@pytest.mark.parametrize(("low", "high", "texts"), [
    (0.97, 1.04, ["×0.98", "×1", "×1.02", "×1.04"]), (0.2, 9.0, ["×0.25", "×1", "×4"]),
    (0.9, 2.1, ["×1", "×1.5", "×2"])])
def test_ticks_of_ratios_are_round_ratios(low: float, high: float, texts: list[str]) -> None:
    ticks = ratio_axis(str).ticks(math.log(low), math.log(high))
    assert list(ticks.values()) == texts
    assert [math.exp(place) for place in ticks] == pytest.approx([float(text[1:]) for text in texts])
