"""How a run is tested."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from engine.config.option import Option, Section
from engine.evaluation.tta import TTA


class EvaluationOptions(BaseModel):
    """What is averaged over when a run is tested at its end."""

    tta: Annotated[str, Option(
        Section.EVALUATION, "Test-time augmentation: what the softmax is averaged over at the final test.",
        label="Test-time augmentation", choices=lambda: tuple(TTA), advanced=True)] = "none"
    test_scale: Annotated[str, Option(
        Section.EVALUATION, "Sides Q in pixels to which pictures are resized before their centre is cropped for "
        "validation and test; several joined by + (such as 36+40+44) are averaged in the test; empty: as the model "
        "sees them, or for VGG-style training the middle of S.", label="Test scale Q", advanced=True)] = ""
