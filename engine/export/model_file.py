"""Exports a trained model to a file for other programs. Imports no torch."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import UserError
from engine.store import Run, Store
from engine.tasks import TASKS


@dataclass(frozen=True)
class ExportedFile:
    """An exported file.

    Attributes:
        file: its path.
        bytes: its size.
        opset: version of ONNX's operators.
        pictures: number of test pictures on which it was compared with torch.
        difference: largest absolute difference of an output.
    """

    file: str
    bytes: int
    opset: int
    pictures: int
    difference: float


def export_path(run: Run, checkpoint: str) -> Path:
    """Return a path in the run's folder, named after run and checkpoint."""
    name = re.sub(r"[^\w.+-]+", "_", run.name).strip("._") or "run"
    return run.folder / "exports" / f"{run.id}-{name}-{checkpoint}.onnx"


def export_model(run: Run, path: Path, checkpoint: str = "best") -> ExportedFile:
    """Export a checkpoint's model with its task's exporter.

    Raises:
        UserError: the task has no exporter, the checkpoint is missing, or the outputs differ from the model's; nothing
        is written.
        OSError: the file cannot be written.
    """
    exporter = TASKS[run.task].export
    if exporter is None:
        raise UserError(f"{run.name}: models for {run.task} cannot be exported; the weights of {run.config['model']} "
                        f"are in {run.folder / 'checkpoints'} as safetensors")
    exported: ExportedFile = exporter(run, path, checkpoint)
    return exported


def export_request(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``export`` of ``checkpoint`` of ``run``, an id, to ``file``, a path."""
    run = Store.open().runs.get(int(request["run"]))
    return asdict(export_model(run, Path(request["file"]), request.get("checkpoint", "best")))
