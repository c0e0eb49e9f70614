"""Temperature scaling: one number, fitted on validation, that calibrates confidence."""

from dataclasses import dataclass

import numpy as np

from engine.evaluation.metrics import Predictions

LOWEST, HIGHEST = 0.05, 20.0
_AT_BOUND = 0.001


@dataclass(frozen=True)
class Temperature:
    """A temperature ``value`` that divides all logits, with the validation loss in nats before and after.

    Attributes:
        reason: why no temperature is determined, in a sentence; then ``value`` is 1, or the bound of the search.
    """

    value: float
    loss_before: float
    loss_after: float
    reason: str = ""

    @property
    def determined(self) -> bool:
        return not self.reason


def fit_temperature(validation: Predictions) -> Temperature:
    """Return the temperature with the lowest validation loss (Guo et al., 2017, arXiv 1706.04599). The loss has a
    single minimum, found by a bounded search on the logarithm of the temperature."""
    # It takes half a second to import, which processes that only train would pay too.
    from scipy.optimize import minimize_scalar

    before = float(validation.losses.mean())
    if (validation.predicted == validation.targets).all():
        return Temperature(1.0, before, before, "Every validation picture is classified correctly, so more confidence "
                           "always lowers the loss and no temperature can be fitted.")
    found = minimize_scalar(
        lambda log: apply_temperature(validation, float(np.exp(log))).losses.mean(), method="bounded",
        bounds=(np.log(LOWEST), np.log(HIGHEST)), options={"xatol": 1e-6})
    value = float(np.exp(found.x))
    return Temperature(value, before, float(found.fun), _reason(value))


def _reason(value: float) -> str:
    for bound, far in ((LOWEST, "lowest"), (HIGHEST, "highest")):
        if abs(np.log(value / bound)) < _AT_BOUND:
            return (f"The validation loss still falls at {bound:g}, the {far} temperature that is searched, so none is "
                    "determined: look at the logits, or use more validation pictures.")
    return ""


def apply_temperature(predictions: Predictions, temperature: float) -> Predictions:
    """Divide the logits by ``temperature`` > 0: predicted classes stay, confidence changes."""
    return Predictions(predictions.ids, predictions.targets,
                       (predictions.logits.astype(np.float64) / temperature).astype(np.float32))
