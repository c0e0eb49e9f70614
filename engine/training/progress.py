"""Where a run stands: written into every checkpoint and read back on resume."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

_FORMERLY = {"best_val_accuracy": "best_score", "best_val_loss": "best_loss", "gain_accuracy": "gain_score"}


@dataclass
class Progress:
    """Counts of what has been done.

    Attributes:
        epoch: whole epochs done.
        step: optimizer steps done in all.
        step_in_epoch: steps done of the epoch under way; 0 between epochs.
        meter: the training meter's sums of the epoch under way.
        best_score, best_loss, best_epoch: the best score in validation (0–1) so far, the loss that came with it, and
            the epoch (from 1) of both.
        trained_seconds: time spent training and validating, over all attempts.
        gain_score, epochs_without_gain: the score (0–1) that has to be bettered for early stopping, and for how many
            epochs it was not.
        ended_early: why training ended before its last epoch; empty: it did not.
        schedule: what the learning-rate schedule has to remember.
    """

    epoch: int = 0
    step: int = 0
    step_in_epoch: int = 0
    meter: dict[str, float] = field(default_factory=dict)
    best_score: float = -1.0
    best_loss: float = 0.0
    best_epoch: int = 0
    trained_seconds: float = 0.0
    gain_score: float = -1.0
    epochs_without_gain: int = 0
    ended_early: str = ""
    schedule: dict[str, Any] = field(default_factory=dict)

    def is_best(self, score: float, loss: float) -> bool:
        """Whether the epoch just done is the best so far, and note it if so; the loss decides between equals."""
        best = (score, -loss) > (self.best_score, -self.best_loss)
        if best:
            self.best = score, loss, self.epoch
        return best

    def count_gain(self, score: float, min_gain: float) -> None:
        """Note whether the epoch just done was better by more than ``min_gain`` (0–1) than any before."""
        if score > self.gain_score + min_gain:
            self.gain_score, self.epochs_without_gain = score, 0
        else:
            self.epochs_without_gain += 1

    def restart_patience(self) -> None:
        """Let a run that ended early go on, with as much patience as at its start."""
        self.epochs_without_gain, self.ended_early = 0, ""

    @property
    def best(self) -> tuple[float, float, int]:
        return self.best_score, self.best_loss, self.best_epoch

    @best.setter
    def best(self, best: tuple[float, float, int]) -> None:
        self.best_score, self.best_loss, self.best_epoch = best

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Progress:
        """What :meth:`to_dict` made, of this version or of one that knew accuracies only."""
        return cls(**{_FORMERLY.get(name, name): value for name, value in document.items()})

    @property
    def label(self) -> str:
        """The name of a checkpoint taken here."""
        return f"epoch-{self.epoch:04d}" if not self.step_in_epoch else f"step-{self.step:08d}"
