"""The list of timm's models, kept in a file so that nobody has to import timm to read it.

``timm.csv`` beside this module was written by ``python -m engine.models.index > engine/models/timm.csv``, which builds
every model on the meta device: minutes. With another version of timm the names are asked anew (seconds), and what that
file does not know has no parameter count.
"""

from __future__ import annotations

import contextlib
import csv
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from engine.files import write_atomically
from engine.home import ROOT, artifacts_dir

SHIPPED = Path(__file__).with_name("timm.csv")


class TimmEntry(NamedTuple):
    """A timm model's family (its module's name), input side in pixels, whether it takes that size only, and its
    parameters with the published classifier, or None where nobody counted them."""

    family: str
    size: int
    fixed: bool
    parameters: int | None = None


TimmIndex = dict[str, TimmEntry]


@lru_cache(maxsize=1)
def timm_index() -> TimmIndex:
    """Every timm model by name: as shipped, or with another timm as that says in a subprocess, remembered in a file.

    A folder that cannot be written only means asking timm again.
    """
    made_with, shipped = _read(SHIPPED.read_text())
    if made_with == version("timm"):
        return shipped
    path = artifacts_dir() / "cache" / f"timm-{version('timm')}.csv"
    try:
        text = path.read_text()
    except OSError:
        text = _ask_timm()
        with contextlib.suppress(OSError):
            write_atomically(path, text.encode())
    return {name: entry._replace(parameters=shipped[name].parameters if name in shipped else None)
            for name, entry in _read(text)[1].items()}


def _read(text: str) -> tuple[str, TimmIndex]:
    """The version of timm that a list was made with, and the list."""
    first, *rows = csv.reader(StringIO(text))
    return first[-1], {name: TimmEntry(family, int(size), fixed == "fixed", int(parameters) if parameters else None)
                       for name, family, size, fixed, parameters in rows}


def _ask_timm() -> str:
    """A process of its own, so that the caller never imports torch."""
    command = [sys.executable, "-m", "engine.models.index", "--names-only"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _described(count: bool) -> Iterator[tuple[str, str, int, str, int | str]]:
    import timm

    for name in timm.list_models():
        config = timm.get_pretrained_cfg(name)
        size = config.input_size[-1] if config is not None else 224
        fixed = "fixed" if config is not None and config.fixed_input_size else ""
        family = timm.models.model_entrypoint(name).__module__.rpartition(".")[2]
        yield name, family, size, fixed, _parameters(name) if count else ""


def _parameters(name: str) -> int:
    import timm
    import torch

    with torch.device("meta"):
        return sum(int(parameter.numel()) for parameter in timm.create_model(name).parameters())


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("name", "family", "size", "fixed", "parameters", version("timm")))
    writer.writerows(_described(count="--names-only" not in sys.argv))
