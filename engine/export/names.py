"""Where an exported model is put unless somebody says otherwise. Imports no torch."""

from __future__ import annotations

import re
from pathlib import Path

from engine.store import Run


def export_path(run: Run, checkpoint: str, suffix: str = "onnx") -> Path:
    """A file in the run's folder, named after run and checkpoint."""
    name = re.sub(r"[^\w.+-]+", "_", run.name).strip("._") or "run"
    return run.folder / "exports" / f"{run.id}-{name}-{checkpoint}.{suffix}"
