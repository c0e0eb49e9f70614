"""Results as read from a file, before they are assigned to cells of a study."""

from dataclasses import dataclass, field

from engine.store import Status
from engine.store.chunks import Column


@dataclass(frozen=True)
class Found:
    """The result of one run.

    Attributes:
        where: its place for error messages: ``line 3``, or a folder's name.
        name: its name in the file; may be empty.
        settings: text by column, normalised by :func:`engine.imports.columns.key_of`.
        figures: by name in :data:`engine.catalog.metrics.METRICS`, in its unit (accuracies as fractions).
        rounding: half of the last printed digit, by the same names; none if printed in full.
        curves: (steps, values) by Darkroom's name of the metric.
        seed: None if unknown.
    """

    where: str
    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    rounding: dict[str, float] = field(default_factory=dict)
    curves: dict[str, Column] = field(default_factory=dict)
    seed: int | None = None
    status: Status = Status.FINISHED
