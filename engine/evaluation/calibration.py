"""Temperature scaling: one number, fitted on validation, that makes confidence mean what it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from engine.evaluation.metrics import Predictions

LOWEST, HIGHEST = 0.05, 20.0


@dataclass(frozen=True)
class Temperature:
    """``value`` divides every logit; ``loss_before`` and ``loss_after`` are validation losses in nats."""

    value: float
    loss_before: float
    loss_after: float

    @property
    def at_bound(self) -> bool:
        """The fit ran into :data:`LOWEST` or :data:`HIGHEST`: validation says too little, such as when all is right."""
        return not LOWEST * 1.01 < self.value < HIGHEST / 1.01


def fit_temperature(validation: Predictions) -> Temperature:
    """The temperature with the least validation loss (Guo et al., On Calibration of Modern Neural Networks, 2017).

    The loss has one minimum over the temperature, so a bounded search on its logarithm finds it.
    """
    found = minimize_scalar(lambda log: scaled(validation, float(np.exp(log))).losses.mean(), method="bounded",
                            bounds=(np.log(LOWEST), np.log(HIGHEST)), options={"xatol": 1e-6})
    return Temperature(float(np.exp(found.x)), float(validation.losses.mean()), float(found.fun))


def scaled(predictions: Predictions, temperature: float) -> Predictions:
    """The same predictions with logits divided by ``temperature`` > 0: what is predicted stays, how surely changes."""
    return Predictions(predictions.ids, predictions.targets,
                       (predictions.logits.astype(np.float64) / temperature).astype(np.float32))
