"""What a rule is, and what it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.analysis.lint.plan import Planned
from engine.config import RunConfig
from engine.study.factors import CellKey
from engine.study.study import Study

LEVELS = ("warning", "note")
"""A warning says that the outcome will probably not be what is wanted, a note what to know when reading it."""

Cells = Mapping[CellKey, RunConfig]


@dataclass(frozen=True)
class Remark:
    """What one rule says of some runs.

    Attributes:
        rule: the rule's name.
        level: one of :data:`LEVELS`.
        message: one line without a full stop.
        source: the paper, or the measurement, that the rule rests on.
        cells: the study's cells it concerns, in the study's order; empty where there is no study, or it concerns all.
    """

    rule: str
    level: str
    message: str
    source: str
    cells: tuple[CellKey, ...] = ()


class Rule(Protocol):
    """What every kind of rule has; ``name`` is how a remark refers to it."""

    @property
    def name(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def level(self) -> str: ...


@dataclass(frozen=True)
class ConfigRule:
    """Looks at a run alone. ``message`` is formatted with the config as ``c`` and its :class:`Planned` as ``p``."""

    name: str
    when: Callable[[Planned], bool]
    message: str
    source: str
    level: str = "warning"


@dataclass(frozen=True)
class StudyRule:
    """Looks at a study with its cells' configs: ``find`` gives the messages, each with the cells it concerns."""

    name: str
    find: Callable[[Study, Cells], list[tuple[str, tuple[CellKey, ...]]]]
    source: str
    level: str = "warning"
