"""Evaluation of pictures with any number of classes: the sigmoid of each, averaged over views, and thresholds that are
chosen on validation."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.config.steps import run_scales
from engine.data.views import views
from engine.evaluation.classification import EvalPictures, predict_logits, view_batches
from engine.labels.predictions import LabelPredictions
from engine.labels.thresholds import best_thresholds
from engine.store import Conditions, Run


def predict(run: Run, model: nn.Module, pictures: EvalPictures, conditions: Conditions,
            device: torch.device) -> LabelPredictions:
    """Predict the logits of pictures, averaged over the views in the conditions."""
    scales = conditions.scales or run_scales(run.config_object())[:1]
    batches = (view_batches(pictures, run, view, device) for view in views(conditions.tta, scales, pictures.flips))
    logits = average_logits(predict_logits(model, each) for each in batches)
    return LabelPredictions.undecided(pictures.ids, pictures.targets, logits.numpy())


def average_logits(logits_of_views: Iterable[Tensor]) -> Tensor:
    """Return logits [N, K] whose sigmoid is the mean of the views' sigmoid; a single view is unchanged."""
    found = list(logits_of_views)
    if len(found) == 1:
        return found[0]
    several = torch.stack(found).double()
    yes, no = (functional.logsigmoid(sign * several).logsumexp(0) - math.log(len(found)) for sign in (1, -1))
    return (yes - no).float()


def decided(run: Run, predictions: LabelPredictions, validation: LabelPredictions) -> LabelPredictions:
    """Return predictions with the thresholds of the run's option, or those with the highest F1 on validation."""
    said = run.config_object().thresholds
    thresholds = best_thresholds(validation.targets, validation.probabilities) if said == "validation" else \
        np.full(predictions.classes, float(said))
    return replace(predictions, thresholds=thresholds)
