"""Applying the rules to configs and studies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.analysis.lint.comparisons import STUDY_RULES
from engine.analysis.lint.models import DATA, MODELS
from engine.analysis.lint.optimisation import OPTIMISATION
from engine.analysis.lint.plan import Planned
from engine.analysis.lint.remark import LEVELS, ConfigRule, Remark
from engine.config import RunConfig
from engine.errors import UserError
from engine.study.configs import cell_config
from engine.study.factors import CellKey
from engine.study.study import Study
from engine.tasks import TASKS, task_name
from engine.words import counted


def run_rules(*tasks: str) -> tuple[ConfigRule, ...]:
    """Return the rules for all tasks, and those of the given tasks, each once."""
    own = (rule for task in tasks for rule in TASKS[task].linter.rules())
    return tuple(dict.fromkeys((*OPTIMISATION, *MODELS, *DATA, *own)))


def lint_configs(configs: Sequence[RunConfig]) -> list[Remark]:
    """Return the remarks on configs, warnings first, each once."""
    return lint_cells({(str(place),): config for place, config in enumerate(configs)}, named=False)


def lint_study(study: Study) -> list[Remark]:
    """Return the remarks on a study: on its cells, their comparison, and its hypotheses.

    Raises:
        UserError: the options of a cell are invalid.
    """
    cells = {cell: cell_config(study, cell, study.seeds[0] if study.seeds else 0) for cell in study.cells}
    return sort_remarks([*_merge(lint_cells(cells)), *_apply_study_rules(study, cells)])


def lint_cells(cells: Mapping[CellKey, RunConfig], *, named: bool = True) -> list[Remark]:
    """Return the remarks on single configs, with the cells they concern if ``named``."""
    found: dict[Remark, list[CellKey]] = {}
    for cell, config in cells.items():
        for remark in _apply(Planned(config)):
            found.setdefault(remark, []).append(cell)
    return sort_remarks([replace(remark, cells=tuple(where) if named else ()) for remark, where in found.items()])


def _merge(remarks: Sequence[Remark]) -> list[Remark]:
    """Keep one remark per rule, with the number of further cells that it concerns."""
    by_rule: dict[str, list[Remark]] = {}
    for remark in remarks:
        by_rule.setdefault(remark.rule, []).append(remark)
    found = []
    for first, *others in by_rule.values():
        more = sum(len(other.cells) for other in others)
        message = f"{first.message} (also in {counted(more, 'other cell')})" if others else first.message
        cells = tuple(cell for each in (first, *others) for cell in each.cells)
        found.append(replace(first, message=message, cells=cells))
    return found


def sort_remarks(remarks: Sequence[Remark]) -> list[Remark]:
    """Sort warnings before notes, else keep the order."""
    return sorted(remarks, key=lambda remark: LEVELS.index(remark.level))


def _apply(planned: Planned) -> Iterator[Remark]:
    """Yield the remarks on one config; skip rules that need facts of missing data."""
    for rule in run_rules(task_name(planned.c.dataset)):
        try:
            if rule.when(planned):
                message, source = (text.format(c=planned.c, p=planned) for text in (rule.message, rule.source))
                yield Remark(rule.name, rule.level, message, source)
        except UserError:
            continue


def _apply_study_rules(study: Study, cells: Mapping[CellKey, RunConfig]) -> Iterator[Remark]:
    for rule in STUDY_RULES:
        for message, where in rule.find(study, cells):
            yield Remark(rule.name, rule.level, message, rule.source, where)
