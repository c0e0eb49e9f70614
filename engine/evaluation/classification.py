"""Evaluation of classifiers: softmax of every picture, averaged over views for test-time augmentation."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from engine.config.steps import run_scales
from engine.data.batches import EvalBatches
from engine.data.views import views
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.restored import EvalPictures, view_batches
from engine.store import Conditions, Run


def predict(run: Run, model: nn.Module, pictures: EvalPictures, conditions: Conditions,
            device: torch.device) -> Predictions:
    """Predict the logits of pictures, averaged over the views in the conditions."""
    scales = conditions.scales or run_scales(run.config_object())[:1]
    batches = (view_batches(pictures, run, view, device) for view in views(conditions.tta, scales, pictures.flips))
    logits = average_logits(predict_logits(model, each) for each in batches)
    return Predictions(pictures.ids, pictures.targets, logits.numpy())


@torch.inference_mode()
def predict_logits(model: nn.Module, batches: EvalBatches) -> Tensor:
    """Return the model's logits for every picture, in order: float32 [N, K] on the CPU."""
    model.eval()
    return torch.cat([model(images).float().cpu() for images, _ in batches])


def average_logits(logits_of_views: Iterable[Tensor]) -> Tensor:
    """Return logits [N, K] whose softmax is the mean of the views' softmax; a single view is unchanged."""
    several = iter(logits_of_views)
    first = next(several)
    total, count = first.double().log_softmax(1), 1
    for logits in several:
        total, count = torch.logaddexp(total, logits.double().log_softmax(1)), count + 1
    return first if count == 1 else (total - math.log(count)).float()


def figures(run: Run, predictions: Predictions) -> dict[str, float]:
    """Compute the metrics of predictions, by name."""
    return summary(predictions)
