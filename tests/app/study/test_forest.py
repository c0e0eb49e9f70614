"""Estimates on one axis."""

from __future__ import annotations

import re

import pytest

from app.study.forest import Bar, forest, ticks_between


def _in_words(value: float) -> str:
    return f"{value:+.2f}"


def test_an_interval_lies_where_its_ends_are() -> None:
    drawn = forest([Bar("a − b", 1.0, 0.0, 2.0, "for"), Bar("c − d", -2.0, None, None)], _in_words)
    (left, width), = re.findall(r'dr-interval" style="left:([\d.]+)%;width:([\d.]+)%', drawn)
    points = [float(place) for place in re.findall(r'<s style="left:([\d.]+)%"', drawn)]
    zeros = {float(place) for place in re.findall(r'<u style="left:([\d.]+)%"', drawn)}
    assert zeros == {float(left)}
    assert points[0] == pytest.approx(float(left) + float(width) / 2, abs=0.02)
    assert points[1] < min(zeros)
    assert "dr-for" in drawn
    assert "+0.00 to +2.00" in drawn


def test_names_are_text() -> None:
    assert "<script>" not in forest([Bar("<script>", 0.0, None, None, note='"><b>')], _in_words, title="<i>")


def test_the_margin_is_shaded_and_fits() -> None:
    drawn = forest([Bar("a", 0.1, 0.0, 0.2)], _in_words, margin=1.0)
    (left, width), = re.findall(r'dr-margin" style="left:([\d.]+)%;width:([\d.]+)%', drawn)
    assert float(left) >= 0
    assert float(left) + float(width) <= 100


@pytest.mark.parametrize(("start", "end", "ticks"), [
    (-1.0, 1.0, [-1.0, -0.5, 0.0, 0.5, 1.0]), (0.0, 0.013, [0.0, 0.005, 0.01]), (1.0, 1.0, [0.0])])
def test_ticks_are_round_and_few(start: float, end: float, ticks: list[float]) -> None:
    assert ticks_between(start, end) == pytest.approx(ticks)
