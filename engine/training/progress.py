"""The progress of a run, stored in every checkpoint."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

_FORMERLY = {"best_val_accuracy": "best_score", "best_val_loss": "best_loss", "gain_accuracy": "gain_score"}


@dataclass
class Progress:
    """How far a run has trained.

    Attributes:
        epoch: completed epochs.
        step: optimizer steps in total.
        step_in_epoch: steps in the current epoch; 0 between epochs.
        meter: the training meter's sums of the current epoch.
        best_score, best_loss, best_epoch: best validation score (0–1), with its loss and epoch (from 1).
        trained_seconds: time of training and validation, over all attempts.
        gain_score, epochs_without_gain: score (0–1) to exceed for early stopping, and the epochs since it was set.
        ended_early: why training ended before its last epoch; empty: it did not.
        schedule: state of the learning-rate schedule.
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
        """Whether the last epoch is the best so far, which is then recorded; ties are decided by the loss."""
        best = (score, -loss) > (self.best_score, -self.best_loss)
        if best:
            self.best = score, loss, self.epoch
        return best

    def count_gain(self, score: float, min_gain: float) -> None:
        """Record whether the last epoch exceeded the best score by more than ``min_gain`` (0–1)."""
        if score > self.gain_score + min_gain:
            self.gain_score, self.epochs_without_gain = score, 0
        else:
            self.epochs_without_gain += 1

    def restart_patience(self) -> None:
        """Let a run that ended early continue with full patience."""
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
        """Restore what :meth:`to_dict` returned, in this or an earlier version.

        Raises:
            ValueError: a value is unknown, or of another kind.
        """
        named = {_FORMERLY.get(name, name): value for name, value in document.items()}
        kinds = {each.name: type(getattr(cls(), each.name)) for each in fields(cls)}
        for name, value in named.items():
            kind = kinds.get(name)
            if kind is None or not isinstance(value, (int, float) if kind is float else kind):
                raise ValueError(f"progress: {name}: {value!r:.60} is not expected")
        return cls(**named)

    @property
    def label(self) -> str:
        """The name of a checkpoint at this point."""
        return f"epoch-{self.epoch:04d}" if not self.step_in_epoch else f"step-{self.step:08d}"
