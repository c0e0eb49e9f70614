"""``Study``: the question, the factors, and the hypotheses."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from engine.config.parse import spellings
from engine.errors import nearest
from engine.study.factors import CellKey, Factor, Labels, Level, Pair, cells, label_of
from engine.study.hypothesis import Hypothesis

# The name is also used as a tag, in names of runs and in names of files.
_NAME = re.compile(r"[^/\\'\"`,\x00-\x1f\x7f]+")


class Adjustment(BaseModel):
    """Additional options of some cells: ``set`` applies ``when`` a cell has one of the given levels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: dict[str, Labels]
    set: dict[str, Any]


class TableSpec(BaseModel):
    """The layout of a table.

    Attributes:
        title: printed above the table; may be empty.
        rows, columns: factors of rows and columns; other factors are averaged over, ``at`` selects their levels.
        metrics: the metrics in each cell; empty: the study's metric.
        delta: ``{factor: (a, b)}``: an additional column with a minus b, and with ``relative`` one in % of b.
        digits: decimals; None: those of the metric's unit.
        order: the factors that rows are sorted by, the slowest first; empty: as ``rows``.
        options: fields of ``RunConfig`` printed beside each row's levels.
        best_of: factors of which each row shows only the best combination, by the first of ``metrics``.
        as_fractions: print accuracies as 0.104 instead of 10.4 %; differences are always in points.
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
    """The declaration of a study; frozen, and equal whether from YAML, the form or the store.

    Attributes:
        factors: ``{factor: {label: options}}``, options by field of ``RunConfig``. Short forms: a list of values of the
            option that names the factor, or ``{label: value}``.
        only, leave_out: patterns of cells to keep or to leave out; by default all combinations.
        settings: options that all runs share; ``adjust``: additional options of some cells.
        across: the factor over whose levels recipes, the cells of all other factors, are ranked; empty: the factor that
            varies the data set, see :attr:`ranked_over`.
        seeds: each cell is run once with each seed.
        metric: a key of :data:`engine.catalog.metrics.METRICS`.
        margin: the smallest difference of the metric that matters, in its own unit (fractions for accuracies).
        ratio_margin: the smallest ratio of it that matters, such as 1.05; 1 if none is declared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=80)
    question: str = Field("", max_length=2000)
    factors: dict[str, dict[str, dict[str, Any]]]
    only: tuple[dict[str, Labels], ...] = ()
    leave_out: tuple[dict[str, Labels], ...] = ()
    settings: dict[str, Any] = {}
    adjust: tuple[Adjustment, ...] = ()
    across: str = ""
    seeds: tuple[int, ...] = (0, 1, 2)
    metric: str = "top1"
    margin: float = Field(0.0, ge=0)
    ratio_margin: float = Field(1.0, ge=1)
    hypotheses: tuple[Hypothesis, ...] = ()
    tables: tuple[TableSpec, ...] = ()

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value) or value != value.strip() or value.startswith("-"):
            raise ValueError(f"{value!r} is not a valid name; use one without slash, quote, comma or line break that "
                             "does not start with a dash or end with a space")
        return value

    @field_validator("factors", mode="before")
    @classmethod
    def _in_full(cls, value: object) -> object:
        """Expand the short forms ``[a, b]`` and ``{label: a}`` to ``{label: {factor: a}}``."""
        if not isinstance(value, Mapping):
            return value
        return {str(name): _levels(str(name), levels) for name, levels in value.items()}

    @field_validator("across")
    @classmethod
    def _is_a_factor(cls, value: str, info: ValidationInfo) -> str:
        factors = info.data.get("factors", {})
        if value and value not in factors:
            close = nearest(value, factors)
            raise ValueError(f"{value!r} is not a factor of this study"
                             + (f"; nearest: {', '.join(close)}" if close else f"; there are {', '.join(factors)}"))
        return value

    @cached_property
    def ranked_over(self) -> str:
        """The factor of the sets that recipes are ranked over: ``across``, else the one that varies the data set."""
        return self.across or next((factor.name for factor in self.varied if _is_dataset(factor.name) or (
            factor.levels and all(any(map(_is_dataset, level.options)) for level in factor.levels))), "")

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

    def margins(self, hypothesis: Hypothesis) -> tuple[float, float]:
        """Return what a difference and a ratio must exceed in this hypothesis; 0 and 1 if nothing is declared.

        The study's margins are for its own metric.
        """
        own = (hypothesis.metric or self.metric) == self.metric
        margin, ratio = (self.margin, self.ratio_margin) if own else (0.0, 1.0)
        return (margin if hypothesis.margin is None else hypothesis.margin,
                ratio if hypothesis.ratio_margin is None else hypothesis.ratio_margin)

    @cached_property
    def cells(self) -> tuple[CellKey, ...]:
        """The cells, in the order of the factors."""
        return tuple(cells(self.varied, self.only, self.leave_out))

    def factor(self, name: str) -> Factor:
        """Return the factor with this name.

        Raises:
            KeyError: there is none.
        """
        for factor in self.varied:
            if factor.name == name:
                return factor
        raise KeyError(f"no factor {name!r}")


def _is_dataset(option: str) -> bool:
    return spellings().get(option) == "dataset"


def _levels(factor: str, levels: object) -> object:
    if isinstance(levels, list | tuple):
        return {label_of(value): {factor: value} for value in levels}
    if isinstance(levels, Mapping):
        return {label_of(label): dict(value) if isinstance(value, Mapping) else {factor: value}
                for label, value in levels.items()}
    return levels
