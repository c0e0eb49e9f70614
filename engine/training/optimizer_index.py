"""The list of timm's optimizers, kept in a file so that nobody has to import timm to read it.

``timm_optimizers.csv`` beside this module was written by ``python -m engine.training.optimizer_index`` into it. With
another version of timm the names are asked anew (seconds).
"""

from __future__ import annotations

import contextlib
import csv
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from engine.files import write_atomically
from engine.home import ROOT, artifacts_dir

SHIPPED = Path(__file__).with_name("timm_optimizers.csv")


class OptimizerEntry(NamedTuple):
    """What timm says of an optimizer; one of second order differentiates the gradient once more."""

    help: str
    second_order: bool


OptimizerIndex = dict[str, OptimizerEntry]


@lru_cache(maxsize=1)
def timm_optimizers() -> OptimizerIndex:
    """Every timm optimizer by name: as shipped, or as another timm says in a subprocess, remembered in a file.

    A folder that cannot be written only means asking timm again.
    """
    made_with, shipped = _read(SHIPPED.read_text())
    if made_with == version("timm"):
        return shipped
    path = artifacts_dir() / "cache" / f"timm-{version('timm')}-optimizers.csv"
    try:
        text = path.read_text()
    except OSError:
        text = _ask_timm()
        with contextlib.suppress(OSError):
            write_atomically(path, text.encode())
    return _read(text)[1]


def _read(text: str) -> tuple[str, OptimizerIndex]:
    """The version of timm that a list was made with, and the list."""
    first, *rows = csv.reader(StringIO(text))
    return first[-1], {name: OptimizerEntry(help, order == "2") for name, order, help in rows}


def _ask_timm() -> str:
    """A process of its own, so that the caller never imports torch."""
    command = [sys.executable, "-m", "engine.training.optimizer_index"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _described() -> list[tuple[str, int, str]]:
    from timm.optim import get_optimizer_info, list_optimizers

    infos = {name: get_optimizer_info(name) for name in list_optimizers()}
    return [(name, 2 if info.second_order else 1, info.description) for name, info in infos.items()]


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("name", "order", "help", version("timm")))
    writer.writerows(_described())
