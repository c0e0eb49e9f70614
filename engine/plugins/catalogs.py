"""Adds the rows of the home's plug-ins to the catalogs of this process."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any

from engine.catalog import models
from engine.catalog.augmentations import AUGMENTATIONS
from engine.catalog.datasets import DATASETS
from engine.catalog.metrics import METRICS
from engine.errors import hint
from engine.home import home
from engine.plugins.files import PluginFile, plugin_files
from engine.plugins.importing import forget_module
from engine.plugins.listing import load_listing
from engine.tasks import TASKS, task_name

Ask = Callable[[Sequence[PluginFile]], bool]
"""Starts importing files and storing their rows; True: it is still running."""

_CATALOGS: dict[str, dict[str, Any]] = {
    "tasks": TASKS, "augmentations": AUGMENTATIONS, "datasets": DATASETS, "models": models.DECLARED_MODELS,
    "metrics": METRICS}
_WORDS = {"tasks": "task", "augmentations": "augmentation", "datasets": "data set", "models": "model",
          "metrics": "metric"}
_LOCK = RLock()


@dataclass
class _State:
    """What was added to the catalogs: home and files, the owner of each row, and problems."""

    of: tuple[Path, tuple[PluginFile, ...]] | None = None
    owners: dict[tuple[str, str], PluginFile] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    pending: bool = False


_state = _State()


def refresh(ask: Ask | None = None) -> None:
    """Add the rows of this home's plug-ins to the catalogs, and remove outdated ones; fast if nothing changed.

    Args:
        ask: called with files whose rows are unknown; None: they are skipped.
    """
    with _LOCK:
        files = plugin_files()
        if _state.of == (home(), files) and not _state.pending:
            return
        pending = bool(files and ask and ask([file for file in files if load_listing(file) is None]))
        remove_rows()
        _state.of, _state.pending = (home(), files), pending
        for place, file in enumerate(files):
            twin = next((other for other in files[:place] if other.module == file.module), None)
            lines = [f"plug-in {file.path} is left out: {twin.path} is imported under the same name"] if twin \
                else _add_rows(file)
            _state.problems += [(file.path, line) for line in lines]
        for file in files:
            _state.problems += [(file.path, line) for line in _unknown_scores(file)]
        if _state.owners:
            models.clear_caches()


def remove_rows() -> None:
    """Remove all plug-in rows from the catalogs."""
    with _LOCK:
        for kind, name in _state.owners:
            _CATALOGS[kind].pop(name)
        for file in _state.of[1] if _state.of else ():
            forget_module(file)
        if _state.owners:
            models.clear_caches()
        _state.of, _state.owners, _state.problems, _state.pending = None, {}, [], False


def problems(of: Collection[Path] | None = None) -> list[str]:
    """Return the problems of these plug-ins, one line each; None: of all."""
    return [line for path, line in _state.problems if of is None or path in of]


def pending() -> bool:
    """Whether some are still being imported."""
    return _state.pending


def plugins_used(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each plug-in that a run's options use, by :attr:`PluginFile.key`."""
    named = {("datasets", options["dataset"]), ("models", options["model"]),
             ("augmentations", options["augmentation"]), ("tasks", task_name(options["dataset"]))}
    found = [_state.owners[row] for row in sorted(named & _state.owners.keys())]
    return {file.key: file.sha256 for file in found}


def model_version(name: str) -> str:
    """Return the SHA-256 of a model's plug-in; empty for other models."""
    file = _state.owners.get(("models", name))
    return file.sha256 if file else ""


def _add_rows(file: PluginFile) -> Iterator[str]:
    """Add a file's rows to the catalogs; yields problems, one line each."""
    found = load_listing(file)
    if found is None:
        if not _state.pending:
            yield f"plug-in {file.path.name} is new or changed, and what it declares is not known yet"
        return
    if found.error:
        yield found.error
    from engine.plugins.loader import make_loader

    for kind in _CATALOGS:
        for name, row in getattr(found.rows, kind).items():
            if conflict := _conflict(kind, name, row):
                yield f"plug-in {file.path.name}: the {_WORDS[kind]} {name} {conflict}"
                continue
            _CATALOGS[kind][name] = replace(row.row, loader=make_loader(name, row, file)) if kind == "datasets" else row
            _state.owners[kind, name] = file


def _unknown_scores(file: PluginFile) -> Iterator[str]:
    """Yield a line for each task of a file whose score no evaluation computes."""
    for kind, name in (row for row, owner in _state.owners.items() if owner == file):
        if kind == "tasks" and TASKS[name].test_score not in METRICS:
            yield (f"plug-in {file.path.name}: the task {name}: test_score: {TASKS[name].test_score!r} is not a metric"
                   f"{hint(TASKS[name].test_score, METRICS)}")


def _conflict(kind: str, name: str, row: Any) -> str:
    """Return why a row cannot be added; empty: it can."""
    known = {other.lower(): other for other in _CATALOGS[kind]}.get(name.lower(), "")
    if kind == "models" and not known:
        known = models.find_model(name)
    if known:
        owner = _state.owners.get((kind, known))
        builtin = "timm" if kind == "models" and known not in models.DECLARED_MODELS else "Darkroom"
        return f"is left out, as {owner.path.name if owner else builtin} has one called {known}: give it another name"
    task = row.row.task if kind == "datasets" else row.task if kind in ("models", "metrics") else ""
    return f"is left out: there is no task {task}, only {', '.join(TASKS)}" if task and task not in TASKS else ""
