"""Figures as bytes: what the browser gets is what was drawn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from app.charts.chart import Figure, pack


def _unpack(content: bytes) -> tuple[dict[str, Any], np.ndarray[Any, np.dtype[np.float32]]]:
    length = int.from_bytes(content[:4], "little")
    return json.loads(content[4:4 + length]), np.frombuffer(content[4 + length:], np.float32)


def test_arrays_travel_as_float32_and_come_back_in_place() -> None:
    x, y = np.arange(5), np.array([1.0, np.nan, 3.0, 4.0, 5.0])
    z = np.arange(6.0).reshape(2, 3)
    header, floats = _unpack(pack(Figure([{"uid": "a", "x": x, "y": y}, {"uid": "b", "z": z, "x": [None]}]), "url"))
    first, second = header["traces"]
    for trace, name, array in ((first, "x", x), (first, "y", y), (second, "z", z)):
        at, shape = trace[name]["at"], trace[name]["shape"]
        np.testing.assert_array_equal(floats[at:at + array.size].reshape(shape), array)
    assert second["x"] == [None]
    assert header["plotly"] == "url"


def test_the_floats_are_aligned_whatever_the_header_says() -> None:
    for name in ("a", "ab", "abc", "abcd", "é"):
        content = pack(Figure([{"uid": name, "x": np.ones(2)}]), "url")
        assert int.from_bytes(content[:4], "little") % 4 == 0
        np.testing.assert_array_equal(_unpack(content)[1], [1, 1])


def test_the_digest_tells_equal_figures_from_changed_ones() -> None:
    def digest(*values: float) -> str:
        return str(_unpack(pack(Figure([{"uid": "a", "y": np.array(values)}]), "url"))[0]["digest"])

    assert digest(1, 2) == digest(1, 2)
    assert digest(1, 2) != digest(1, 3)


@pytest.mark.parametrize("trace", [{"uid": "too sure"}, {"uid": ""}, {}])
def test_a_trace_that_the_browser_could_not_find_again_is_a_mistake_here(trace: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="uid"):
        pack(Figure([{"uid": "a"}, trace]), "url")
