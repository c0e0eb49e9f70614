"""Where Darkroom stores its files: ``runs.db``, ``artifacts/`` and ``data/`` in one folder."""

import contextlib
import errno
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_DATABASE = "runs.db"


def expanded(text: str | Path) -> Path:
    """Return a path with ``~`` expanded; one of a user that there is not stays."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path's raises an error


def real(text: str | Path) -> Path:
    """Return an absolute path with ``~`` expanded and links followed; a link to itself stays."""
    return Path(os.path.realpath(expanded(text)))


def home() -> Path:
    """Return the folder in ``DARKROOM_HOME``, else the repository root."""
    return real(os.environ.get("DARKROOM_HOME") or ROOT)


def stored_path(path: Path) -> str:
    """Return a path relative to the home, if inside it, so that the home can be moved; ``home() / stored_path(p)`` is
    p."""
    place = real(path)
    return str(place.relative_to(home()) if place.is_relative_to(home()) else place)


def db_path() -> Path:
    return home() / _DATABASE


def notify_path() -> Path:
    """Return the file of the addresses that messages on runs and studies are sent to, with their rules."""
    return home() / "notify.yaml"


def data_dir() -> Path:
    return home() / "data"


def weights_dir() -> Path:
    """Return the folder of imported weights, each file named after its model."""
    return data_dir() / "weights"


def artifacts_dir() -> Path:
    return home() / "artifacts"


def read_only() -> str:
    """Return why a home that is there can only be viewed, as a line; empty: it can be written."""
    folder = home()
    database = folder / _DATABASE
    try:
        owner = database.stat().st_uid
    except OSError:
        return ""
    if os.environ.get("DARKROOM_READ_ONLY"):
        reason = "DARKROOM_READ_ONLY is set"
    elif not all(os.access(path, os.W_OK) for path in (folder, database)):
        mounted = os.statvfs(folder).f_flag & os.ST_RDONLY
        reason = os.strerror(errno.EROFS if mounted else errno.EACCES)
    elif owner != os.geteuid():
        reason = "it belongs to another user"
    else:
        return ""
    return f"{folder} can only be viewed, nothing can be changed or launched: {reason}"


def make_private() -> None:
    """Let this process and those it starts write files that only their owner can read, and close what is open in this
    home to others. The folders are closed rather than each file, so that it takes no time."""
    os.umask(0o077)
    inside = (artifacts_dir(), data_dir(), home() / "plugins", *home().glob("runs.db*"))
    for path in inside if home() == ROOT else (home(), *inside):
        with contextlib.suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(path.stat().st_mode & 0o700)


class HomeWatch:
    """Notices when the home is moved or deleted while a process works in it."""

    def __init__(self) -> None:
        self._folder = os.open(home(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def change(self) -> str:
        """What happened to the home, in words; empty: nothing did.

        After a move ``DARKROOM_HOME`` names its new place, where the system tells it, so that paths are right again.
        """
        kept = os.fstat(self._folder)
        before = home()
        if _file_id(before) != (kept.st_dev, kept.st_ino):
            now = self._place()
            if now is None:
                return f"its home {before} was deleted"
            os.environ["DARKROOM_HOME"] = str(now)
            return f"its home was moved from {before} to {now}"
        return ""

    def close(self) -> None:
        os.close(self._folder)

    def _place(self) -> Path | None:
        """Where the folder is now; None: nowhere, or the system does not tell."""
        try:
            place = Path(f"/proc/self/fd/{self._folder}").readlink()
        except OSError:
            return None
        return place if place.is_dir() else None


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def run_dir(run_id: int) -> Path:
    """Return a run's folder: its journal, log, checkpoints and predictions."""
    return artifacts_dir() / "runs" / f"{run_id:06d}"
