"""A trained model as a file that other programs can run. Imports no torch."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import UserError
from engine.store import Run, Store
from engine.tasks import TASKS


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        file: its path.
        bytes: its size.
        opset: version of ONNX's operators.
        pictures: test pictures on which it was compared with torch.
        difference: the largest absolute difference of an output among them.
    """

    file: str
    bytes: int
    opset: int
    pictures: int
    difference: float


def export_path(run: Run, checkpoint: str, suffix: str = "onnx") -> Path:
    """A file in the run's folder, named after run and checkpoint."""
    name = re.sub(r"[^\w.+-]+", "_", run.name).strip("._") or "run"
    return run.folder / "exports" / f"{run.id}-{name}-{checkpoint}.{suffix}"


def export_model(run: Run, path: Path, checkpoint: str = "best") -> Exported:
    """Write a checkpoint's model, as its task exports it.

    Raises:
        UserError: models of this task cannot be exported, there is no such checkpoint, or the file would not give the
            model's own outputs; nothing is written then.
        OSError: the file cannot be written.
    """
    exporter = TASKS[run.task].export
    if exporter is None:
        raise UserError(f"{run.name}: models for {run.task} cannot be exported; the weights of {run.config['model']} "
                        f"are in {run.folder / 'checkpoints'} as safetensors")
    exported: Exported = exporter(run, path, checkpoint)
    return exported


def export_request(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``export``: of ``run``, an id, ``checkpoint`` to ``file``, a path."""
    run = Store.open().runs.get(int(request["run"]))
    return asdict(export_model(run, Path(request["file"]), request.get("checkpoint", "best")))
