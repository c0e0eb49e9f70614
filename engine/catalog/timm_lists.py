"""Lists of what timm offers, kept in files so that nobody has to import timm to read them.

A list is a CSV whose first line ends with the version of timm it was made with.
"""

import contextlib
import csv
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from io import StringIO
from pathlib import Path

from engine.files import write_atomically
from engine.home import ROOT, artifacts_dir


def timm_rows(shipped: Path, *maker: str) -> list[list[str]]:
    """The rows of a shipped list; with another timm than it was made with, what that says, remembered in a file.

    A folder that cannot be written only means asking timm again.

    Args:
        maker: the module that prints such a list, and its arguments.
    """
    made_with, rows = read_list(shipped.read_text())
    if made_with == version("timm"):
        return rows
    path = artifacts_dir() / "cache" / f"{shipped.stem}-{version('timm')}.csv"
    try:
        text = path.read_text()
    except OSError:
        text = ask_timm(*maker)
        with contextlib.suppress(OSError):
            write_atomically(path, text.encode())
    return read_list(text)[1]


def read_list(text: str) -> tuple[str, list[list[str]]]:
    """The version of timm that a list was made with, and its rows."""
    first, *rows = csv.reader(StringIO(text))
    return first[-1], rows


def print_list(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """Write a list of the installed timm on stdout."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*columns, version("timm")))
    writer.writerows(rows)


def ask_timm(*maker: str) -> str:
    """A process of its own, so that the caller never imports torch."""
    command = [sys.executable, "-m", *maker]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
