"""Lists of timm's models and optimizers, stored in files so that reading them does not import timm.

Each list is a CSV whose first line ends with the version of timm that generated it.
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
    """Return the rows of a shipped list, or, for another timm version, of a list that is generated and cached.

    If the cache cannot be written, the list is generated again each time.

    Args:
        maker: the module that prints the list, and its arguments.
    """
    made_with, rows = read_list(shipped.read_text())
    if made_with == version("timm"):
        return rows
    path = artifacts_dir() / "cache" / f"{shipped.stem}-{version('timm')}.csv"
    try:
        text = path.read_text()
    except OSError:
        text = list_with_timm(*maker)
        with contextlib.suppress(OSError):
            write_atomically(path, text.encode())
    return read_list(text)[1]


def read_list(text: str) -> tuple[str, list[list[str]]]:
    """Return the timm version of a list, and its rows."""
    first, *rows = csv.reader(StringIO(text))
    return first[-1], rows


def print_list(columns: Sequence[str], rows: Iterable[Sequence[str | float]]) -> None:
    """Print a list for the installed timm."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*columns, version("timm")))
    writer.writerows(rows)


def list_with_timm(*maker: str) -> str:
    """Print a list in a subprocess, so that the caller does not import torch."""
    command = [sys.executable, "-m", *maker]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
