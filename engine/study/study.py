"""``Study``: what is asked, what is varied, and what would count as an answer."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.study.factors import CellKey, Factor, Labels, Level, Pair, cells, label_of
from engine.study.hypothesis import Hypothesis

# It is also a tag, a word in a run's name and a part of a file's.
_NAME = re.compile(r"[^/\\'\"`,\x00-\x1f\x7f]+")


class Adjustment(BaseModel):
    """Options that some cells have besides: ``set`` applies ``when`` a cell has one of the given levels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: dict[str, Labels]
    set: dict[str, Any]


class TableSpec(BaseModel):
    """A table as a paper prints it.

    Attributes:
        title: printed above it; may be empty.
        rows, columns: the factors down and across; a factor in neither is averaged over, ``at`` chooses its levels.
        metrics: the figures in each cell, by their names in the study; empty: the study's own metric.
        delta: ``{factor: (a, b)}``: a column more with a minus b, absolute and, if ``relative``, in % of b.
        digits: digits after the point of what is printed; None: as the metric's unit asks.
        order: the factors that rows are sorted by, the slowest first; empty: as ``rows``.
        options: fields of ``RunConfig`` that are printed beside each row's levels.
        best_of: factors of whose combinations each row shows only the best, by the first of ``metrics``, and names it.
        as_fractions: accuracies are printed as 0.104 rather than 10.4 %; differences of them are points either way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    at: dict[str, Labels] = {}
    delta: dict[str, Pair] = {}
    relative: bool = False
    digits: int | None = Field(None, ge=0, le=6)
    order: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    best_of: tuple[str, ...] = ()
    as_fractions: bool = False


class Study(BaseModel):
    """A study as it is declared, before it runs; frozen, and the same from YAML, the form and the store.

    Attributes:
        factors: ``{factor: {label: options}}``, options by field of ``RunConfig``. What people type is shorter: a list
            of values of the option that the factor is named after, or ``{label: value}``.
        only, leave_out: patterns of cells to keep, or not to have; by default there is every combination.
        settings: options that all runs share; ``adjust``: those that only some cells have.
        seeds: each cell is run once with each.
        metric: a name of :data:`engine.catalog.metrics.METRICS`.
        margin: the smallest difference of that metric that matters, in its own unit (fractions for accuracies).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=80)
    question: str = Field("", max_length=2000)
    factors: dict[str, dict[str, dict[str, Any]]]
    only: tuple[dict[str, Labels], ...] = ()
    leave_out: tuple[dict[str, Labels], ...] = ()
    settings: dict[str, Any] = {}
    adjust: tuple[Adjustment, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)
    metric: str = "top1"
    margin: float = Field(0.0, ge=0)
    hypotheses: tuple[Hypothesis, ...] = ()
    tables: tuple[TableSpec, ...] = ()

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value) or value != value.strip() or value.startswith("-"):
            raise ValueError(f"{value!r} is not a name without slash, quote, comma or line break, not starting with a "
                             "dash or ending in a space")
        return value

    @field_validator("factors", mode="before")
    @classmethod
    def _in_full(cls, value: object) -> object:
        """``[a, b]`` and ``{label: a}`` are short for ``{label: {factor: a}}``."""
        if not isinstance(value, Mapping):
            return value
        return {str(name): _levels(str(name), levels) for name, levels in value.items()}

    @cached_property
    def varied(self) -> tuple[Factor, ...]:
        """The factors with their levels, in the order of declaration."""
        return tuple(Factor(name, tuple(Level(label, options) for label, options in levels.items()))
                     for name, levels in self.factors.items())

    @property
    def metrics_named(self) -> set[str]:
        """The metrics of the study, of its hypotheses and of its tables."""
        return {self.metric, *(one.metric for one in self.hypotheses), *(name for table in self.tables
                                                                         for name in table.metrics)} - {""}

    @cached_property
    def cells(self) -> tuple[CellKey, ...]:
        """The cells there are to be, in the order of the factors."""
        return tuple(cells(self.varied, self.only, self.leave_out))

    def factor(self, name: str) -> Factor:
        """Raises KeyError when there is none of that name."""
        return next(factor for factor in self.varied if factor.name == name) if name in self.factors else _none(name)


def _levels(factor: str, levels: object) -> object:
    if isinstance(levels, list | tuple):
        return {label_of(value): {factor: value} for value in levels}
    if isinstance(levels, Mapping):
        return {label_of(label): dict(value) if isinstance(value, Mapping) else {factor: value}
                for label, value in levels.items()}
    return levels


def _none(name: str) -> Factor:
    raise KeyError(f"no factor {name!r}")
