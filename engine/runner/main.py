"""A run from its row to its end: prepare, train, evaluate, and record the status."""

import json
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from engine.costs.answers import compute_cost
from engine.costs.keys import cost_request
from engine.crash_log import FAILED, UNEXPECTED, explained
from engine.disk_space import reserved
from engine.errors import UserError, memory_message
from engine.evaluation.evaluate import evaluate
from engine.home import db_path
from engine.launch.capacity import available_bytes
from engine.launch.launchers.local.foreground import stop_on_signals
from engine.launch.launchers.local.runfiles import write_exit
from engine.launch.queue import refuse_lost_checkpoint
from engine.plugins.catalogs import problems, refresh
from engine.plugins.files import add_files, changes, plugins_dir
from engine.plugins.importing import allow_imports
from engine.plugins.listing import import_and_list
from engine.runner.watched import Watched
from engine.store import LIVE, Recorder, Run, Store, StoreError
from engine.training.checkpoints import Checkpoints
from engine.training.devices import pick_device
from engine.training.loop import Loop, Observer
from engine.training.memory import is_out_of_memory, memory_bytes
from engine.training.observers import EpochLog, Recording
from engine.training.resuming import resume
from engine.training.setup import Setup, prepare
from engine.words import counted, size

_ENDS = {"stop": "stopped", "pause": "paused"}


def train_run(run_id: int, watcher: Observer | None = None) -> int:
    """Train a run whose status is ``starting``, and record how it ended; never raises.

    Args:
        watcher: an observer of the loop besides the recorder; by default prints a line per epoch.

    Returns:
        The exit code: 0 if the run finished, stopped or paused; 1 if it failed, 70 by a defect of Darkroom.
    """
    store = Store.open()
    run = store.runs.get(run_id)
    recorder = Recorder(store, run.id, run.attempt)
    try:
        with recorder, reserved(run.folder), stop_on_signals(partial(setattr, recorder, "requested", "stop")):
            status = _train(store, run, recorder, watcher)
    except _HomeLostError as error:
        return _leave_home(run, str(error))
    except Exception as error:
        if recorder.home_change:  # noticed only as something could not be written
            return _leave_home(run, recorder.home_change)
        if is_out_of_memory(error):
            _record_out_of_memory(store, run, error)
        code, message = failure(error, run)
        _end(store, run, "failed", error=message)
        print(message, file=sys.stderr)
        return code
    _end(store, run, status)
    if status == "finished":
        with suppress(StoreError):
            store.metrics.compress(run.id)  # only saves space; readers find the metrics in the journal
            compute_cost(cost_request(run.config_object()))  # so that the time of other models can be estimated
    return 0


class _HomeLostError(Exception):
    """The home was moved, deleted or replaced while the run trained."""


def _leave_home(run: Run, change: str) -> int:
    """Say in the row, if it is still to be found, that the run stopped because its home changed."""
    with suppress(UserError):
        if db_path().exists():
            store = Store.open()
            if store.runs.get(run.id).name == run.name:
                _end(store, run, "stopped", error=f"stopped: {change}; resume it to go on")
                return 0
    print(f"stopped: {change}", file=sys.stderr)
    return 1


def _train(store: Store, run: Run, recorder: Recorder, watcher: Observer | None) -> str:
    changed = _load_plugins(store, run)
    config = run.config_object()
    checkpoints = Checkpoints(run.folder / "checkpoints", config.keep_checkpoints == "all")
    refuse_lost_checkpoint(store, run)
    setup = prepare(config, run.slot, run.resolved, weights_follow=checkpoints.path("last") is not None)
    if run.dataset_fingerprint not in (None, setup.dataset.fingerprint):
        raise UserError(f"the files of {config.dataset} changed since the run began (fingerprint "
                        f"{run.dataset_fingerprint} then, {setup.dataset.fingerprint} now): start a new run")
    checkpoints.metadata = {"model": config.model} | {key: json.dumps(setup.resolved[key]) for key in ("mean", "std")}
    progress = resume(setup, checkpoints, run.resolved.get("continued_at"))
    recorder.resume_from(progress.step)
    _started(store, run, setup, progress.trained_seconds)
    setup.resolved["notes"] += changed
    watched = Watched(store, store.runs.get(run.id), recorder, watcher or EpochLog(run.task))
    observer = Recording(recorder, setup.train.steps_per_epoch, watched)
    try:
        asked = Loop(setup, checkpoints, observer, progress).run()
    finally:
        if not recorder.home_change:
            store.runs.update(run.id, trained_seconds=progress.trained_seconds, running_since=None)
    if recorder.home_change:
        raise _HomeLostError(recorder.home_change)
    if asked != "run":
        return _ENDS[asked]
    if progress.ended_early:
        print(progress.ended_early, file=sys.stderr)
        store.events.add(run.id, "ended early", progress.ended_early)
        setup.resolved["notes"].append(progress.ended_early)
    store.runs.transition(run.id, "evaluating", expected=("running",), resolved=setup.resolved)
    evaluate(store, run, setup)
    return "finished"


def _load_plugins(store: Store, run: Run) -> list[str]:
    """Let the run use the plug-ins it was made with; says of each that changed since that it did, in a line each.

    Raises:
        UserError: one is missing, or something is wrong with it.
    """
    changed = changes(run.plugins)
    for line in changed:
        print(line, file=sys.stderr)
        store.events.add(run.id, "note", line)
    add_files(key for key in run.plugins if Path(key).is_absolute())
    allow_imports()
    refresh(lambda unlisted: import_and_list(file for file in unlisted if file.key in run.plugins))
    for line in problems([plugins_dir() / key for key in run.plugins]):
        raise UserError(line)
    return changed


def _started(store: Store, run: Run, setup: Setup, trained_seconds: float) -> None:
    now, steps = time.time(), setup.train.steps_per_epoch
    store.runs.transition(
        run.id, "running", expected=("starting",), started_at=run.started_at or now, steps_per_epoch=steps,
        total_steps=steps * setup.config.epochs, device=str(setup.device), resolved=setup.resolved,
        parameters=setup.parameters, dataset_fingerprint=setup.dataset.fingerprint, running_since=now,
        trained_seconds=trained_seconds)
    threads = setup.resolved["machine"]["threads"]
    print(f"{setup.config.dataset}, {setup.config.model} ({setup.parameters:,} parameters) on {setup.device} with "
          f"{counted(threads, 'thread')}, epochs of {steps:,} steps", file=sys.stderr)
    for name, samples in setup.dataset.ledger.short_rows():
        print(f"{name}: {samples}", file=sys.stderr)
    for note in setup.resolved["notes"]:
        print(note, file=sys.stderr)
        store.events.add(run.id, "note", note)


def _record_out_of_memory(store: Store, run: Run, error: Exception) -> None:
    """Keep how far it came as a result of the run."""
    device = pick_device(run.slot.partition(":")[0] if run.slot else run.config["device"])
    reached = memory_bytes(device)
    store.runs.update(run.id, device=str(device), resolved=store.runs.get(run.id).resolved | {
        "out_of_memory": {"reached": reached, "available": available_bytes(str(device))}})
    _, sentence = failure(error, run)
    store.events.add(run.id, "does not fit", f"{sentence}; {size(reached)} were in use")


def _end(store: Store, run: Run, status: str, **columns: Any) -> None:
    """Record a run's end. While its row cannot be written, its last words are kept for whoever can."""
    try:
        store.runs.transition(run.id, status, expected=LIVE, ended_at=time.time(), slot=None, **columns)
    except StoreError as error:
        said = columns.get("error") or f"{status}, but its row could not be written: {error}"
        write_exit(run.id, run.attempt, 1, 0, oom_kill=False, said=said)
        print(error, file=sys.stderr)


def failure(error: Exception, run: Run) -> tuple[int, str]:
    """Return the exit code, and why a run failed, for its row: the cause and, where there is one, the way out."""
    if is_out_of_memory(error):
        said = f"{type(error).__module__}.{type(error).__name__}: {error}"
        return FAILED, memory_message(said, run.config["batch_size"])
    code, line = explained(error)
    return UNEXPECTED if code == UNEXPECTED else FAILED, line
