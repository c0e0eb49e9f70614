"""Where Darkroom keeps what it makes: ``runs.db``, ``artifacts/`` and ``data/`` in one folder."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder named by ``DARKROOM_HOME``, else the repository root."""
    return Path(os.environ.get("DARKROOM_HOME") or ROOT).expanduser().resolve()


def stored_path(path: Path) -> str:
    """A path as it is stored: one inside the home is relative to it, so that the home may be moved. ``home()`` joined
    with it is the path again."""
    place = path.resolve()
    return str(place.relative_to(home()) if place.is_relative_to(home()) else place)


def db_path() -> Path:
    return home() / "runs.db"


def data_dir() -> Path:
    return home() / "data"


def weights_dir() -> Path:
    """Published weights that were imported here, each a file named after its model."""
    return data_dir() / "weights"


def artifacts_dir() -> Path:
    return home() / "artifacts"


def run_dir(run_id: int) -> Path:
    """A run's folder: its journal, log, checkpoints and predictions."""
    return artifacts_dir() / "runs" / f"{run_id:06d}"
