"""Folders that users name, and writing whole folders so that a reader sees all of the new one or none of it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.errors import ConfigError
from engine.locks import locked


def named_place(data_path: str) -> Path | None:
    """The folder or pattern that ``data_path`` names, which need not be there; None when it is empty.

    Raises:
        ConfigError: it cannot be looked at: no permission, no such user's home, a name no file system takes.
    """
    if not data_path:
        return None
    try:
        place = Path(data_path).expanduser()
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return place
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError("data_path", data_path, f"a place that can be looked at ({reason})") from error
    return place


def writing(target: Path) -> contextlib.AbstractContextManager[None]:
    """The lock of whoever writes ``target``; others wait."""
    return locked(target.parent / f".{target.name}.lock")


@contextlib.contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside ``target`` that takes its place on leaving without an error.

    Call with :func:`writing` held: what earlier writers left behind when they were killed is cleared away.

    Raises:
        OSError: the parent cannot be written or the disk is full; ``target`` keeps its old content.
    """
    for leftover in target.parent.glob(f".{target.name}.partial-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.partial-"))
    try:
        yield temporary
        temporary.chmod(0o755)
        _fsync(temporary)
        if target.exists():
            old = temporary.with_name(f"{temporary.name}-old")
            target.rename(old)
            temporary.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _fsync(folder: Path) -> None:
    for path in (*(path for path in folder.rglob("*") if path.is_file()), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
