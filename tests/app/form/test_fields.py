"""The form as data, read off ``RunConfig``."""

from __future__ import annotations

import pytest

from app.form.fields import fields, sections, text_of
from engine.config import RunConfig, parse_config


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
