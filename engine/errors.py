"""What a user can do wrong, said in one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake the user can mend. ``str(error)`` is one line, shown without a traceback; the CLI exits 2."""


class ConfigError(UserError):
    """A configuration value that cannot be used: names the key, the value and what was expected."""

    def __init__(self, key: str, value: object, expected: str) -> None:
        self.key, self.value, self.expected = key, value, expected
        super().__init__(f"{key}: {_short(value)} is not {expected}")


def nearest(word: str, choices: Iterable[str], count: int = 3) -> list[str]:
    """The ``count`` choices spelled most like ``word``, best first, ignoring case."""
    by_lower = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower(), by_lower, n=count, cutoff=0.4)
    return [by_lower[name] for name in found]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
