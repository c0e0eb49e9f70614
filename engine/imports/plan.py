"""What an import would do, before it does it: which runs and curves, what each column means, what is left out."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from engine.errors import ConfigError, UserError
from engine.home import real
from engine.imports.columns import option_of_column
from engine.imports.figures import Source, understand
from engine.imports.formats import SETTINGS
from engine.imports.meanings import Choices
from engine.imports.result import Found
from engine.imports.shapes import (
    by_part,
    is_chart,
    is_download,
    is_history,
    is_log,
    read_chart,
    read_download,
    read_history,
    read_log,
    run_name,
)
from engine.imports.sheet import Sheet, read_sheet
from engine.imports.tables import read_table
from engine.imports.tensorboard import event_folders, read_events

AUTO, SEVERAL = "auto", "several"
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")
_PERHAPS = (".log", ".txt")
"""Suffixes of tables and of everything else."""
_JSON_LOGS = ("trainer_state.json", "history.json", "log.json", "metrics.json")
_MOST_FILES = 20_000
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Kind:
    """A shape of table: how it is recognised, and how it is read."""

    help: str
    fits: Callable[[Sheet], bool]
    read: Callable[[Sheet], Source]


_SHAPES: dict[str, Kind] = {
    "chart": Kind("The CSV of a W&B chart: one row per step, one column per run.", is_chart, read_chart),
    "history": Kind("A CSV with one row per point: run, metric, step and value, for example MLflow's metric history.",
                    is_history, read_history),
    "log": Kind("One row per epoch or step, as Keras, Lightning, fastai, timm, Ultralytics and Hugging Face write "
                "them.", is_log, read_log),
    "download": Kind("A curve that TensorBoard's page has saved: Wall time, Step, Value.", is_download, read_download),
}
KINDS: dict[str, str] = {
    "results": "A table with one row per run: printed results, or a table of runs from W&B or MLflow.",
    **{name: shape.help for name, shape in _SHAPES.items()},
    "tensorboard": "A TensorBoard event file, or a folder of runs with such files.",
}


@dataclass(frozen=True)
class Plan:
    """What an import would do.

    Attributes:
        kind: a key of :data:`KINDS`, or ``several``.
        found: the runs, also those without results.
        files: the account of the files.
        read: by title, what it is read as.
        left_out: by file or title, why it is left out.
        notes: what was decided, why, and what would overrule it.
    """

    path: Path
    kind: str
    found: tuple[Found, ...]
    files: str
    read: dict[str, str]
    left_out: dict[str, str]
    notes: tuple[str, ...]

    @property
    def measured(self) -> tuple[Found, ...]:
        return tuple(one for one in self.found if one.figures or one.curves)

    @property
    def short(self) -> tuple[str, ...]:
        """What a user should know of it."""
        return (*([self.files] if self.files else []), *self.notes, *([self.left] if self.left_out else []))

    @property
    def left(self) -> str:
        """What is left out, by the reason."""
        titles: dict[str, list[str]] = {}
        for title, why in self.left_out.items():
            titles.setdefault(why, []).append(title)
        reasons = "; ".join(f"{', '.join(several[:20])} ({why})" for why, several in titles.items())
        return f"Left out: {reasons}." if reasons else ""

    @property
    def long(self) -> tuple[str, ...]:
        """All of it, a line each."""
        read = (f"{title}: read as {meant}." for title, meant in self.read.items())
        return (*read, *map(_line, self.found), *self.short)


def plan_import(path: Path, kind: str = AUTO, choices: Choices | None = None) -> Plan:
    """Read a file or folder, and decide what its columns mean. Nothing is changed.

    Raises:
        UserError: it is missing, of unknown kind, or holds no figure whose meaning is known.
    """
    choices = choices or Choices()
    if kind not in (AUTO, *KINDS):
        raise ConfigError("kind", kind, f"one of {', '.join((AUTO, *KINDS))}")
    if not path.exists():
        raise UserError(f"import: {path} does not exist")
    sources, files, unread = _of_folder(path, kind, choices) if path.is_dir() else (
        [_of_file(path, kind, choices)], "", {})
    titles = list(dict.fromkeys(title for source in sources for run in source.runs for title in run.cells))
    unknown = next((title for title in choices.columns if title not in titles), None)
    if unknown is not None:
        raise ConfigError("column", unknown, f"one of the columns read: {', '.join(titles) or 'none'}")
    runs, read, left_out, notes = understand(sources, choices)
    named, same = _of_two_loggers(runs, [source.kind for source in sources for _ in source.runs])
    found, clashes = _merged(named)
    kinds = {source.kind for source in sources}
    plan = Plan(path, kinds.pop() if len(kinds) == 1 else SEVERAL, found, files, read, unread | left_out,
                (*notes, *same, *clashes))
    if not plan.measured and not _is_a_design(sources, left_out):
        raise UserError(_nothing(plan, titles))
    return plan


def _of_file(path: Path, kind: str, choices: Choices) -> Source:
    if kind == "tensorboard" or (kind == AUTO and event_folders(path)):
        if not event_folders(path):
            raise UserError(f"import: {path} is no TensorBoard event file; its name has no tfevents")
        return read_events(path)
    sheet = by_part(read_sheet(path, choices))
    if kind == AUTO:
        kind = next((name for name, shape in _SHAPES.items() if shape.fits(sheet)), "results")
    return read_table(sheet, choices.columns) if kind == "results" else _SHAPES[kind].read(sheet)


def _of_folder(root: Path, kind: str, choices: Choices) -> tuple[list[Source], str, dict[str, str]]:
    """Read all files of a folder that hold results.

    Returns:
        What they hold; the account of the files; those that were left out, with the reason.
    """
    files = sorted(file for file in root.rglob("*") if file.is_file())
    if len(files) > _MOST_FILES:
        raise UserError(f"import: {root} has more than {_MOST_FILES:,} files; import a folder in it")
    events = [file for file in files if "tfevents" in file.name]
    states = _last_states(files)
    tables = [file for file in files if file not in events and kind != "tensorboard"
              and (file.suffix.lower() in (*_TABLES, *_PERHAPS) or file in states)]
    sources: list[Source] = []
    left: dict[str, str] = {}
    seen: set[Path] = set()
    for file in tables:
        try:
            sources.append(_called(_of_file(file, kind, choices), file, root, tables))
            seen.add(file)
        except UserError as error:
            if file.suffix.lower() not in _PERHAPS:
                left[str(file.relative_to(root))] = str(error).removeprefix("import: ")
    if events and kind in (AUTO, "tensorboard"):
        sources.append(read_events(root))
    beside = [file for file in files if any(file.match(name) for name in SETTINGS)]
    read_files = len(sources) + len(events) - bool(events and kind in (AUTO, "tensorboard"))
    others = Counter(file.suffix or file.name for file in {*files} - {*events} - {*tables} - {*beside})
    others.update(file.suffix for file in tables if file.suffix.lower() in _PERHAPS and file not in seen)
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in others.most_common(5))
    counts = f"Files: {len(files)}, of which {read_files} with results, {len(beside)} with settings, {len(left)} not " \
             f"readable, {sum(others.values())} of other kinds{f' ({kinds})' if kinds else ''}."
    if not sources:
        why = f": {'; '.join(left.values())}" if left else ""
        raise UserError(f"import: {root} has no TensorBoard event files and no logs or tables that can be read{why}. "
                        f"{counts}")
    return sources, counts, left


def _last_states(files: Sequence[Path]) -> set[Path]:
    """Return the JSON logs; of a trainer's states in checkpoints only the last of each run."""
    states: dict[Path, Path] = {}
    for file in files:
        if file.name in _JSON_LOGS:
            name, _, step = file.parent.name.rpartition("-")
            run = file.parent.parent if name == "checkpoint" and step.isdigit() else file.parent
            best = states.get(run / file.name)
            if best is None or _progress(file, run) > _progress(best, run):
                states[run / file.name] = file
    return set(states.values())


