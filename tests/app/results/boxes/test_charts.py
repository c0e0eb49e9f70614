"""Names beside dots: none on another, none on a dot, and none at all where there is no room."""

from __future__ import annotations

import numpy as np

from app.results.boxes.charts import place_names


def test_a_name_stands_above_its_dot_where_there_is_room() -> None:
    assert place_names(np.array([0.0, 300.0]), np.array([0.0, 0.0]), ["one", "two"]) == [
        ("one", "top center"), ("two", "top center")]


def test_names_of_near_dots_go_to_other_sides() -> None:
    sides = [side for _, side in place_names(np.array([0.0, 30.0]), np.array([0.0, 0.0]), ["Navicula", "Encyonema"])]
    assert sides == ["top center", "bottom center"]


def test_a_long_name_of_the_leftmost_dot_does_not_cover_the_axis() -> None:
    assert place_names(np.array([0.0]), np.array([0.0]), ["Gomphonema tergestinum"]) == [
        ("Gomphonema tergestinum", "middle right")]


def test_among_many_dots_in_one_place_names_are_left_out_and_hovering_tells_them() -> None:
    found = place_names(np.full(12, 300.0), np.zeros(12), ["Navicula"] * 12)
    assert [bool(name) for name, _ in found] == [True] * 4 + [False] * 8
    assert place_names(np.array([]), np.array([]), []) == []
