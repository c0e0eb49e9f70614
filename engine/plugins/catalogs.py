"""The catalogs of this process with the rows of the home's plug-ins in them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any

from engine.catalog import models
from engine.catalog.augmentations import AUGMENTATIONS
from engine.catalog.datasets import DATASETS
from engine.catalog.metrics import METRICS
from engine.home import home
from engine.plugins.files import PluginFile, plugin_files
from engine.plugins.importing import forget
from engine.plugins.listing import kept
from engine.plugins.loader import loader_of
from engine.tasks import TASKS, task_name

Ask = Callable[[Sequence[PluginFile]], bool]
"""Has files imported, somewhere, and their rows kept; True: that is still going on."""

_CATALOGS: dict[str, dict[str, Any]] = {
    "tasks": TASKS, "augmentations": AUGMENTATIONS, "datasets": DATASETS, "models": models.OURS,
    "metrics": METRICS}
_WORDS = {"tasks": "task", "augmentations": "augmentation", "datasets": "data set", "models": "model",
          "metrics": "metric"}
_LOCK = RLock()


@dataclass
class _State:
    """What was put into the catalogs: for which home and files, whose each row is, and what went wrong."""

    of: tuple[Path, tuple[PluginFile, ...]] | None = None
    owners: dict[tuple[str, str], PluginFile] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    pending: bool = False


_state = _State()


def refresh(ask: Ask | None = None) -> None:
    """Put the rows of this home's plug-ins into the catalogs, and take out those of another home, or of files that
    changed. Quick when nothing did: a page does it at every visit.

    Args:
        ask: asked for files whose rows are not kept; None: they are left out.
    """
    with _LOCK:
        files = plugin_files()
        if _state.of == (home(), files) and not _state.pending:
            return
        pending = bool(files and ask and ask([file for file in files if kept(file) is None]))
        take_out()
        _state.of, _state.pending = (home(), files), pending
        for place, file in enumerate(files):
            twin = next((other for other in files[:place] if other.module == file.module), None)
            lines = [f"plug-in {file.path} is left out: {twin.path} is imported under the same name"] if twin \
                else _put(file)
            _state.problems += [(file.path, line) for line in lines]
        if _state.owners:
            models.look_again()


def take_out() -> None:
    """Leave nothing of plug-ins in the catalogs."""
    with _LOCK:
        for kind, name in _state.owners:
            _CATALOGS[kind].pop(name)
        for file in _state.of[1] if _state.of else ():
            forget(file)
        if _state.owners:
            models.look_again()
        _state.of, _state.owners, _state.problems, _state.pending = None, {}, [], False


def problems(of: Collection[Path] | None = None) -> list[str]:
    """What is wrong with these plug-ins, a line each; None: with all."""
    return [line for path, line in _state.problems if of is None or path in of]


def pending() -> bool:
    """Whether some are still being imported."""
    return _state.pending


def used(options: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of the plug-ins whose rows a run's options name, by :attr:`PluginFile.key`."""
    named = {("datasets", options["dataset"]), ("models", options["model"]),
             ("augmentations", options["augmentation"]), ("tasks", task_name(options["dataset"]))}
    found = [_state.owners[row] for row in sorted(named & _state.owners.keys())]
    return {file.key: file.sha256 for file in found}


def model_version(name: str) -> str:
    """The SHA-256 of the plug-in that a model is of; empty of all others."""
    file = _state.owners.get(("models", name))
    return file.sha256 if file else ""


def _put(file: PluginFile) -> Iterator[str]:
    """Put a file's rows into the catalogs; gives what is wrong, a line each."""
    found = kept(file)
    if found is None:
        if not _state.pending:
            yield f"plug-in {file.path.name} is new or changed, and what it declares is not known yet"
        return
    if found.error:
        yield found.error
    for kind in _CATALOGS:
        for name, row in getattr(found.rows, kind).items():
            if refused := _refused(kind, name, row):
                yield f"plug-in {file.path.name}: the {_WORDS[kind]} {name} {refused}"
                continue
            _CATALOGS[kind][name] = replace(row.row, loader=loader_of(name, row, file)) if kind == "datasets" else row
            _state.owners[kind, name] = file


def _refused(kind: str, name: str, row: Any) -> str:
    """Why a row cannot be in the catalogs; empty: it can."""
    known = {other.lower(): other for other in _CATALOGS[kind]}.get(name.lower(), "")
    if kind == "models" and not known:
        known = models.known_as(name)
    if known:
        owner = _state.owners.get((kind, known))
        whose = owner.path.name if owner else "timm" if kind == "models" and known not in models.OURS else "Darkroom"
        return f"is left out, as {whose} has one called {known}: give it another name"
    task = row.row.task if kind == "datasets" else row.task if kind in ("models", "metrics") else ""
    return f"is left out: there is no task {task}, only {', '.join(TASKS)}" if task and task not in TASKS else ""
