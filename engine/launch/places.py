"""Where the dispatcher and the warm process of one home meet everybody else."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from engine.errors import UserError
from engine.home import artifacts_dir, home

# sun_path holds 104 bytes on the smallest of the supported systems.
_LONGEST_SOCKET = 100


def launch_dir() -> Path:
    """Lock, logs and state of the dispatcher; readable by its owner only."""
    return _private(artifacts_dir() / "launch")


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


def lock_path() -> Path:
    return launch_dir() / "dispatcher.lock"


def state_path() -> Path:
    return launch_dir() / "state.json"


def log_path(name: str) -> Path:
    return launch_dir() / f"{name}.log"


def socket_path(name: str) -> Path:
    """A unix socket's path: in the home, or in the system's temporary folder when that would be too long."""
    path = launch_dir() / f"{name}.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    of_home = hashlib.sha256(os.fsencode(home())).hexdigest()[:12]
    return _private(Path(tempfile.gettempdir()) / f"darkroom-{os.getuid()}-{of_home}") / f"{name}.sock"


def _private(folder: Path) -> Path:
    """The folder, made for its owner alone.

    Raises:
        PermissionError: somebody else made it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder
