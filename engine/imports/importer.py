"""Importing results of other programs into a study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.confined.client import confined
from engine.errors import UserError
from engine.imports.columns import all_options, same
from engine.imports.declaration import NONE, declare, text_of
from engine.imports.meanings import Choices
from engine.imports.plan import AUTO, Plan, plan_import
from engine.imports.records import record
from engine.imports.result import Found
from engine.plugins.catalogs import refresh
from engine.plugins.files import add_files, added_files
from engine.store import Run, Status, Store
from engine.study.factors import Factor, Level
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template
from engine.study.versions import Studies


def levels_of(study: Study, one: Found) -> dict[str, str]:
    """Return the level of each factor for a result, matched by label, else by the known options.

    Raises:
        UserError: the result matches no level, has no value for a factor, or the study has no such cell.
    """
    options = all_options(one.settings)
    levels = {factor.name: _level(study, factor, one, options) for factor in study.varied}
    if tuple(levels.values()) not in study.cells:
        raise UserError(f"import: {one.where}: study {study.name} has no cell {', '.join(levels.values())}")
    return levels


def _level(study: Study, factor: Factor, one: Found, options: dict[str, Any]) -> str:
    text = text_of(one, factor.name)
    by_label = next((level.label for level in factor.levels if text is not None and same(level.label, text)), None)
    if by_label is not None:
        return by_label
    possible = [level for level in factor.levels if _agrees(level, options)]
    matches = {level.label: sum(field in options for field in level.options) for level in possible}
    most = max(matches.values(), default=0)
    best = [label for label, count in matches.items() if count == most]
    if len(best) == 1 and (most or len(factor.levels) == 1):
        return best[0]
    if text is None and NONE in factor.labels:
        return NONE
    fields = {field for level in factor.levels for field in level.options}
    value = ", ".join(f"{field} {options[field]}" for field in sorted(fields) if field in options) or text
    if value is None:
        raise UserError(f"import: {one.where}: no column has the factor {factor.name} of study {study.name}")
    raise UserError(f"import: {one.where}: {value} is not a level of {factor.name} in study {study.name}; expected one "
                    f"of {', '.join(factor.labels)}")


def _agrees(level: Level, options: dict[str, Any]) -> bool:
    """Return whether all known options equal those of the level."""
    return all(same(options[field], value) for field, value in level.options.items() if field in options)


@dataclass(frozen=True)
class Imported:
    """The study, its imported runs, and notes on how the file was read.

    Attributes:
        plan: what was read.
    """

    study: Study
    runs: tuple[Run, ...]
    notes: tuple[str, ...]
    plan: Plan


def import_results(store: Store, path: Path, study_name: str, kind: str = AUTO, choices: Choices | None = None,
                   *, dry_run: bool = False, stored: Callable[[int, int], object] = lambda done, of: None) -> Imported:
    """Import results into a study; a new study comes from the template of that name, or is declared from the file.

    Importing a file again updates its results. Nothing changes if any part of the file is invalid.

    Args:
        kind: a key of :data:`engine.imports.plan.KINDS`; ``auto`` detects it from the file.
        dry_run: make all checks and change nothing.
        stored: called after every hundred runs with the number of those stored and of all; a thousand take seconds.

    Raises:
        UserError: the file is missing or of unknown kind, has no results, or a result matches no cell.
    """
    plan = confined_plan(path, kind, choices or Choices())
    study, made_from = _study(store, study_name, plan.found)
    placed = [(one, levels_of(study, one)) for one in plan.found]
    measured = [(one, levels) for one, levels in placed if one.figures or one.curves]
    if dry_run:
        return Imported(study, (), (*plan.long, *_notes(study, placed, len(measured), 0, made_from)), plan)
    if made_from:
        Studies(store).save(study)
    runs, again = record(store, study, measured, plan.kind, path.name, stored)
    return Imported(study, tuple(runs), (*plan.short, *_notes(study, placed, len(measured), again, made_from)), plan)


def read_request(request: dict[str, Any]) -> dict[str, Any]:
    """Plan in a confined process; plug-ins may declare metrics that the file has."""
    add_files(request["plugins"])
    refresh()
    plan = plan_import(Path(request["path"]), request["kind"], Choices(**request["choices"]))
    return vars(plan) | {"path": str(plan.path), "found": [vars(one) | {"curves": {
        name: [column.tolist() for column in columns] for name, columns in one.curves.items()}} for one in plan.found]}


def confined_plan(path: Path, kind: str, choices: Choices) -> Plan:
    """Call :func:`engine.imports.plan.plan_import` in a process with limits; raises as it does."""
    answer = confined("engine.imports.importer:read_request", {
        "path": str(path), "kind": kind, "plugins": added_files(), "choices": vars(choices)})
    found = tuple(Found(**one | {"status": Status(one["status"]), "curves": {
        name: (np.array(steps, np.int64), np.array(values, np.float64))
        for name, (steps, values) in one["curves"].items()}}) for one in answer["found"])
    return Plan(**answer | {"path": path, "found": found, "notes": tuple(answer["notes"])})


def _study(store: Store, name: str, found: Sequence[Found]) -> tuple[Study, str]:
    """Return the study with that name, or a new one with the description of its source."""
    known = next((study for study in Studies(store).list() if study.name == name), None)
    if known is not None:
        return known, ""
    return (template(name), "the template") if name in TEMPLATES else (declare(name, found), "the file")


def _notes(study: Study, placed: Sequence[object], measured: int, again: int, made_from: str) -> list[str]:
    many = len(study.cells)
    notes = [f"Study {study.name} was declared from {made_from}: {many} cell{'s' * (many != 1)} of "
             f"{', '.join(study.factors)}."] if made_from else []
    if measured < len(placed):
        notes.append(f"{len(placed) - measured} of {len(placed)} rows have no results: no runs were stored for them.")
    if again:
        notes.append(f"{again} of {measured} results existed already, with the same name or from the same line of a "
                     "file of this name, and were updated.")
    return notes
