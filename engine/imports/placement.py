"""Which cell of a study a result belongs to."""

from __future__ import annotations

from typing import Any

from engine.errors import UserError
from engine.imports.columns import all_options, same
from engine.imports.declaration import NONE, text_of
from engine.imports.result import Found
from engine.study.factors import Factor, Level
from engine.study.study import Study


def levels_of(study: Study, one: Found) -> dict[str, str]:
    """The label of the level of each factor.

    A level is told by its label, else by its options as far as the result says anything of them.

    Raises:
        UserError: the result has another value than any level has, says nothing of a factor, or the study has no such
            cell.
    """
    options = all_options(one.settings)
    levels = {factor.name: _level(study, factor, one, options) for factor in study.varied}
    if tuple(levels.values()) not in study.cells:
        raise UserError(f"import: {one.where}: {', '.join(levels.values())} is no cell of study {study.name}")
    return levels


def _level(study: Study, factor: Factor, one: Found, options: dict[str, Any]) -> str:
    text = text_of(one, factor.name)
    by_label = next((level.label for level in factor.levels if text is not None and same(level.label, text)), None)
    if by_label is not None:
        return by_label
    possible = [level for level in factor.levels if _agrees(level, options)]
    told = {level.label: sum(field in options for field in level.options) for level in possible}
    most = max(told.values(), default=0)
    best = [label for label, count in told.items() if count == most]
    if len(best) == 1 and (most or len(factor.levels) == 1):
        return best[0]
    if text is None and NONE in factor.labels:
        return NONE
    fields = {field for level in factor.levels for field in level.options}
    said = ", ".join(f"{field} {options[field]}" for field in sorted(fields) if field in options) or text
    if said is None:
        raise UserError(f"import: {one.where}: no column tells {factor.name} of study {study.name}")
    raise UserError(f"import: {one.where}: {said} is no level of {factor.name} in study {study.name}: "
                    f"{', '.join(factor.labels)}")


def _agrees(level: Level, options: dict[str, Any]) -> bool:
    """Whether no option that is known differs."""
    return all(same(options[field], value) for field, value in level.options.items() if field in options)
