"""The form as data, read off ``RunConfig``."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.form.fields import fields, option_text, sections, text_of
from engine.config import RunConfig, parse_config
from engine.store import Store
from tests.fake_runs import add_run


def test_every_option_is_in_exactly_one_section() -> None:
    listed = [field.name for members in sections().values() for field in members]
    assert sorted(listed) == sorted(RunConfig.model_fields)


def test_defaults_read_back_to_the_default_config() -> None:
    assert parse_config({field.name: field.default for field in fields()}) == RunConfig()


@pytest.mark.parametrize("value", [
    0.1, 1e-05, 0.012345678901234567, 0.0, 3, 1234567.0, "text", "v1.0", "/data/v3.0", ("a", "v1.0")])
def test_texts_lose_nothing(value: object) -> None:
    text = text_of(value)
    assert (tuple(text.split(", ")) if isinstance(value, tuple) else type(value)(text)) == value  # type: ignore[call-arg]


def test_a_size_that_was_left_open_is_told_with_what_it_came_to(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    assert option_text(run, "image_size", 0) == "auto (32)"
    assert option_text(run, "image_size", 64) == "64"
    store.runs.update(run.id, resolved={})
    assert option_text(store.runs.get(run.id), "image_size", 0) == "auto"


def test_other_options_are_told_as_the_form_shows_them(home: Path) -> None:
    run = add_run(Store.open())
    assert [option_text(run, "nesterov", value) for value in (True, None)] == ["yes", None]
    assert option_text(run, "train_fraction", 1.0) == "1"


@pytest.mark.parametrize(("field", "text"), [
    ("num_classes", "any"), ("patch_size", "auto"), ("dropout", "auto"), ("early_stopping", "never"),
    ("ema_decay", "none"), ("seed", "0"), ("weight_decay", "0")])
def test_nothing_is_told_as_what_it_means(home: Path, field: str, text: str) -> None:
    assert option_text(add_run(Store.open()), field, 0) == text
