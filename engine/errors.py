"""Errors that users can fix, as one-line messages; also of memory that ran out, on any device."""

import difflib
import re
import traceback
from collections.abc import Iterable
from pathlib import Path

from engine.disk_space import full_message

PLUGINS = "darkroom_plugins"
"""The package that users' plug-in files are imported into, each as a module."""

_LONGEST = 300
_LONGEST_LINE = 480  # with the words before it, such as "error: ", at most 500


class UserError(Exception):
    """An error that the user can fix. ``str(error)`` is one line, shown without a traceback; the CLI exits with 2."""

    def __str__(self) -> str:
        return in_one_line(super().__str__())


_BOUNDS = ("at least", "at most", "greater than", "less than")


class ConfigError(UserError):
    """A configuration value that cannot be used, with key, value and what is expected."""

    def __init__(self, key: str, value: object, expected: str) -> None:
        self.key, self.value, self.expected = key, value, expected
        super().__init__(f"{key}: {_short(value)} is not {expected}")

    @property
    def mistake(self) -> str:
        """The message without the key, as it stands beside the field."""
        if self.value == "":
            return f"expected {self.expected}, but it is empty"
        if self.expected.startswith(_BOUNDS):
            return f"{_short(self.value)} is out of bounds: it must be {self.expected}"
        return f"{_short(self.value)} is not {self.expected}"


def in_one_line(text: str) -> str:
    """Return a message as a line. It is cut in the middle, because the beginning says where and the end what to do."""
    line = " ".join(text.encode(errors="backslashreplace").decode().splitlines())
    half = _LONGEST_LINE // 2 - 2
    return line if len(line) <= _LONGEST_LINE else f"{line[:half]} … {line[-half:]}"


def user_message(error: BaseException) -> str:
    """Return the line for an error that the user can fix, as a full disk is too; empty: it is another error."""
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return f"{error.object[:60]!a} is not text in UTF-8; use another name"
    return str(error) if isinstance(error, UserError) else full_message(error)


def describe_error(error: BaseException) -> str:
    """Describe an unexpected error in one line: its place if in a plug-in, its type and its message."""
    place = plugin_place(error)
    message = (str(error).strip() or "no message").splitlines()[0][:_LONGEST]
    return f"{f'plug-in {place}: ' if place else ''}{type(error).__name__}: {message}"


def plugin_place(error: BaseException) -> str:
    """Return the innermost plug-in line of an error's traceback, ``residual.py, line 12``; empty: none."""
    lines = [f"{Path(frame.f_code.co_filename).name}, line {line}"
             for frame, line in traceback.walk_tb(error.__traceback__)
             if str(frame.f_globals.get("__name__")).startswith(f"{PLUGINS}.")]
    return lines[-1] if lines else ""


def nearest(word: str, choices: Iterable[str], count: int = 3) -> list[str]:
    """Return the ``count`` choices that contain ``word`` or are spelled most similarly, best first, ignoring case."""
    by_lower, wanted = {choice.lower(): choice for choice in choices}, word.lower()
    close = difflib.get_close_matches(wanted, by_lower, n=count, cutoff=0.4)
    holding = sorted((name for name in by_lower if len(wanted) > 2 and wanted in name),
                     key=lambda name: (not name.startswith(wanted), len(name)))[:count]
    return [by_lower[name] for name in dict.fromkeys(holding + close)][:count]


def hint(word: str, choices: Iterable[str], count: int = 3) -> str:
    """``; nearest: a, b`` for the end of an error message; empty without similar choices."""
    close = nearest(word, choices, count)
    return f"; nearest: {', '.join(close)}" if close else ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


_MEMORY = re.compile(r"OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|"
                     r"MPS backend out of memory|can't allocate memory|MemoryError|Cannot allocate memory|"
                     r"std::bad_alloc")
_GPU_MEMORY = re.compile(r"(torch|cuda)\.OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|"
                         r"CUBLAS_STATUS_ALLOC_FAILED|MPS backend out of memory")


def is_memory_message(error: str) -> bool:
    """Whether an error's type and message mean that memory ran out."""
    return bool(_MEMORY.search(error))


def memory_message(error: str, batch_size: int) -> str:
    """Return the message of a run that ran out of memory, with a suggestion."""
    where = "GPU memory" if _GPU_MEMORY.search(error) else "memory"
    return f"out of {where} at batch {batch_size}" + (f": try {batch_size // 2}" if batch_size > 1 else "")
