"""Applying the rules to runs as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.analysis.lint.data import DATA
from engine.analysis.lint.models import MODELS
from engine.analysis.lint.optimisation import OPTIMISATION
from engine.analysis.lint.planned import Planned
from engine.analysis.lint.remark import LEVELS, ConfigRule, Remark, Rule
from engine.config import RunConfig
from engine.errors import UserError
from engine.study.factors import CellKey

OF_A_RUN: tuple[ConfigRule, ...] = (*OPTIMISATION, *MODELS, *DATA)
RULES: tuple[Rule, ...] = OF_A_RUN


def lint_configs(configs: Sequence[RunConfig]) -> list[Remark]:
    """What is to be said of runs that are to be launched, warnings first, each thing once."""
    return lint_cells({(str(place),): config for place, config in enumerate(configs)}, named=False)


def lint_cells(cells: Mapping[CellKey, RunConfig], *, named: bool = True) -> list[Remark]:
    """The remarks of rules that look at a run alone, each with the cells it concerns if they are to be named."""
    found: dict[tuple[str, str], tuple[ConfigRule, list[CellKey]]] = {}
    for cell, config in cells.items():
        for rule, message in _said(Planned(config)):
            found.setdefault((rule.name, message), (rule, []))[1].append(cell)
    return ordered([Remark(rule.name, rule.level, message, rule.source, tuple(where) if named else ())
                    for (_, message), (rule, where) in found.items()])


def ordered(remarks: Sequence[Remark]) -> list[Remark]:
    """Warnings before notes, else as they came."""
    return sorted(remarks, key=lambda remark: LEVELS.index(remark.level))


def _said(planned: Planned) -> Iterator[tuple[ConfigRule, str]]:
    """What asks for facts of data that are not here yet is left unsaid."""
    for rule in OF_A_RUN:
        try:
            if rule.when(planned):
                yield rule, rule.message.format(c=planned.c, p=planned)
        except UserError:
            continue
