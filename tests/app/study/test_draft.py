"""Texts as the values they stand for."""

from __future__ import annotations

import pytest

from app.study.draft import scalar, texts


@pytest.mark.parametrize(("text", "value"), [
    ("0.1", 0.1), ("1e-4", 0.0001), ("3", 3), ("yes", True), ("no", False), ("none", "none"), ("null", "null"),
    ("resnet18", "resnet18"), ("[1", "[1"), ("2020-01-01", "2020-01-01"), ("a: b", "a: b"), ("", "")])
def test_a_text_is_read_as_yaml_reads_it(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_empty_items_of_a_list_are_left_out() -> None:
    assert texts(" 0.1, ,0.2,") == ["0.1", "0.2"]
