"""Rules of the linter, and their remarks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.analysis.lint.plan import Planned
from engine.config import RunConfig
from engine.study.factors import CellKey
from engine.study.study import Study

LEVELS = ("warning", "note")
"""A warning: the result will probably not be as intended. A note: helps to interpret the result."""

Cells = Mapping[CellKey, RunConfig]
Messages = list[tuple[str, tuple[CellKey, ...]]]
"""Messages of a rule, each with the cells that it concerns."""


@dataclass(frozen=True)
class Remark:
    """A remark of one rule on some runs.

    Attributes:
        rule: the rule's name.
        level: one of :data:`LEVELS`.
        message: one line without a full stop.
        source: the paper or the measurement behind the rule.
        cells: the cells it concerns, in the study's order; empty without a study, or if it concerns all.
    """

    rule: str
    level: str
    message: str
    source: str
    cells: tuple[CellKey, ...] = ()


@dataclass(frozen=True)
class ConfigRule:
    """A rule about one config; ``message`` and ``source`` are formatted with the config as ``c`` and its
    :class:`Planned` as ``p``."""

    name: str
    when: Callable[[Planned], bool]
    message: str
    source: str
    level: str = "warning"


@dataclass(frozen=True)
class StudyRule:
    """A rule about a study and its cells' configs; ``find`` returns messages, each with the cells it concerns."""

    name: str
    find: Callable[[Study, Cells], Messages]
    source: str
    level: str = "warning"
