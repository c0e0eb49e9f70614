"""``Metric``: what a row of :mod:`engine.catalog.metrics` says, and how its values become text."""

import math
import sys
from dataclasses import dataclass
from enum import Flag, auto
from pkgutil import resolve_name
from typing import Any

from engine.errors import PLUGINS, UserError, described, plugin_place
from engine.words import DASH


@dataclass(frozen=True)
class Unit:
    """How people see a unit: a value times ``scale``, then ``suffix``; a difference of two with ``of_difference``."""

    scale: float = 1.0
    suffix: str = ""
    of_difference: str = ""


UNITS: dict[str, Unit] = {
    "share": Unit(100, " %", " points"),
    "plain": Unit(),
    "count": Unit(),
    "nats": Unit(1, " nats", " nats"),
    "seconds": Unit(1, " s", " s"),
    "images/s": Unit(1, " images/s", " images/s"),
    "bytes": Unit(2.0**-20, " MB", " MB"),
}


class Shown(Flag):
    """Where a figure of a run is shown, besides its evaluation: by default everywhere."""

    STUDIES = auto()
    """A study can be judged by it, and imported tables may hold it."""
    RUNS = auto()
    """A column of Runs."""
    FEW = auto()
    """Also where there is room for a few: Compare, if it is a column of Runs, and ensembles."""
    EVERYWHERE = STUDIES | RUNS | FEW


@dataclass(frozen=True)
class Metric:
    """One figure. Its key and its level are where it stands in :mod:`engine.catalog.metrics`.

    Attributes:
        title: what people call it.
        help: what it says, in a sentence.
        source: the paper or the library whose definition it is.
        short: its title where columns are narrow; empty: as ``title``.
        unit: a key of :data:`UNITS`; shares are fractions of 0–1.
        digits: after the point of what is printed, once the unit's scale is applied.
        higher_is_better: otherwise lower is; None: neither.
        task: the task whose evaluations hold it; empty: it is the run's own, whatever the task.
        compute: ``module:name`` of the function of a split's predictions that gives it: a number for a run, an array
            with one for each class; NaN is what means nothing.
        column: the attribute of a run that holds it; empty: the test's metrics do.
        complement: the metric that it is 1 minus.
        imported: other names of it in tables and curves from elsewhere.
        shown: where it is shown, if it is a figure of a run.
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
    def heading_of_runs(self) -> str:
        """Its heading in tables of runs, where the test's loss is one of three."""
        return self.heading if self.column else self.title

    @property
    def word(self) -> str:
        """Its heading as it stands within a sentence: ``top-1``, ``ECE``."""
        return self.heading[0].lower() + self.heading[1:] if self.heading[1:2].islower() else self.heading

    def of(self, predictions: Any) -> Any:
        """Compute it. A plug-in's is NaN where none is imported, and where its own code fails, which stderr is told."""
        if not self.is_of_a_plugin:
            return resolve_name(self.compute)(predictions)
        try:
            return float(resolve_name(self.compute)(predictions))
        except Exception as error:
            if isinstance(error, UserError) or plugin_place(error):
                print(f"{self.title} is left out: {described(error)}", file=sys.stderr)
            return math.nan

    @property
    def is_of_a_plugin(self) -> bool:
        """Whether the user's own code computes it: it is read from what an evaluation kept, where that code is not."""
        return self.compute.startswith(f"{PLUGINS}.")

    def text(self, value: float | None, *, unit: bool = True) -> str:
        """``97.50 %``, ``12.4 s``; a dash for what is not known or means nothing."""
        if value is None or math.isnan(value):
            return DASH
        return f"{value * self.as_unit.scale:,.{self.digits}f}{self.as_unit.suffix if unit else ''}"

    def cell(self, value: float | None) -> str:
        """As below a heading, where only % is said."""
        return self.text(value, unit=self.unit == "share")
