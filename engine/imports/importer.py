"""Importing results that were not measured here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ConfigError, UserError
from engine.imports.columns import all_options, same
from engine.imports.curves_csv import is_chart, is_history, read_chart, read_history
from engine.imports.declaration import NONE, declared, text_of
from engine.imports.records import Source, record
from engine.imports.result import Found, Reading
from engine.imports.results_csv import read_results
from engine.imports.sheet import Sheet, read_sheet
from engine.imports.tensorboard import event_folders, read_events
from engine.store import Run, Store
from engine.study.factors import Factor, Level
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template
from engine.study.versions import Studies


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


@dataclass(frozen=True)
class Kind:
    """A kind of file, and how it is read."""

    help: str
    read: Callable[[Path], Reading]


@dataclass(frozen=True)
class Imported:
    """The study with what was imported for it, and sentences on how the file was read."""

    study: Study
    runs: tuple[Run, ...]
    notes: tuple[str, ...]


def _sheet(read: Callable[[Sheet], Reading]) -> Callable[[Path], Reading]:
    return lambda path: read(read_sheet(path))


KINDS: dict[str, Kind] = {
    "results": Kind("A CSV with a row a run: printed results, W&B's or MLflow's table of runs.", _sheet(read_results)),
    "chart": Kind("W&B's CSV of a chart: a step a row, a column a run.", _sheet(read_chart)),
    "history": Kind("A CSV with a point a row: run, metric, step and value, as MLflow's metric history.",
                    _sheet(read_history)),
    "tensorboard": Kind("TensorBoard's event file, or a folder of runs with such files.", read_events),
}
AUTO = "auto"


def import_results(store: Store, path: Path, study_name: str, kind: str = AUTO) -> Imported:
    """Take results over into the study of that name; if there is none, it is made from the template of that name, or
    declared from the file.

    Importing a file again brings its results up to date. Nothing is changed if any of it cannot be read.

    Args:
        kind: a key of :data:`KINDS`; ``auto`` looks at the file.

    Raises:
        UserError: the file is missing, is of no known kind, holds something that is no number, or fits no cell of the
            study.
    """
    if kind not in (AUTO, *KINDS):
        raise ConfigError("kind", kind, f"one of {', '.join((AUTO, *KINDS))}")
    if not path.exists():
        raise UserError(f"import: there is no {path}")
    kind = kind_of(path) if kind == AUTO else kind
    reading = KINDS[kind].read(path)
    study, made_from = _study(store, study_name, reading.found)
    placed = [(one, levels_of(study, one)) for one in reading.found]
    measured = [(one, levels) for one, levels in placed if one.figures or one.curves]
    if made_from:
        Studies(store).save(study)
    runs, again = record(store, study, measured, Source(kind, path.name))
    return Imported(study, tuple(runs), (*reading.notes, *_told(study, placed, len(measured), again, made_from)))


def kind_of(path: Path) -> str:
    """What kind of file this is.

    Raises:
        UserError: it is none of them.
    """
    if event_folders(path):
        return "tensorboard"
    if path.is_dir():
        raise UserError(f"import: {path} has no TensorBoard event files in it; tables are imported one CSV at a time")
    sheet = read_sheet(path)
    return "chart" if is_chart(sheet) else "history" if is_history(sheet) else "results"


def _study(store: Store, name: str, found: Sequence[Found]) -> tuple[Study, str]:
    """The study of that name, else a new one; and in words what a new one is made from."""
    known = next((study for study in Studies(store).list() if study.name == name), None)
    if known is not None:
        return known, ""
    return (template(name), "the template") if name in TEMPLATES else (declared(name, found), "the file")


def _told(study: Study, placed: Sequence[object], measured: int, again: int, made_from: str) -> list[str]:
    notes = [f"Study {study.name} was declared from {made_from}: {len(study.cells)} cells of "
             f"{', '.join(study.factors)}."] if made_from else []
    if measured < len(placed):
        notes.append(f"{len(placed) - measured} of {len(placed)} rows hold no results: they only say what was run.")
    if again:
        notes.append(f"{again} of {measured} results were here already, under the same name or from the same line of a "
                     "file of this name: they were brought up to date.")
    return notes
