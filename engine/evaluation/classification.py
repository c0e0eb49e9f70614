"""How classifiers are evaluated: the softmax of every picture, averaged over views where that is asked for."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from engine.config.steps import own_scales
from engine.data.batches import EvalBatches
from engine.data.views import views
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.restored import Looked, batches_of_view
from engine.store import Conditions, Run


def predict(run: Run, model: nn.Module, pictures: Looked, conditions: Conditions, device: torch.device) -> Predictions:
    """What the model says of pictures, under conditions of views alone."""
    scales = conditions.scales or own_scales(run.config_object())[:1]
    batches = (batches_of_view(pictures, run, view, device) for view in views(conditions.tta, scales, pictures.flips))
    logits = averaged(predicted_logits(model, each) for each in batches)
    return Predictions(pictures.ids, pictures.targets, logits.numpy())


@torch.inference_mode()
def predicted_logits(model: nn.Module, batches: EvalBatches) -> Tensor:
    """The model's logits for every picture, in order: float32 [N, K] on the CPU."""
    model.eval()
    return torch.cat([model(images).float().cpu() for images, _ in batches])


def averaged(logits_of_views: Iterable[Tensor]) -> Tensor:
    """Logits [N, K] whose softmax is the mean of the views' softmax; those of a single view stay as they are."""
    several = iter(logits_of_views)
    first = next(several)
    total, count = first.double().log_softmax(1), 1
    for logits in several:
        total, count = torch.logaddexp(total, logits.double().log_softmax(1)), count + 1
    return first if count == 1 else (total - math.log(count)).float()


def figures(run: Run, predictions: Predictions) -> dict[str, float]:
    """The metrics of predictions, by name."""
    return summary(predictions)
