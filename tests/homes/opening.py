"""Homes that earlier versions made, each packed in a file by ``make.py`` of its day."""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from engine.store import Store

FOLDER = Path(__file__).parent


def opened(name: str, home: Path) -> Store:
    """The store of a home that was made elsewhere and now lies in ``home``, the folder in use."""
    shutil.copytree(_unpacked(name).name, home, dirs_exist_ok=True)
    return Store.open()


@lru_cache(maxsize=1)
def _unpacked(name: str) -> tempfile.TemporaryDirectory[str]:
    """A folder with what the file holds, which goes with the process."""
    place = tempfile.TemporaryDirectory()
    shutil.unpack_archive(FOLDER / f"{name}.tar.xz", place.name)
    return place
