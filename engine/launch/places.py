"""Folders that the processes of a home share."""

import hashlib
import os
import tempfile
from pathlib import Path

from engine.disk_space import refusal
from engine.errors import UserError
from engine.home import artifacts_dir, home, read_only


def launch_dir() -> Path:
    """Return the folder of the dispatcher's lock, logs and state, readable by its owner only."""
    return private(_shared() / "launch")


def jobs_dir() -> Path:
    """Return the folder of the jobs' files, readable by its owner only."""
    return private(_shared() / "jobs")


def _shared() -> Path:
    """Where processes of the home meet: in its artifacts, or in a temporary folder if it can only be viewed."""
    if not read_only():
        return artifacts_dir()
    of_home = hashlib.sha256(os.fsencode(home())).hexdigest()[:12]
    return private(Path(tempfile.gettempdir()) / f"darkroom-{os.getuid()}-{of_home}")


def check_writable() -> None:
    """Refuse a home that runs cannot write to, before anything is queued.

    Raises:
        UserError: names the folder and the reason.
    """
    if reason := read_only():
        raise UserError(reason)
    try:
        for folder in (launch_dir(), artifacts_dir() / "runs"):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"x")
    except OSError as error:
        raise UserError(refusal(artifacts_dir(), error)) from None


def private(folder: Path) -> Path:
    """Create a folder that only its owner can read, and return it.

    In a home that is gone nothing is made: processes outlive it, and a home that was moved or deleted must not come
    back where it was.

    Raises:
        PermissionError: it belongs to another user.
    """
    if folder.is_relative_to(home()) and not home().is_dir():
        return folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    return folder
