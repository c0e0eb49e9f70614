"""Writing plug-ins, and a folder of pictures that the one in the docs reads."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine.errors import PLUGINS
from engine.home import ROOT
from engine.plugins import files, importing
from engine.plugins.catalogs import refresh, remove_rows
from engine.plugins.listing import import_and_list

EXAMPLE = ROOT / "docs" / "examples" / "plugins" / "residual.py"
HEAD = "import numpy as np\nfrom torch import nn\nfrom engine.plugins import *\n"


def put_example(home: Path) -> Path:
    """The plug-in of the docs in a home; returns the folder of .npz files that its data set is read from."""
    (home / "plugins").mkdir(exist_ok=True)
    shutil.copy(EXAMPLE, home / "plugins")
    return slopes(home / "npz")


def slopes(folder: Path) -> Path:
    """60 training and 20 test pictures of stripes, as the example's data set reads them."""
    random = np.random.RandomState(0)
    y, x = np.mgrid[:16, :16]
    for split, count in (("train", 60), ("test", 20)):
        (folder / split).mkdir(parents=True)
        for place in range(count):
            label = place % 2
            stripes = ((x + (y if label else -y) + random.randint(8)) % 8 < 4) * 120
            image = (stripes[..., None] + random.randint(0, 100, (16, 16, 3))).astype(np.uint8)
            np.savez(folder / split / f"{place:03d}.npz", image=image, label=label)
    return folder


def write(home: Path, name: str, code: str) -> Path:
    """A plug-in in the home's folder; the code begins on line 4 of the file."""
    file = home / "plugins" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEAD + code)
    return file


def know() -> None:
    """Import the home's plug-ins in this process and put their rows into the catalogs."""
    refresh(import_and_list)


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """Begin in a process that imports no plug-ins, though it has trained, and leave it as if there had been none."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not importing._FINDER]
    try:
        yield
    finally:
        remove_rows()
        files._added.clear()
        for module in [name for name in sys.modules if name.startswith(PLUGINS)]:
            del sys.modules[module]
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not importing._FINDER]
