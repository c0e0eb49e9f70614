"""Loads a run's trained model, and prepares pictures as in its test."""

import numpy as np
import torch
from torch import Tensor, nn

from engine.config.steps import is_cropped, run_scales
from engine.data.batches import EvalBatches
from engine.data.dataset import Images
from engine.data.photographs.source import as_photographs
from engine.data.storage import short_side
from engine.evaluation.checkpoints import checkpoint_folder
from engine.store import Run
from engine.tasks import TASKS
from engine.training.checkpoints import load_weights

_CPU = torch.device("cpu")


def load_trained_model(run: Run, checkpoint: str = "best") -> nn.Module:
    """Load the model on the CPU, in eval mode, since a training run may need the GPU's memory.

    Raises:
        UserError: the run has no such checkpoint, or it is damaged.
    """
    folder = run.folder / "checkpoints" / checkpoint_folder(run, checkpoint)
    model: nn.Module = TASKS[run.task].restored_model(run, _CPU).to(memory_format=torch.contiguous_format)
    load_weights(folder, model)
    return model.eval()


def prepare_pictures(run: Run, pictures: Images) -> Tensor:
    """Turn pictures as the run reads them, see ``run_pictures``, into the model's input in its test: float32
    [N, C, S, S]."""
    config = run.config_object()
    batches = EvalBatches(
        pictures, np.zeros(len(pictures), np.int64), batch_size=len(pictures), size=run.resolved["image_size"],
        mean=run.resolved["mean"], std=run.resolved["std"], device=_CPU, channels_last=False,
        scale=(run_scales(config) or (0,))[0], interpolation=config.interpolation if is_cropped(config) else "")
    return next(iter(batches))[0]


def visible_shares(run: Run, pictures: Images) -> list[tuple[float, float]]:
    """Return for each picture the height and width of the part that the model gets, as shares of the picture's; above
    1: padded."""
    config, size = run.config_object(), float(run.resolved["image_size"])
    scale = (run_scales(config) or (0,))[0]
    if not is_cropped(config):
        return [(size / scale, size / scale) if scale else (1.0, 1.0)] * len(pictures)
    scaled = (short_side(sides, scale) for sides in as_photographs(pictures).sizes.tolist())
    return [(size / height, size / width) for height, width in scaled]
