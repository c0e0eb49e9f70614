"""What a user can do wrong, said in one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake the user can mend. ``str(error)`` is one line, shown without a traceback; the CLI exits 2."""


class ConfigError(UserError):
    """A configuration value that cannot be used: names the key, the value and what was expected.

    ``mistake`` is the same without the key, for whoever shows it at the field.
    """

    def __init__(self, key: str, value: object, expected: str) -> None:
        self.key, self.value, self.expected = key, value, expected
        self.mistake = f"{_short(value)} is not {expected}"
        super().__init__(f"{key}: {self.mistake}")


def nearest(word: str, choices: Iterable[str], count: int = 3) -> list[str]:
    """The ``count`` choices that hold ``word`` or are spelled most like it, best first, ignoring case."""
    by_lower, wanted = {choice.lower(): choice for choice in choices}, word.lower()
    close = difflib.get_close_matches(wanted, by_lower, n=count, cutoff=0.4)
    holding = sorted((name for name in by_lower if len(wanted) > 2 and wanted in name),
                     key=lambda name: (not name.startswith(wanted), len(name)))[:count]
    return [by_lower[name] for name in dict.fromkeys(holding + close)][:count]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
