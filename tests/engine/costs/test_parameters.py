"""A model's cost agrees with counting by hand."""

import itertools

from engine.costs.parameters import describe

REQUEST = {"model": "tinyvgg_a", "stem": "standard", "patch_size": 0, "classes": 10, "channels": 3, "size": 32}


def test_parameters_and_multiply_adds_are_those_counted_by_hand() -> None:
    widths, sides = [3, 8, 16, 32, 32, 64, 64, 64, 64], [32, 16, 8, 8, 4, 4, 2, 2]
    by_hand = sum(9 * before * after * side * side
                  for before, after, side in zip(widths, widths[1:], sides, strict=False))
    by_hand += 64 * 64 * 2 + 64 * 10
    parameters = sum(9 * before * after + after for before, after in itertools.pairwise(widths))
    parameters += 2 * (64 * 64 + 64) + 64 * 10 + 10
    assert describe(REQUEST) == {"parameters": parameters, "macs": by_hand}


def test_what_cannot_be_built_is_an_error_in_the_answer() -> None:
    assert "at least 32" in describe(REQUEST | {"size": 8})["error"]