def _progress(file: Path, run: Path) -> float:
    return float("inf") if file.parent == run else float(file.parent.name.rpartition("-")[2])


def _called(source: Source, file: Path, root: Path, files: Sequence[Path]) -> Source:
    """Name the run of a log after its folder, and after its file where the folder holds several logs."""
    if source.kind != "log" or len(source.runs) != 1:
        return source
    folder = file.parent.parent if file.parent.name.startswith("checkpoint-") else file.parent
    name = folder.relative_to(root).as_posix().replace("/", "-") if folder != root else real(root).name
    if sum(other.parent == file.parent for other in files) > 1:
        name = f"{name}-{file.stem}" if folder != root else file.stem
    elif folder == root:
        name = run_name(file)
    return replace(source, runs=(replace(source.runs[0], name=name, where=str(file.relative_to(root))),))


def _merged(found: Sequence[Found]) -> tuple[tuple[Found, ...], list[str]]:
    """Join what several files tell of a run with one name; what two of them tell differently is the first one's."""
    runs: dict[str, Found] = {}
    clashes = []
    for one in found:
        key = one.name or one.where
        before = runs.get(key)
        if before is None:
            runs[key] = one
            continue
        # A table's last figure is a part of the curve that another file holds.
        curves = {name: max(before.curves.get(name, column), column, key=lambda each: len(each[0]))
                  for name, column in one.curves.items()}
        twice = [*(name for name in one.curves.keys() & before.curves.keys() if min(
            len(one.curves[name][0]), len(before.curves[name][0])) > 1
                   and not all(map(np.array_equal, one.curves[name], before.curves[name]))),
                 *(name for name in one.figures.keys() & before.figures.keys()
                   if one.figures[name] != before.figures[name])]
        if twice:
            clashes.append(f"{key}: {', '.join(sorted(twice))} stand in several files, the first of which counts.")
        runs[key] = replace(before, settings=one.settings | before.settings, figures=one.figures | before.figures,
                            rounding=one.rounding | before.rounding, curves=before.curves | curves,
                            seed=one.seed if before.seed is None else before.seed)
    return tuple(runs.values()), clashes


