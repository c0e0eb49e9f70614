"""Paths, and atomic file writes: a reader sees the old content or the new, never a part."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def absolute(text: str) -> str:
    """Return an absolute path with ``~`` expanded; empty text stays empty."""
    return str(Path(text).expanduser().resolve()) if text else ""


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on leaving without an error it is synced and renamed to ``path``.

    Raises:
        OSError: the folder cannot be written or the disk is full; ``path`` keeps its content.
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
        sync_file(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content, or keep the old one; raises as :func:`replace_file`."""
    with replace_file(path) as temporary:
        temporary.write_bytes(content)


def sync_file(path: Path) -> None:
    """Flush a file, or a folder's renames, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
