"""Paths of the dispatcher's and the warm process's files."""

import hashlib
import os
import tempfile
from pathlib import Path

from engine.home import home
from engine.launch.places import launch_dir, private

# sun_path holds 104 bytes on the smallest of the supported systems.
_LONGEST_SOCKET = 100


def lock_path() -> Path:
    return launch_dir() / "dispatcher.lock"


def state_path() -> Path:
    return launch_dir() / "state.json"


def log_path(name: str) -> Path:
    return launch_dir() / f"{name}.log"


def socket_path(name: str) -> Path:
    """Return a unix socket's path: in the home, or in the temporary folder if that is too long."""
    path = launch_dir() / f"{name}.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    of_home = hashlib.sha256(os.fsencode(home())).hexdigest()[:12]
    return private(Path(tempfile.gettempdir()) / f"darkroom-{os.getuid()}-{of_home}") / f"{name}.sock"
