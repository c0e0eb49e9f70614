"""Where Darkroom stores its files: ``runs.db``, ``artifacts/`` and ``data/`` in one folder."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """Return the folder in ``DARKROOM_HOME``, else the repository root."""
    return Path(os.environ.get("DARKROOM_HOME") or ROOT).expanduser().resolve()


def stored_path(path: Path) -> str:
    """Return a path relative to the home, if inside it, so that the home can be moved; ``home() / stored_path(p)`` is
    p."""
    place = path.resolve()
    return str(place.relative_to(home()) if place.is_relative_to(home()) else place)


def db_path() -> Path:
    return home() / "runs.db"


def data_dir() -> Path:
    return home() / "data"


def weights_dir() -> Path:
    """Return the folder of imported weights, each file named after its model."""
    return data_dir() / "weights"


def artifacts_dir() -> Path:
    return home() / "artifacts"


def run_dir(run_id: int) -> Path:
    """Return a run's folder: its journal, log, checkpoints and predictions."""
    return artifacts_dir() / "runs" / f"{run_id:06d}"