def _of_two_loggers(found: Sequence[Found], kinds: Sequence[str]) -> tuple[tuple[Found, ...], list[str]]:
    """Give one name to a log and event files in different folders that hold the same curves, as of two loggers."""
    logs = [one for one, kind in zip(found, kinds, strict=True) if kind == "log"]
    named: list[Found] = []
    notes = []
    for one, kind in zip(found, kinds, strict=True):
        twins = [log for log in logs if kind == "tensorboard" and log.name != one.name and _same_curves(log, one)]
        if len(twins) == 1:
            notes.append(f"{one.name} holds the same curves as {twins[0].name}: read as one run, recorded twice; "
                         "--kind log or --kind tensorboard reads one of them.")
            one = replace(one, name=twins[0].name, curves=_besides(one.curves, twins[0].curves),
                          figures=_besides(one.figures, twins[0].figures))
        named.append(one)
    return tuple(named), notes


def _besides(mine: dict[str, _Value], theirs: dict[str, _Value]) -> dict[str, _Value]:
    return {name: value for name, value in mine.items() if name not in theirs}


def _same_curves(one: Found, other: Found) -> bool:
    """Return whether two runs share a curve, and all that they share are equal to single precision."""
    shared = [(one.curves[name], other.curves[name]) for name in one.curves.keys() & other.curves.keys()]
    return any(len(steps) > 1 for (steps, _), _ in shared) and all(
        np.array_equal(mine[0], theirs[0]) and np.allclose(mine[1], theirs[1], 1e-6, 0, equal_nan=True)
        for mine, theirs in shared)


def _is_a_design(sources: Sequence[Source], left_out: Collection[str]) -> bool:
    """Return whether tables list runs by their options, without results so far."""
    options = {option_of_column(key) for source in sources if source.is_table for run in source.runs
               for key in run.settings}
    return len(sources) == 1 and not left_out and bool(options & {"model", "dataset"})


def _nothing(plan: Plan, titles: Sequence[str]) -> str:
    found = f"of {', '.join(titles[:20])}" if titles else "no column is a figure that Darkroom knows"
    return (f"import: {plan.path} has no results that can be read, so nothing was imported. Found: {len(plan.found)} "
            f"rows or runs, {found}. {plan.left} Name a column by --column TITLE=val:accuracy, for example")


def _line(one: Found) -> str:
    curves = ", ".join(f"{name} ({len(steps)})" for name, (steps, _) in one.curves.items())
    figures = ", ".join(f"{name} {value:g}" for name, value in one.figures.items())
    options = ", ".join(f"{key} {text}" for key, text in one.settings.items())
    figures = "; ".join(f"{what} {text}" for what, text in (
        ("curves", curves), ("figures", figures), ("options", options)) if text)
    return f"Run {one.name or one.where}: {figures or 'no results'}."
