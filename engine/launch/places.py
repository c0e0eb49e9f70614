"""Folders of a home in which its processes meet."""

import os
import tempfile
from pathlib import Path

from engine.errors import UserError
from engine.home import artifacts_dir


def launch_dir() -> Path:
    """Lock, logs and state of the dispatcher; readable by its owner only."""
    return private(artifacts_dir() / "launch")


def jobs_dir() -> Path:
    """Where jobs keep their files; readable by its owner only."""
    return private(artifacts_dir() / "jobs")


def check_writable() -> None:
    """Refuse a home that runs cannot write to, before anything is queued.

    Raises:
        UserError: naming what cannot be written, and why.
    """
    try:
        for folder in (launch_dir(), artifacts_dir() / "runs"):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"x")
    except OSError as error:
        raise UserError(f"{artifacts_dir()} cannot be written: {error.strerror or error}") from None


def private(folder: Path) -> Path:
    """The folder, made for its owner alone.

    Raises:
        PermissionError: somebody else made it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder
