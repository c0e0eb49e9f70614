"""Numbers as people say them."""

from __future__ import annotations

import math
import time

import pytest

from app.kit import words
from engine.errors import ConfigError, UserError


@pytest.mark.parametrize(("seconds", "text"), [
    (None, "–"), (math.inf, "–"), (0.42, "0.4 s"), (-1, "0.0 s"), (38.2, "38 s"), (59.7, "1 min"), (250, "4 min 10 s"),
    (7500, "2 h 5 min"), (7200, "2 h"), (273_600, "3 d 4 h"),
])
def test_durations(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(("back", "text"), [(3, "just now"), (42.4, "42 s ago"), (305, "5 min ago"), (7300, "2 h ago"),
                                            (90_000, "1 d ago")])
def test_moments(back: float, text: str) -> None:
    assert words.ago(time.time() - back) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (532, "532"), (152_970, "153 k"), (11_200_000, "11.2 M")])
def test_counts(value: float | None, text: str) -> None:
    assert words.short_count(value) == text


def test_shares_and_sizes() -> None:
    assert words.percent(0.975) == "97.50 %"
    assert words.percent(math.nan) == "–"
    assert words.size(420e6) == "420 MB"
    assert words.size(1.5e9) == "1.5 GB" and words.size(640e3) == "0.6 MB"


@pytest.mark.parametrize(("text", "markdown"), [
    ("resnet18 at 0.1", "resnet18 at 0.1"), ("*a* _b_", r"\*a\* \_b\_"), ("$x$ `y` [z](u)", r"\$x\$ \`y\` \[z\](u)"),
    ("# 1", r"\# 1"), ("1. one", r"1\. one"), ("- a\nb", r"\- a b"), (":red[x]", ":\u2060red\\[x\\]"),
    (":100:", ":\u2060100:"), ("at 12:30 in C:/x", "at 12:30 in C:/x"),
])
def test_plain_text_is_not_markup(text: str, markdown: str) -> None:
    assert words.plain(text) == markdown


@pytest.mark.parametrize(("message", "shown"), [("a *b*", "A \\*b\\*."), ("is it so?", "Is it so?"), ("so.", "So.")])
def test_a_message_becomes_a_sentence(message: str, shown: str) -> None:
    assert words.sentence(message) == shown


@pytest.mark.parametrize(("message", "shown"), [
    ("config: write `lr: 0.1`", "Config: write `lr: 0.1`."), ("a * b?", "A \\* b?"), ("odd ` one", "Odd \\` one."),
    ("`a`b", "`a`b."),
])
def test_a_sentence_keeps_its_code_and_escapes_the_rest(message: str, shown: str) -> None:
    assert words.sentence(message) == shown


@pytest.mark.parametrize(("error", "shown"), [
    (ConfigError("lr", "", "a number"), "Learning rate: expected a number, but it is empty."),
    (ConfigError("epochs", "-1", "at least 1"), "Epochs: '-1' is out of bounds: it must be at least 1."),
    (ConfigError("memory", "8", "a size"), "Memory: '8' is not a size."), (UserError("no disk"), "No disk."),
])
def test_a_mistake_names_the_field_as_the_form_does(error: UserError, shown: str) -> None:
    assert words.told(error) == shown
