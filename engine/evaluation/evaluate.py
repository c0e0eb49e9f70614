"""Evaluating a checkpoint once and keeping every prediction."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from engine.data.batches import EvalBatches
from engine.errors import UserError
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.predictions import save_predictions
from engine.store import Run, Store
from engine.training.checkpoints import Checkpoints, load_weights
from engine.training.setup import Setup


def evaluate(store: Store, run: Run, setup: Setup) -> dict[str, float]:
    """Predict the test pictures with the best checkpoint, else the last; store predictions and metrics.

    Raises:
        UserError: the run has no checkpoint.
    """
    names = Checkpoints(run.folder / "checkpoints").names()
    which = "best" if "best" in names else "last"
    if which not in names:
        raise UserError(f"{run.name}: has no checkpoint to evaluate")
    folder = run.folder / "checkpoints" / names[which]
    load_weights(folder, setup.model)
    predictions = predict(setup.model, setup.test)
    path = run.folder / f"predictions-{which}-test.npz"
    digest = save_predictions(path, predictions)
    metrics = summary(predictions)
    store.evaluations.add(run.id, which, "test", metrics, path, digest)
    return metrics


@torch.inference_mode()
def predict(model: nn.Module, batches: EvalBatches) -> Predictions:
    """The model's logits for every picture, in order."""
    model.eval()
    logits, targets = [], []
    for images, labels in batches:
        logits.append(model(images).float().cpu())
        targets.append(labels.cpu())
    together = torch.cat(logits).numpy()
    return Predictions(np.arange(len(together), dtype=np.int64), torch.cat(targets).numpy(), together)
