"""How a run is tested."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.choices import TTA
from engine.catalog.datasets import names_of
from engine.config.option import Option, Section

_DETECTION = names_of("detection")


class EvaluationOptions(BaseModel):
    """What is averaged over when a run is tested at its end."""

    tta: Annotated[str, Option(
        Section.EVALUATION, "Test-time augmentation: what the softmax is averaged over at the final test.",
        label="Test-time augmentation", choices=lambda: tuple(TTA), advanced=True,
        unless={"dataset": _DETECTION})] = "none"
    test_scale: Annotated[str, Option(
        Section.EVALUATION, "Sides Q in pixels to which pictures are resized before their centre is cropped for "
        "validation and test; several joined by + (such as 36+40+44) are averaged in the test; empty: as the model "
        "sees them, or for VGG-style training the middle of S.", label="Test scale Q", advanced=True,
        unless={"dataset": _DETECTION})] = ""
    score_threshold: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "Boxes of at least this score are shown and counted as found at first; mAP is of all "
        "boxes.", label="Score threshold", advanced=True, applies={"dataset": _DETECTION})] = 0.5
    nms_threshold: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "Of boxes of the same class that overlap by more than this IoU only the best is kept "
        "(non-maximum suppression).", label="NMS threshold", advanced=True,
        applies={"dataset": _DETECTION})] = 0.5
