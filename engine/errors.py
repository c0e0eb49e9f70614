"""What a user can do wrong, said in one line."""

import difflib
import traceback
from collections.abc import Iterable
from pathlib import Path

PLUGINS = "darkroom_plugins"
"""The package that the users' own files are imported into, each as a module."""

_LONGEST = 300


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


def described(error: BaseException) -> str:
    """An error that nobody foresaw, in one line: where in a plug-in it arose, if in one, its type and its message."""
    place = plugin_place(error)
    message = (str(error).strip() or "no message").splitlines()[0][:_LONGEST]
    return f"{f'plug-in {place}: ' if place else ''}{type(error).__name__}: {message}"


def plugin_place(error: BaseException) -> str:
    """The innermost line of a plug-in that an error went through, ``residual.py, line 12``; empty: of none."""
    lines = [f"{Path(frame.f_code.co_filename).name}, line {line}"
             for frame, line in traceback.walk_tb(error.__traceback__)
             if str(frame.f_globals.get("__name__")).startswith(f"{PLUGINS}.")]
    return lines[-1] if lines else ""


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
