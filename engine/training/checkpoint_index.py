"""Which of a run's checkpoint folders is ``last`` and which ``best``. Imports no torch."""

import contextlib
from pathlib import Path

from engine.files import read_json
from engine.training.progress import Progress

INDEX, STATE, WEIGHTS = "index.json", "state.json", "model.safetensors"


def read_index(folder: Path) -> dict[str, str]:
    """Return folder names by role, ``last`` and ``best``; empty before the first checkpoint.

    An index that is damaged or lost is made again from the progress that the checkpoints hold.
    """
    try:
        found = read_json(folder / INDEX)
    except (OSError, ValueError):
        found = _from_progress(folder)
    return {role: name for role, name in found.items() if isinstance(name, str) and Path(name).name == name != ".."
            and (folder / name).is_dir()}


def read_progress(folder: Path) -> Progress:
    """Return the progress that is stored in a checkpoint.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged.
    """
    document = read_json(folder / STATE).get("progress")
    if not isinstance(document, dict):
        raise ValueError("it holds no progress")
    return Progress.from_dict(document)


def _from_progress(folder: Path) -> dict[str, str]:
    there = []
    for path in folder.glob(f"*/{STATE}"):
        with contextlib.suppress(OSError, ValueError):
            progress = read_progress(path.parent)
            if progress.label == path.parent.name:
                there.append(progress)
    if not there:
        return {}
    last = max(there, key=lambda progress: (progress.epoch, progress.step))
    return {"last": last.label, "best": Progress(epoch=last.best_epoch).label}
