"""Results as read from a file, before they are assigned to cells of a study, and which F1 they hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.store import Status
from engine.store.chunks import Column

Cells = list[tuple[int, str | float, int]]
"""The step, the text and the line of each point."""


@dataclass(frozen=True)
class Found:
    """The result of one run.

    Attributes:
        where: its place for error messages: ``line 3``, or a folder's name.
        name: its name in the file; may be empty.
        settings: text by column, normalised by :func:`engine.imports.columns.key_of`.
        cells: by title, as they stand in the file; none once they are figures and curves.
        figures: by name in :data:`engine.catalog.metrics.METRICS`, in its unit (accuracies as fractions).
        rounding: half of the last printed digit, by the same names; none if printed in full.
        curves: (steps, values) by Darkroom's name of the metric.
        seed: None if unknown.
    """

    where: str
    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    cells: dict[str, Cells] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    rounding: dict[str, float] = field(default_factory=dict)
    curves: dict[str, Column] = field(default_factory=dict)
    seed: int | None = None
    status: Status = Status.FINISHED


def resolve_f1(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """Rename ``f1`` to the metric that it is, with a note on why.

    It is the harmonic mean of macro precision and macro recall if the printed digits agree with that in every row;
    otherwise the mean of the classes' F1.
    """
    holding = [one for one in found if "f1" in one.figures]
    if not holding:
        return list(found), []
    judged = [one for one in holding if {"macro_precision", "macro_recall"} <= one.figures.keys()]
    other = next((one for one in judged if not _is_of_means(one)), None)
    if judged and other is None:
        name, note = "f1_of_means", (f"F1 is the harmonic mean of precision and recall in all {len(judged)} rows, so "
                                     "it is read as F1 of means, not as the mean of the classes' F1.")
    elif other is not None:
        name, note = "macro_f1", (f"F1 is not the harmonic mean of precision and recall ({other.where}: "
                                  f"{100 * _of_means(other):.2f} %, printed {100 * other.figures['f1']:.2f} %): it is "
                                  "read as the mean of the classes' F1.")
    else:
        name, note = "macro_f1", "F1 is read as the mean of the classes' F1; the file does not define it."
    return [_renamed(one, name) for one in found], [note]


def _of_means(one: Found) -> float:
    precision, recall = one.figures["macro_precision"], one.figures["macro_recall"]
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _is_of_means(one: Found) -> bool:
    """Return whether F1 is the harmonic mean of precision and recall within rounding."""
    open_ = sum(one.rounding.get(name, 0.0) for name in ("f1", "macro_precision", "macro_recall"))
    return abs(_of_means(one) - one.figures["f1"]) <= open_ + 1e-9


def _renamed(one: Found, name: str) -> Found:
    def moved(values: dict[str, float]) -> dict[str, float]:
        return {name if key == "f1" else key: value for key, value in values.items()}

    return replace(one, figures=moved(one.figures), rounding=moved(one.rounding))
