"""User-named folders, and atomic replacement of whole folders."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.data.reading import folder_of
from engine.errors import ConfigError
from engine.files import check_allowed, sync_file
from engine.locks import locked


def user_path(data_path: str) -> Path | None:
    """Return the folder or pattern in ``data_path``, which need not exist; None if empty.

    Raises:
        ConfigError: it cannot be accessed: no permission, an unknown user's home, an invalid name.
    """
    if not data_path:
        return None
    try:
        place = Path(data_path).expanduser()
        check_allowed(folder_of(place))
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return place
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError("data_path", data_path, f"an accessible folder ({reason})") from error
    return place


def write_lock(target: Path) -> contextlib.AbstractContextManager[None]:
    """Return the lock for writing ``target``; other writers wait."""
    return locked(target.parent / f".{target.name}.lock")


@contextlib.contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``target``, which replaces it on leaving without an error.

    Hold :func:`write_lock`: leftovers of killed writers are deleted.

    Raises:
        OSError: the parent cannot be written or the disk is full; ``target`` keeps its content.
    """
    for leftover in target.parent.glob(f".{target.name}.partial-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.partial-"))
    try:
        yield temporary
        for path in (*(path for path in temporary.rglob("*") if path.is_file()), temporary):
            sync_file(path)
        if target.exists():
            old = temporary.with_name(f"{temporary.name}-old")
            target.rename(old)
            temporary.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)



