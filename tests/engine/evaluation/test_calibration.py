"""Temperature scaling finds the temperature that predictions were given, and changes no prediction."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.calibration import apply_temperature, fit_temperature
from engine.evaluation.metrics import Predictions, summary


def calibrated(seed: int = 0, count: int = 20_000, classes: int = 8) -> Predictions:
    """Predictions that mean what they say: labels are drawn from the softmax itself."""
    random = np.random.default_rng(seed)
    logits = 2 * random.normal(size=(count, classes))
    targets = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    return Predictions(np.arange(count), targets, logits.astype(np.float32))


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    honest = calibrated()
    spoiled = Predictions(honest.ids, honest.targets, honest.logits * np.float32(temperature))
    found = fit_temperature(spoiled)
    assert found.value == pytest.approx(temperature, rel=0.03) and found.determined
    assert found.loss_before == pytest.approx(spoiled.losses.mean())
    assert found.loss_after == pytest.approx(apply_temperature(spoiled, found.value).losses.mean())
    assert found.loss_after <= found.loss_before
    others = calibrated(1)
    test = Predictions(others.ids, others.targets, others.logits * np.float32(temperature))
    assert summary(apply_temperature(test, found.value))["ece"] < 0.01


def test_the_fit_is_the_minimum_of_the_loss() -> None:
    validation = Predictions(np.arange(500), *(getattr(calibrated(2, 500), name) for name in ("targets", "logits")))
    best = min(np.linspace(0.5, 2, 301), key=lambda value: apply_temperature(validation, value).losses.mean())
    assert fit_temperature(validation).value == pytest.approx(best, abs=0.006)


def test_scaling_changes_how_sure_but_not_what() -> None:
    before = calibrated(3, 200)
    after = apply_temperature(before, 2.5)
    assert (after.predicted == before.predicted).all() and (after.confidence < before.confidence).all()


def test_validation_that_is_all_right_changes_nothing_and_says_so() -> None:
    perfect = Predictions(np.arange(8), np.arange(8), 30 * np.eye(8, dtype=np.float32))
    found = fit_temperature(perfect)
    assert (found.value, found.determined) == (1.0, False)
    assert found.reason.startswith("Every validation picture is classified correctly")


@pytest.mark.parametrize(("scale", "right", "value", "words"), [
    (0.001, 0.99, 0.05, "still falls at 0.05, the lowest"), (50, 0.05, 20, "still falls at 20, the highest")])
def test_a_temperature_at_the_bound_of_its_search_is_not_determined(scale: float, right: float, value: float,
                                                                    words: str) -> None:
    random = np.random.default_rng(0)
    targets = random.integers(0, 8, 400)
    told = np.where(random.random(400) < right, targets, (targets + 1) % 8)
    validation = Predictions(np.arange(400), targets, (scale * np.eye(8)[told]).astype(np.float32))
    found = fit_temperature(validation)
    assert found.value == pytest.approx(value, rel=0.002) and not found.determined and words in found.reason
