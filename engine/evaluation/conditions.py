"""Conditions of evaluations: which test a config requests, and where predictions are stored. Imports no torch."""

import re
from dataclasses import replace

from engine.config import RunConfig
from engine.config.steps import run_scales
from engine.store import Conditions, Evaluation

SPLITS = {"test": "Test set", "val": "Validation"}


def requested_test(config: RunConfig) -> tuple[str, tuple[int, ...]]:
    """Return the test-time augmentation and scales of a config's test; ``("none", ())`` by default."""
    scales = run_scales(config)
    return config.tta, tuple(sorted(scales)) if len(scales) > 1 else ()


def normalise_conditions(conditions: Conditions, config: RunConfig) -> Conditions:
    """Sort and deduplicate the scales, and drop them if they are the run's default."""
    scales = tuple(sorted(set(conditions.scales)))
    return replace(conditions, scales=() if scales == run_scales(config)[:1] else scales)


def is_requested_test(conditions: Conditions, config: RunConfig) -> bool:
    """Whether these are the conditions of the config's test, for any checkpoint."""
    return not conditions.dataset and (conditions.tta, conditions.scales) == requested_test(config)


def predictions_name(conditions: Conditions, weights: str, fingerprint: str) -> str:
    """Return the file name for predictions of these weights (a checkpoint's folder name)."""
    parts = ["predictions", weights, conditions.split]
    if conditions.tta != "none":
        parts.append(conditions.tta)
    if conditions.scales:
        parts.append("+".join(map(str, conditions.scales)))
    if conditions.dataset:
        parts.append(f"{re.sub('[^A-Za-z0-9]+', '_', conditions.dataset)}-{fingerprint}")
    return "-".join(parts) + ".npz"


def describe_conditions(conditions: Conditions) -> str:
    """Return ``without test-time augmentation``, or ``with mirror images, at 36, 40 and 44 px``."""
    parts = [] if conditions.tta == "none" else ["with mirror images"]
    if conditions.scales:
        *others, largest = map(str, conditions.scales)
        parts.append(f"at {', '.join(others)} and {largest} px" if others else f"at {largest} px")
    return ", ".join(parts) or "without test-time augmentation"


def describe_checkpoint(evaluation: Evaluation) -> str:
    """Return ``best (epoch 7)`` or ``epoch 3``."""
    if evaluation.epoch is None or evaluation.checkpoint == evaluation.weights:
        return evaluation.checkpoint if evaluation.epoch is None else f"epoch {evaluation.epoch}"
    return f"{evaluation.checkpoint} (epoch {evaluation.epoch})"
