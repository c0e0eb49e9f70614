"""Loads a run's trained model, and prepares pictures as in its test."""

import numpy as np
import torch
from torch import Tensor, nn

from engine.config.steps import run_scales
from engine.data.batches import EvalBatches
from engine.data.dataset import Pictures
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


def prepare_pictures(run: Run, pictures: Pictures) -> Tensor:
    """Turn pictures of the run's data, uint8 [N, H, W, C], into the model's input in its test: float32 [N, C, S, S]."""
    scale = (run_scales(run.config_object()) or (0,))[0]
    batches = EvalBatches(
        pictures, np.zeros(len(pictures), np.int64), batch_size=len(pictures), size=run.resolved["image_size"],
        mean=run.resolved["mean"], std=run.resolved["std"], device=_CPU, channels_last=False, scale=scale)
    return next(iter(batches))[0]


def visible_share(run: Run) -> float:
    """Return the side of the part of a picture that the model gets, as a share of its side; above 1: padded."""
    scale = (run_scales(run.config_object()) or (0,))[0]
    return float(run.resolved["image_size"]) / scale if scale else 1.0
