"""Where a run stands: written into every checkpoint and read back on resume."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Progress:
    """Counts of what has been done.

    Attributes:
        epoch: whole epochs done.
        step: optimizer steps done in all.
        step_in_epoch: steps done of the epoch under way; 0 between epochs.
        meter: the training meter's sums of the epoch under way.
        best_val_accuracy, best_epoch: the best validation accuracy (0–1) so far and the epoch (from 1) it came in.
        trained_seconds: time spent training and validating, over all attempts.
    """

    epoch: int = 0
    step: int = 0
    step_in_epoch: int = 0
    meter: dict[str, float] = field(default_factory=dict)
    best_val_accuracy: float = -1.0
    best_epoch: int = 0
    trained_seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def label(self) -> str:
        """The name of a checkpoint taken here."""
        return f"epoch-{self.epoch:04d}" if not self.step_in_epoch else f"step-{self.step:08d}"
