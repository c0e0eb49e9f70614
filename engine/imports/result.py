"""A result as a reader found it, before anybody knows which cell of which study it is."""

from dataclasses import dataclass, field

from engine.store import Status
from engine.store.chunks import Column


@dataclass(frozen=True)
class Found:
    """One run of somewhere else.

    Attributes:
        where: for error messages: ``line 3``, or a folder's name.
        name: what it is called there; empty if nothing.
        settings: text by column, the column as :func:`engine.imports.columns.key_of` spells it.
        figures: by a name of :data:`engine.catalog.metrics.METRICS`, in its unit (accuracies as fractions).
        rounding: half of the last printed digit, by the same names; what was printed in full has none.
        curves: (steps, values) by Darkroom's name of the metric.
        seed: where the file tells.
    """

    where: str
    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    rounding: dict[str, float] = field(default_factory=dict)
    curves: dict[str, Column] = field(default_factory=dict)
    seed: int | None = None
    status: Status = Status.FINISHED


@dataclass(frozen=True)
class Reading:
    """Everything a file holds, and what its reader should be told about how it was read."""

    found: tuple[Found, ...]
    notes: tuple[str, ...] = ()
