"""Temperature scaling: one number, fitted on validation, that makes confidence mean what it says."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from engine.evaluation.metrics import Predictions

LOWEST, HIGHEST = 0.05, 20.0


@dataclass(frozen=True)
class Temperature:
    """``value`` divides every logit; ``loss_before`` and ``loss_after`` are validation losses in nats.

    ``determined`` is False when validation cannot tell: everything in it is right, so that only ever more confidence
    would lower its loss. ``value`` is 1 then.
    """

    value: float
    loss_before: float
    loss_after: float
    determined: bool = True


def fit_temperature(validation: Predictions) -> Temperature:
    """The temperature with the least validation loss (Guo et al., 2017, arXiv 1706.04599).

    The loss has one minimum over the temperature, so a bounded search on its logarithm finds it.
    """
    before = float(validation.losses.mean())
    if (validation.predicted == validation.targets).all():
        return Temperature(1.0, before, before, determined=False)
    found = minimize_scalar(lambda log: scaled(validation, float(np.exp(log))).losses.mean(), method="bounded",
                            bounds=(np.log(LOWEST), np.log(HIGHEST)), options={"xatol": 1e-6})
    return Temperature(float(np.exp(found.x)), before, float(found.fun))


def scaled(predictions: Predictions, temperature: float) -> Predictions:
    """The same predictions with logits divided by ``temperature`` > 0: what is predicted stays, how surely changes."""
    return Predictions(predictions.ids, predictions.targets,
                       (predictions.logits.astype(np.float64) / temperature).astype(np.float32))
