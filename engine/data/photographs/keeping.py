"""Picture stores on the disk: made where there is room, told, and removed when no run has used them for long."""

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from engine.data.folders import replace_folder, write_lock
from engine.data.photographs.source import Photographs
from engine.data.photographs.store import PIXELS, THERE, PictureStore, picture_starts
from engine.disk_space import claim, folder_bytes
from engine.errors import ConfigError
from engine.files import read_json
from engine.home import data_dir, read_only
from engine.words import size

BUDGET = "DARKROOM_PICTURES_GB"
"""The environment variable for the most that one store may take, in GB of 10⁹ bytes; 0: none is made."""

_SHARE_OF_FREE = 0.5
"""Of the free space on the disk, what a store may take where nothing else is said."""

_META = "meta.json"
_DAY = 86_400


@dataclass(frozen=True)
class Kept:
    """A picture store on the disk. Attributes: ``used``, seconds since 1970 when a run last opened it."""

    folder: Path
    bytes: int
    pictures: int
    used: float


def stores_folder() -> Path:
    return data_dir() / "pictures"


def room() -> int:
    """Return the most bytes that a new store may take.

    Raises:
        ConfigError: the environment variable is no number.
    """
    said = os.environ.get(BUDGET, "")
    try:
        if said:
            return max(0, int(float(said) * 1e9))
    except (ValueError, OverflowError):
        raise ConfigError(BUDGET, said, "a number of GB such as 20; 0: decoded pictures are not kept") from None
    place = next(folder for folder in (stores_folder(), *stores_folder().parents) if folder.exists())
    return int(_SHARE_OF_FREE * shutil.disk_usage(place).free)


def keep(photographs: Photographs) -> tuple[Photographs, str]:
    """Return the photographs with a store, and a note on it; where none can be made, themselves, and why.

    Raises:
        ConfigError: the environment variable is no number.
    """
    if not photographs.key or not len(photographs):
        return photographs, ""
    folder, needed = stores_folder() / photographs.key, int(picture_starts(photographs)[-1])
    try:
        if not _is_sound(folder, photographs, needed):
            why = _refusal(needed)
            if why:
                return photographs, f"pictures are decoded again in each epoch, as {why}"
            _make(folder, photographs, needed)
        os.utime(folder / _META)
        store = PictureStore(photographs, folder)
    except OSError as error:
        return photographs, (f"pictures are decoded again in each epoch, as {folder} cannot be written "
                             f"({error.strerror or error})")
    there = len(photographs) - store.missing
    return store, (f"{size(needed)} of decoded pictures are kept in {folder}: {there:,} of {len(photographs):,} are "
                   f"there, the others are decoded when they are first seen; {BUDGET} says how much one store may take")


def kept_stores() -> list[Kept]:
    """Return the stores there are, those that were not used for longest first."""
    found = []
    for folder in stores_folder().glob("[0-9a-f]*"):
        try:
            used, pictures = (folder / _META).stat().st_mtime, int(read_json(folder / _META)["pictures"])
        except (OSError, ValueError, LookupError, TypeError):
            used, pictures = 0.0, 0
        found.append(Kept(folder, folder_bytes(folder), pictures, used))
    return sorted(found, key=lambda each: each.used)


def remove_stores(days: float) -> list[Kept]:
    """Remove the stores that no run has opened for so many days, and return them; a run that uses one keeps its files
    open, and goes on."""
    old = [each for each in kept_stores() if time.time() - each.used >= days * _DAY]
    for each in old:
        with write_lock(each.folder):
            shutil.rmtree(each.folder, ignore_errors=True)
    return old


def _refusal(needed: int) -> str:
    """Return why a store of this many bytes is not made; empty: it is."""
    if read_only():
        return "the home can only be viewed"
    most = room()
    if needed > most:
        return (f"keeping them takes {size(needed)}, and one store may take {size(most)}; "
                f"{BUDGET} says how much")
    return ""


def _make(folder: Path, photographs: Photographs, needed: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with write_lock(folder):
        if _is_sound(folder, photographs, needed):
            return
        with replace_folder(folder) as temporary:
            (temporary / THERE).write_bytes(bytes(len(photographs)))
            with (temporary / PIXELS).open("wb") as file:
                file.truncate(needed)
            claim(temporary / PIXELS)
            (temporary / _META).write_text(json.dumps({"pictures": len(photographs), "bytes": needed}))


def _is_sound(folder: Path, photographs: Photographs, needed: int) -> bool:
    try:
        return (folder / PIXELS).stat().st_size == needed and (folder / _META).exists() and \
            (folder / THERE).stat().st_size == len(photographs)
    except OSError:
        return False
