"""The test-time augmentations a run can name. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TtaRow:
    """``flips``: whether each picture's mirror image is looked at too."""

    help: str
    flips: bool = False


TTA: dict[str, TtaRow] = {
    "none": TtaRow("Every picture once."),
    "flip": TtaRow("Every picture and its mirror image, softmax averaged.", flips=True),
}
