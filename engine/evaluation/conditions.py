"""Which tests a config asks for, and in which files their predictions are kept. Imports no torch."""

import re
from dataclasses import replace

from engine.config import RunConfig
from engine.config.steps import own_scales
from engine.store import Conditions, Evaluation

SPLITS = {"test": "Test set", "val": "Validation"}


def asked(config: RunConfig) -> tuple[str, tuple[int, ...]]:
    """Test-time augmentation and scales of the test that the config asks for: ``("none", ())`` unless it names some."""
    scales = own_scales(config)
    return config.tta, tuple(sorted(scales)) if len(scales) > 1 else ()


def in_normal_form(conditions: Conditions, config: RunConfig) -> Conditions:
    """The same with scales ascending and once each, and none where they say what the run does anyway."""
    scales = tuple(sorted(set(conditions.scales)))
    return replace(conditions, scales=() if scales == own_scales(config)[:1] else scales)


def is_asked(conditions: Conditions, config: RunConfig) -> bool:
    """Whether this is the test by which the run is judged, of whichever checkpoint."""
    return not conditions.dataset and (conditions.tta, conditions.scales) == asked(config)


def predictions_name(conditions: Conditions, weights: str, fingerprint: str) -> str:
    """The file that keeps what these weights (a checkpoint's folder name) said of these pictures."""
    parts = ["predictions", weights, conditions.split]
    if conditions.tta != "none":
        parts.append(conditions.tta)
    if conditions.scales:
        parts.append("+".join(map(str, conditions.scales)))
    if conditions.dataset:
        parts.append(f"{re.sub('[^A-Za-z0-9]+', '_', conditions.dataset)}-{fingerprint}")
    return "-".join(parts) + ".npz"


def in_words(conditions: Conditions) -> str:
    """How the pictures were looked at: ``as they are``, ``with their mirror images, at 36, 40 and 44 px``."""
    parts = [] if conditions.tta == "none" else ["with their mirror images"]
    if conditions.scales:
        *others, largest = map(str, conditions.scales)
        parts.append(f"at {', '.join(others)} and {largest} px" if others else f"at {largest} px")
    return ", ".join(parts) or "as they are"


def checkpoint_in_words(evaluation: Evaluation) -> str:
    """``best (epoch 7)``, ``epoch 3``."""
    if evaluation.epoch is None or evaluation.checkpoint == evaluation.weights:
        return evaluation.checkpoint if evaluation.epoch is None else f"epoch {evaluation.epoch}"
    return f"{evaluation.checkpoint} (epoch {evaluation.epoch})"
