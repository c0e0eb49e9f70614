"""``Metric``: a row of :mod:`engine.catalog.metrics`, and how its values are formatted."""

import math
import sys
from dataclasses import dataclass
from enum import Flag, auto
from pkgutil import resolve_name
from typing import Any

from engine.errors import PLUGINS, UserError, describe_error, plugin_place
from engine.words import DASH


@dataclass(frozen=True)
class Unit:
    """How to format a value: multiply by ``scale``, append ``suffix``, or ``difference_suffix`` for a difference."""

    scale: float = 1.0
    suffix: str = ""
    difference_suffix: str = ""


UNITS: dict[str, Unit] = {
    "share": Unit(100, " %", " points"),
    "plain": Unit(),
    "count": Unit(),
    "nats": Unit(1, " nats", " nats"),
    "seconds": Unit(1, " s", " s"),
    "images/s": Unit(1, " images/s", " images/s"),
    "bytes": Unit(1e-6, " MB", " MB"),
}


class Shown(Flag):
    """Where a metric of a run is shown, besides its evaluation; by default everywhere."""

    STUDIES = auto()
    """Selectable in studies and in imported tables."""
    RUNS = auto()
    """A column on the Runs page."""
    FEW = auto()
    """Also in short lists: ensembles, and Compare if it is a Runs column."""
    EVERYWHERE = STUDIES | RUNS | FEW


CONFUSION = "confusion"
"""``by_picture`` of a metric that the confusion matrix determines."""


@dataclass(frozen=True)
class Metric:
    """One metric. Its key and level are given by its table in :mod:`engine.catalog.metrics`.

    Attributes:
        title: its name.
        help: its meaning, in a sentence.
        source: the paper or library that defines it.
        short: its title in narrow columns; empty: ``title``.
        unit: a key of :data:`UNITS`; shares are fractions of 0–1.
        digits: decimal places, after applying the unit's scale.
        higher_is_better: False: lower is better; None: neither.
        task: the task whose evaluations include it; empty: a property of the run itself, for any task.
        compute: ``module:name`` of a function from a split's predictions to a number, or to an array with one number
        per class; NaN means undefined.
        by_picture: ``module:name`` of a function from what ``compute`` takes to float64 [N], the values of single
            pictures whose mean is the metric; :data:`CONFUSION` if the confusion matrix determines it; empty: neither.
        column: the attribute of a run that stores it; empty: it is in the test metrics.
        complement: the metric that is 1 minus this one.
        imported: other names in imported tables and curves.
        shown: where it is shown, for a metric of a run.
    """

    title: str
    help: str
    source: str = ""
    short: str = ""
    unit: str = "share"
    digits: int = 2
    higher_is_better: bool | None = True
    task: str = ""
    compute: str = ""
    by_picture: str = ""
    column: str = ""
    complement: str = ""
    imported: tuple[str, ...] = ()
    shown: Shown = Shown.EVERYWHERE

    @property
    def as_unit(self) -> Unit:
        return UNITS[self.unit]

    @property
    def heading(self) -> str:
        return self.short or self.title

    @property
    def run_heading(self) -> str:
        """Its heading in tables of runs, where "loss" alone would be ambiguous."""
        return self.heading if self.column else self.title

    @property
    def word(self) -> str:
        """Its heading within a sentence: ``top-1``, ``ECE``."""
        return self.heading[0].lower() + self.heading[1:] if self.heading[1:2].islower() else self.heading

    def evaluate(self, predictions: Any) -> Any:
        """Compute the metric; for a plug-in, NaN if it is not imported or fails, with a message on stderr."""
        if not self.from_plugin:
            return resolve_name(self.compute)(predictions)
        try:
            return float(resolve_name(self.compute)(predictions))
        except Exception as error:
            if isinstance(error, UserError) or plugin_place(error):
                print(f"{self.title} is left out: {describe_error(error)}", file=sys.stderr)
            return math.nan

    @property
    def from_plugin(self) -> bool:
        """Whether a plug-in computes it; without that plug-in, its stored value is used."""
        return self.compute.startswith(f"{PLUGINS}.")

    def text(self, value: float | None, *, unit: bool = True) -> str:
        """Format as ``97.50 %`` or ``12.4 s``; a dash for None and NaN."""
        if value is None or math.isnan(value):
            return DASH
        return f"{value * self.as_unit.scale:,.{self.digits}f}{self.as_unit.suffix if unit else ''}"

    def cell(self, value: float | None) -> str:
        """Format for a table cell: without the unit, except for ``%``."""
        return self.text(value, unit=self.unit == "share")
