"""YAML within bounds, and numbers as people write them."""

import time

import pytest
import yaml

from engine.yaml_text import read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True))


def test_numbers_dates_and_aliases() -> None:
    assert read_yaml("lr: 1e-4\nday: 2001-01-02\nbase: &b {x: 1}\nmore: {<<: *b, y: 2}") == {
        "lr": 1e-4, "day": "2001-01-02", "base": {"x": 1}, "more": {"x": 1, "y": 2}}


@pytest.mark.parametrize("text", [
    "lr: !!timestamp 2001-13-45", "lr: !!int abc", "[" * 500 + "]" * 500, "a: " * 3,
    "{" * 3000, "- " * 5000, BOMB, "!!python/object/apply:os.system [id]", "&a [*a, *b]", "\x00", "a: !!float x",
    "? [a, b]\n: c", "? {a: b}\n: c", "x" * (2 << 20), "lr: !!binary '§'", "lr: !!bool maybe"])
def test_hostile_texts_are_one_error_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
    assert time.process_time() - began < 5


def test_a_date_that_is_none_is_a_text() -> None:
    assert read_yaml("lr: 2001-13-45") == {"lr": "2001-13-45"}


@pytest.mark.parametrize("text", ["1" * 500_000, "1:" * 200_000 + "1", "_" * 100_000 + "1", "1." + "1" * 500_000 + "x"])
def test_very_long_numbers_are_texts_at_once(text: str) -> None:
    before = time.process_time()
    assert read_yaml(f"a: [{text!r}, {text}]".replace("'", '"'))["a"][1:] == [text]
    assert time.process_time() - before < 2
