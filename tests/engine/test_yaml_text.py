"""YAML as people write it."""

from __future__ import annotations

import pytest

from engine.yaml_text import read_yaml


@pytest.mark.parametrize(("text", "value"), [
    ("1e-4", 0.0001), ("1E3", 1000.0), ("-2.5e-1", -0.25), ("+1e+2", 100.0), ("5.e2", 500.0), (".5e1", 5.0),
    ("0.1", 0.1), ("1.0e-05", 1e-5), ("12", 12), ("'1e-4'", "1e-4"), ("e4", "e4"), ("1e", "1e"), ("1e4a", "1e4a"),
    ("0x1e4", 0x1e4)])
def test_numbers_with_an_exponent_are_numbers(text: str, value: object) -> None:
    found = read_yaml(f"lr: [{text}]")["lr"][0]
    assert found == value and type(found) is type(value)
