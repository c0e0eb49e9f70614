"""Temperature scaling: one number, fitted on validation, that calibrates confidence."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from engine.evaluation.metrics import Predictions

LOWEST, HIGHEST = 0.05, 20.0


@dataclass(frozen=True)
class Temperature:
    """A temperature ``value`` that divides all logits, with the validation loss in nats before and after.

    If all validation predictions are correct, more confidence always lowers the loss: ``determined`` is then False and
    ``value`` 1.
    """

    value: float
    loss_before: float
    loss_after: float
    determined: bool = True


def fit_temperature(validation: Predictions) -> Temperature:
    """Return the temperature with the lowest validation loss (Guo et al., 2017, arXiv 1706.04599). The loss has a
    single minimum, found by a bounded search on the logarithm of the temperature."""
    before = float(validation.losses.mean())
    if (validation.predicted == validation.targets).all():
        return Temperature(1.0, before, before, determined=False)
    found = minimize_scalar(
        lambda log: apply_temperature(validation, float(np.exp(log))).losses.mean(), method="bounded",
        bounds=(np.log(LOWEST), np.log(HIGHEST)), options={"xatol": 1e-6})
    return Temperature(float(np.exp(found.x)), before, float(found.fun))


def apply_temperature(predictions: Predictions, temperature: float) -> Predictions:
    """Divide the logits by ``temperature`` > 0: predicted classes stay, confidence changes."""
    return Predictions(predictions.ids, predictions.targets,
                       (predictions.logits.astype(np.float64) / temperature).astype(np.float32))
