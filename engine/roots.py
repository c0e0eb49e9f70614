"""Which folders users' files may be read from, if ``DARKROOM_ROOTS`` names them."""

import errno
import os
import sys
from pathlib import Path

from engine.home import ROOT, expanded, home, real

ROOTS_VARIABLE = "DARKROOM_ROOTS"


def check_allowed(path: Path) -> None:
    """Refuse a file or folder outside the allowed ones, links followed. The home and what is installed are allowed.

    Raises:
        PermissionError: it is outside.
        OSError, RuntimeError, ValueError: it is no path.
    """
    named = [root for root in os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep) if root]
    if not named:
        return
    place = real(path)
    allowed = (home(), ROOT, Path(sys.prefix), *map(expanded, named))
    if not any(place.is_relative_to(real(root)) for root in allowed):
        raise PermissionError(errno.EACCES, f"it is outside the folders that {ROOTS_VARIABLE} allows", str(path))
