"""Full disks: recognised by whatever error says so, named, and never without room for the last words."""

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.home import home

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# SQLite, safetensors, NumPy and zip files say in words what the system said as a number.
_WORDS = re.compile(r"disk is full|No space left on device|Disk quota exceeded|File too large|"
                    r"\(os error (?:28|122|27)\)|\d+ requested and \d+ written")
_FULL_DISK = "the disk is full: "
_PROBE = 65_536
_RESERVED = 262_144


def is_full(error: BaseException | str) -> bool:
    """Whether an error, or its text, means that the disk is full, a quota is used up, or a file may not grow."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    return bool(_WORDS.search(str(error)))


def full_message(error: BaseException | str, place: Path | None = None) -> str:
    """Return the line for an error that means that the disk is full; empty: it means something else.

    Args:
        place: what could not be written; by default the error's file, else the home.
    """
    if not is_full(error):
        return ""
    if str(error).startswith(_FULL_DISK):
        return str(error)
    file, reason = (error.filename, error.strerror) if isinstance(error, OSError) else (None, None)
    return (f"{_FULL_DISK}{place or file or home()} cannot be written ({reason or 'disk full'}); "
            "free some space, then resume or try again")


def refusal(place: Path, error: OSError) -> str:
    """Return the line for a place that cannot be written."""
    return full_message(error, place) or f"{place} cannot be written: {error.strerror or error}"


def no_room(folder: Path, offset: int = 0) -> str:
    """Return why a file in ``folder`` cannot grow beyond ``offset``, in the system's words; empty: it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            if os.pwrite(probe.fileno(), bytes(_PROBE), offset) == _PROBE:
                return ""
    except OSError as error:
        return (error.strerror or "") if is_full(error) else ""
    return os.strerror(errno.ENOSPC)


def claim(file: Path) -> None:
    """Give every part of a file its place on the disk: a memory map without one ends the process when written.

    Raises:
        OSError: the disk is full.
    """
    if hasattr(os, "posix_fallocate"):
        with file.open("r+b") as opened:
            os.posix_fallocate(opened.fileno(), 0, max(file.stat().st_size, 1))


@contextlib.contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Hold space until leaving, for what a run writes last: its status, the end of its log, the last metrics.

    Raises:
        OSError: the disk is full already.
    """
    with tempfile.TemporaryFile(dir=folder) as held:
        held.write(bytes(_RESERVED))
        held.flush()
        yield


def folder_bytes(folder: Path) -> int:
    """Return the size of all files in a folder, each counted once however many names it has; 0 if there is none."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                status = (Path(place) / name).lstat()
                found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(found.values())
