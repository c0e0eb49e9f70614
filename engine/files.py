"""Paths, and writing files so that a reader sees the old content or the new, never half of one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def absolute(text: str) -> str:
    """A path that means the same from every folder, a leading ``~`` replaced; empty text stays empty."""
    return str(Path(text).expanduser().resolve()) if text else ""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``; on leaving without an error it is fsynced and renamed onto ``path``.

    Raises:
        OSError: the folder cannot be written or the disk is full; ``path`` keeps its old content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        sync_file(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content, or leave the old one.

    Raises:
        OSError: as :func:`replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` survive a power cut."""
    sync_file(folder)


def sync_file(path: Path) -> None:
    """Flush a file's or folder's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
