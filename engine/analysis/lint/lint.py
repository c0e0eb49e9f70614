"""Applying the rules: to runs as they are asked for, and to a study's cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.analysis.lint.comparisons import COMPARISONS
from engine.analysis.lint.declaration import DECLARED
from engine.analysis.lint.models import DATA, MODELS
from engine.analysis.lint.optimisation import OPTIMISATION
from engine.analysis.lint.plan import Planned
from engine.analysis.lint.remark import LEVELS, ConfigRule, Remark, StudyRule
from engine.config import RunConfig
from engine.errors import UserError
from engine.study.configs import cell_config
from engine.study.factors import CellKey
from engine.study.study import Study
from engine.tasks import TASKS, task_name

OF_A_STUDY: tuple[StudyRule, ...] = (*COMPARISONS, *DECLARED)


def rules_of_a_run(*tasks: str) -> tuple[ConfigRule, ...]:
    """The rules for runs of any task, and those of the given ones."""
    own = (rule for task in tasks for rule in TASKS[task].linter.get())
    return (*OPTIMISATION, *MODELS, *DATA, *own)


def lint_configs(configs: Sequence[RunConfig]) -> list[Remark]:
    """What is to be said of runs that are to be launched, warnings first, each thing once."""
    return lint_cells({(str(place),): config for place, config in enumerate(configs)}, named=False)


def lint_study(study: Study) -> list[Remark]:
    """What is to be said of a study before it is launched: of its cells, of their comparison, of its hypotheses.

    Raises:
        UserError: the options of a cell are no valid config.
    """
    cells = {cell: cell_config(study, cell, study.seeds[0] if study.seeds else 0) for cell in study.cells}
    return ordered([*_merged(lint_cells(cells)), *_of_the_study(study, cells)])


def lint_cells(cells: Mapping[CellKey, RunConfig], *, named: bool = True) -> list[Remark]:
    """The remarks of rules that look at a run alone, each with the cells it concerns if they are to be named."""
    found: dict[tuple[str, str], tuple[ConfigRule, list[CellKey]]] = {}
    for cell, config in cells.items():
        for rule, message in _said(Planned(config)):
            found.setdefault((rule.name, message), (rule, []))[1].append(cell)
    return ordered([Remark(rule.name, rule.level, message, rule.source, tuple(where) if named else ())
                    for (_, message), (rule, where) in found.items()])


def _merged(remarks: Sequence[Remark]) -> list[Remark]:
    """One remark a rule: what it says of the first cells, and of how many others it says the like."""
    by_rule: dict[str, list[Remark]] = {}
    for remark in remarks:
        by_rule.setdefault(remark.rule, []).append(remark)
    found = []
    for first, *others in by_rule.values():
        like = sum(len(other.cells) for other in others)
        told = f"{first.message} ({like} other cell{'s' * (like > 1)} alike)" if others else first.message
        cells = tuple(cell for each in (first, *others) for cell in each.cells)
        found.append(replace(first, message=told, cells=cells))
    return found


def ordered(remarks: Sequence[Remark]) -> list[Remark]:
    """Warnings before notes, else as they came."""
    return sorted(remarks, key=lambda remark: LEVELS.index(remark.level))


def _said(planned: Planned) -> Iterator[tuple[ConfigRule, str]]:
    """What asks for facts of data that are not here yet is left unsaid."""
    for rule in rules_of_a_run(task_name(planned.c.dataset)):
        try:
            if rule.when(planned):
                yield rule, rule.message.format(c=planned.c, p=planned)
        except UserError:
            continue


def _of_the_study(study: Study, cells: Mapping[CellKey, RunConfig]) -> Iterator[Remark]:
    for rule in OF_A_STUDY:
        for message, where in rule.find(study, cells):
            yield Remark(rule.name, rule.level, message, rule.source, where)
