"""A run's model as a checkpoint left it, and pictures as that model was tested on them."""

import numpy as np
import torch
from torch import Tensor, nn

from engine.config.steps import own_scales
from engine.data.batches import EvalBatches
from engine.data.dataset import Pictures
from engine.evaluation.checkpoints import checkpoint_folder
from engine.store import Run
from engine.tasks import TASKS
from engine.training.checkpoints import load_weights

_CPU = torch.device("cpu")


def trained_model(run: Run, checkpoint: str = "best") -> nn.Module:
    """The model on the CPU, in eval mode; never on a GPU, whose memory a training run may need.

    Raises:
        UserError: the run has no such checkpoint, or it is damaged.
    """
    folder = run.folder / "checkpoints" / checkpoint_folder(run, checkpoint)
    model: nn.Module = TASKS[run.task].restored_model(run, _CPU).to(memory_format=torch.contiguous_format)
    load_weights(folder, model)
    return model.eval()


def as_tested(run: Run, pictures: Pictures) -> Tensor:
    """Pictures of the run's data, uint8 [N, H, W, C], as its test showed them to the model: float32 [N, C, S, S]."""
    scale = (own_scales(run.config_object()) or (0,))[0]
    batches = EvalBatches(
        pictures, np.zeros(len(pictures), np.int64), batch_size=len(pictures), size=run.resolved["image_size"],
        mean=run.resolved["mean"], std=run.resolved["std"], device=_CPU, channels_last=False, scale=scale)
    return next(iter(batches))[0]


def shown_share(run: Run) -> float:
    """Side of the part of a picture that the model is shown, as a share of its side; above 1: it is padded."""
    scale = (own_scales(run.config_object()) or (0,))[0]
    return float(run.resolved["image_size"]) / scale if scale else 1.0
