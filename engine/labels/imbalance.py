"""How unequally classes are represented in training, in figures and words."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.words import listed

UNEQUAL, VERY_UNEQUAL = 2.0, 10.0
"""Pictures of the largest class for each of the smallest from which on it is told, and from which on accuracy misleads:
Buda et al., 2018 see little harm below ten."""
_FEW, _ENDS = 12, 3


@dataclass(frozen=True)
class Imbalance:
    """The training pictures of each class.

    Attributes:
        counts: as many as there are names.
    """

    names: Sequence[str]
    counts: Sequence[int]

    @property
    def ratio(self) -> float:
        """Pictures of the largest class for each of the smallest; 1 if nothing is known, infinite if one has none."""
        if not self.counts:
            return 1.0
        return max(self.counts) / min(self.counts) if min(self.counts) else float("inf")

    @property
    def is_told(self) -> bool:
        return self.ratio >= UNEQUAL

    @property
    def is_strong(self) -> bool:
        return self.ratio >= VERY_UNEQUAL

    def __str__(self) -> str:
        """All counts, or the largest and the smallest, as text: ``cat 1,000, dog 20``."""
        ordered = sorted(zip(self.counts, self.names, strict=True), key=lambda each: -each[0])
        texts = [f"{name} {count:,}" for count, name in ordered]
        if len(texts) <= _FEW:
            return listed(texts, _FEW)
        return f"{', '.join(texts[:_ENDS])} … {', '.join(texts[-_ENDS:])}"


def imbalance_note(found: Imbalance) -> str:
    """Return a sentence on unequal classes; empty if they are nearly equal, or unknown."""
    return f"Training pictures of each class, {found.ratio:.3g} to 1: {found}." if found.is_told else ""
