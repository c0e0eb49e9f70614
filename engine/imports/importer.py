"""Importing results of other programs into a study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.confined.client import confined
from engine.errors import ConfigError, UserError
from engine.imports.columns import all_options, same
from engine.imports.curves_csv import is_chart, is_history, read_chart, read_history
from engine.imports.declaration import NONE, declare, text_of
from engine.imports.records import record
from engine.imports.result import Found, Reading
from engine.imports.results_csv import read_results
from engine.imports.sheet import Sheet, read_sheet
from engine.imports.tensorboard import event_folders, read_events
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
class Kind:
    """A kind of file with its reader."""

    help: str
    read: Callable[[Path], Reading]


@dataclass(frozen=True)
class Imported:
    """The study, its imported runs, and notes on how the file was read."""

    study: Study
    runs: tuple[Run, ...]
    notes: tuple[str, ...]


def _sheet(read: Callable[[Sheet], Reading]) -> Callable[[Path], Reading]:
    return lambda path: read(read_sheet(path))


KINDS: dict[str, Kind] = {
    "results": Kind("A CSV with one row per run: printed results, or a table of runs from W&B or MLflow.",
                    _sheet(read_results)),
    "chart": Kind("The CSV of a W&B chart: one row per step, one column per run.", _sheet(read_chart)),
    "history": Kind("A CSV with one row per point: run, metric, step and value, for example MLflow's metric history.",
                    _sheet(read_history)),
    "tensorboard": Kind("A TensorBoard event file, or a folder of runs with such files.", read_events),
}
AUTO = "auto"


def import_results(store: Store, path: Path, study_name: str, kind: str = AUTO) -> Imported:
    """Import results into a study; a new study comes from the template of that name, or is declared from the file.

    Importing a file again updates its results. Nothing changes if any part of the file is invalid.

    Args:
        kind: a key of :data:`KINDS`; ``auto`` detects it from the file.

    Raises:
        UserError: the file is missing or of unknown kind, a value is not a number, or a result matches no cell.
    """
    if kind not in (AUTO, *KINDS):
        raise ConfigError("kind", kind, f"one of {', '.join((AUTO, *KINDS))}")
    if not path.exists():
        raise UserError(f"import: {path} does not exist")
    kind, reading = _reading(path, kind)
    study, made_from = _study(store, study_name, reading.found)
    placed = [(one, levels_of(study, one)) for one in reading.found]
    measured = [(one, levels) for one, levels in placed if one.figures or one.curves]
    if made_from:
        Studies(store).save(study)
    runs, again = record(store, study, measured, kind, path.name)
    return Imported(study, tuple(runs), (*reading.notes, *_notes(study, placed, len(measured), again, made_from)))


def read_request(request: dict[str, Any]) -> dict[str, Any]:
    """Read a file in a confined process; plug-ins may declare metrics that it has."""
    add_files(request["plugins"])
    refresh()
    path = Path(request["path"])
    kind = kind_of(path) if request["kind"] == AUTO else request["kind"]
    reading = KINDS[kind].read(path)
    return {"kind": kind, "notes": reading.notes, "found": [vars(one) | {"curves": {
        name: [column.tolist() for column in columns] for name, columns in one.curves.items()}}
        for one in reading.found]}


def _reading(path: Path, kind: str) -> tuple[str, Reading]:
    answer = confined("engine.imports.importer:read_request", {
        "path": str(path), "kind": kind, "plugins": added_files()})
    found = tuple(Found(**one | {"status": Status(one["status"]), "curves": {
        name: (np.array(steps, np.int64), np.array(values, np.float64))
        for name, (steps, values) in one["curves"].items()}}) for one in answer["found"])
    return answer["kind"], Reading(found, tuple(answer["notes"]))


def kind_of(path: Path) -> str:
    """Detect the kind of a file.

    Raises:
        UserError: it is of no known kind.
    """
    if event_folders(path):
        return "tensorboard"
    if path.is_dir():
        raise UserError(f"import: {path} has no TensorBoard event files; import CSV files one at a time")
    sheet = read_sheet(path)
    return "chart" if is_chart(sheet) else "history" if is_history(sheet) else "results"


def _study(store: Store, name: str, found: Sequence[Found]) -> tuple[Study, str]:
    """Return the study with that name, or a new one with the description of its source."""
    known = next((study for study in Studies(store).list() if study.name == name), None)
    if known is not None:
        return known, ""
    return (template(name), "the template") if name in TEMPLATES else (declare(name, found), "the file")


def _notes(study: Study, placed: Sequence[object], measured: int, again: int, made_from: str) -> list[str]:
    notes = [f"Study {study.name} was declared from {made_from}: {len(study.cells)} cells of "
             f"{', '.join(study.factors)}."] if made_from else []
    if measured < len(placed):
        notes.append(f"{len(placed) - measured} of {len(placed)} rows have no results: no runs were stored for them.")
    if again:
        notes.append(f"{again} of {measured} results existed already, with the same name or from the same line of a "
                     "file of this name, and were updated.")
    return notes
