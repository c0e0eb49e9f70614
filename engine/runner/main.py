"""A run from its row to its end: prepare, train, evaluate, and say how it ended."""

import json
import sys
import time
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import UserError, described, plugin_place
from engine.evaluation.evaluate import evaluate
from engine.launch.capacity import available_bytes
from engine.launch.launchers.local.foreground import stop_on_signals
from engine.out_of_memory import memory_sentence
from engine.plugins.catalogs import problems, refresh
from engine.plugins.files import changes, name_files, plugins_dir
from engine.plugins.importing import allow_imports
from engine.plugins.listing import list_here
from engine.store import LIVE, Recorder, Run, Store, StoreError
from engine.training.checkpoints import Checkpoints, resume
from engine.training.devices import pick_device
from engine.training.loop import Loop, Observer
from engine.training.memory import is_out_of_memory, memory_bytes
from engine.training.observers import EpochLog, Recording
from engine.training.setup import Setup, prepare

_ENDS = {"stop": "stopped", "pause": "paused"}


def train_run(run_id: int, watcher: Observer | None = None) -> int:
    """Train a run whose row is ``starting``; its row says how it ended. Nothing is raised.

    Args:
        watcher: told what the loop tells, besides the recorder; by default a line an epoch goes to the log.

    Returns:
        The process's exit code: 0 when the run finished, stopped or paused as asked; 1 when it failed.
    """
    store = Store.open()
    run = store.runs.get(run_id)
    try:
        with Recorder(store, run.id, run.attempt) as recorder, \
                stop_on_signals(partial(setattr, recorder, "requested", "stop")):
            status = _train(store, run, recorder, watcher)
    except Exception as error:
        if is_out_of_memory(error):
            _does_not_fit(store, run, error)
        _end(store, run, "failed", error=one_sentence(error, run))
        if not isinstance(error, UserError) and not plugin_place(error):
            traceback.print_exc()
        print(one_sentence(error, run), file=sys.stderr)
        return 1
    _end(store, run, status)
    if status == "finished":
        with suppress(StoreError):  # only makes it smaller; the next reader finds the metrics in the journal
            store.metrics.seal(run.id)
    return 0


def _train(store: Store, run: Run, recorder: Recorder, watcher: Observer | None) -> str:
    changed = _know_plugins(store, run)
    config = run.config_object()
    checkpoints = Checkpoints(run.folder / "checkpoints", config.keep_checkpoints == "all")
    setup = prepare(config, run.slot, run.resolved, weights_follow=checkpoints.path("last") is not None)
    if run.dataset_fingerprint not in (None, setup.dataset.fingerprint):
        raise UserError(f"the files of {config.dataset} changed since the run began (fingerprint "
                        f"{run.dataset_fingerprint} then, {setup.dataset.fingerprint} now): start a new run")
    checkpoints.said = {"model": config.model} | {key: json.dumps(setup.resolved[key]) for key in ("mean", "std")}
    progress = resume(setup, checkpoints, run.resolved.get("continued_at"))
    recorder.resume_from(progress.step)
    _started(store, run, setup)
    setup.resolved["notes"] += changed
    observer = Recording(recorder, setup.train.steps_per_epoch, watcher or EpochLog())
    try:
        asked = Loop(setup, checkpoints, observer, progress).run()
    finally:
        store.runs.update(run.id, trained_seconds=progress.trained_seconds)
    if asked != "run":
        return _ENDS[asked]
    if progress.ended_early:
        print(progress.ended_early, file=sys.stderr)
        store.events.add(run.id, "ended early", progress.ended_early)
        setup.resolved["notes"].append(progress.ended_early)
    store.runs.transition(run.id, "evaluating", expected=("running",), resolved=setup.resolved)
    evaluate(store, run, setup)
    return "finished"


def _know_plugins(store: Store, run: Run) -> list[str]:
    """Let the run use the plug-ins it was made with; says of each that changed since that it did, in a line each.

    Raises:
        UserError: one is missing, or something is wrong with it.
    """
    changed = changes(run.plugins)
    for line in changed:
        print(line, file=sys.stderr)
        store.events.add(run.id, "note", line)
    name_files(key for key in run.plugins if Path(key).is_absolute())
    allow_imports()
    refresh(lambda unlisted: list_here(file for file in unlisted if file.key in run.plugins))
    for line in problems([plugins_dir() / key for key in run.plugins]):
        raise UserError(line)
    return changed


def _started(store: Store, run: Run, setup: Setup) -> None:
    steps = setup.train.steps_per_epoch
    store.runs.transition(
        run.id, "running", expected=("starting",), started_at=run.started_at or time.time(), steps_per_epoch=steps,
        total_steps=steps * setup.config.epochs, device=str(setup.device), resolved=setup.resolved,
        parameters=setup.parameters, dataset_fingerprint=setup.dataset.fingerprint)
    threads = setup.resolved["machine"]["threads"]
    print(f"{setup.config.dataset}, {setup.config.model} ({setup.parameters:,} parameters) on {setup.device} with "
          f"{threads} thread{'s' * (threads != 1)}, epochs of {steps:,} steps", file=sys.stderr)
    for note in setup.resolved["notes"]:
        print(note, file=sys.stderr)
        store.events.add(run.id, "note", note)


def _does_not_fit(store: Store, run: Run, error: Exception) -> None:
    """Keep how far it came as a result of the run."""
    device = pick_device(run.slot.partition(":")[0] if run.slot else run.config["device"])
    reached = memory_bytes(device)
    store.runs.update(run.id, device=str(device), resolved=store.runs.get(run.id).resolved | {
        "out_of_memory": {"reached": reached, "available": available_bytes(str(device))}})
    sentence = one_sentence(error, run)
    store.events.add(run.id, "does not fit", f"{sentence}; {reached / 2**20:,.0f} MB were in use")


def _end(store: Store, run: Run, status: str, **columns: Any) -> None:
    store.runs.transition(run.id, status, expected=LIVE, ended_at=time.time(), slot=None, **columns)


def one_sentence(error: Exception, run: Run) -> str:
    """Why a run failed, for its row: the cause and, where there is one, the way out."""
    if is_out_of_memory(error):
        return memory_sentence(f"{type(error).__module__}.{type(error).__name__}: {error}", run.config["batch_size"])
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename or 'while writing'}"
    return described(error)
