"""``stop``, ``pause``, ``resume``, ``next`` and ``queue``: controlling runs."""

import argparse

from engine import launch
from engine.cli.output import print_json, run_document, say, say_each, table
from engine.errors import UserError
from engine.plugins.files import changes
from engine.store import LIVE, Run, Status, Store
from engine.words import counted


def stop(arguments: argparse.Namespace) -> int:
    return _each(arguments, _asking(launch.request_stop, "stopping"))


def pause(arguments: argparse.Namespace) -> int:
    return _each(arguments, _asking(launch.request_pause, "pausing"))


def resume(arguments: argparse.Namespace) -> int:
    """Queue ended runs again, each from its last epoch; optionally change the number of epochs."""

    def queue_again(store: Store, run: Run) -> None:
        for line in changes(run.plugins):
            say(f"warning: {line}")
        stops = run.config.get("stop_when_sure")
        queued = launch.resume(store, run, arguments.epochs, more=arguments.more)
        say(f"queued {run.id}: {run.name}, from epoch {queued.epoch} to {queued.config['epochs']}"
            + (", no longer to stop when the doctor is sure" if stops and not queued.config["stop_when_sure"] else ""))

    return _each(arguments, queue_again, alone=len(arguments.run) == 1)


def put_next(arguments: argparse.Namespace) -> int:
    """Let queued runs start before all others, in the order in which they are named.

    Raises:
        UserError: one is not queued.
    """
    store = Store.open()
    launch.reap(store)
    runs = [store.runs.find(ref) for ref in arguments.run]
    for run in runs:
        if run.status != Status.QUEUED:
            raise UserError(f"next: run {run.name} is {run.status}: only queued runs can be put before others")
    for run in reversed(runs):
        store.runs.put_next(run.id)
    say_each("next", runs)
    if arguments.json:
        print_json([run_document(store.runs.get(run.id)) for run in runs])
    return 0


def queue(arguments: argparse.Namespace) -> int:
    """List running runs, queued ones in the order in which they start, and the limit of concurrent runs on the CPU."""
    store = Store.open()
    if arguments.cpu_slots is not None:
        launch.set_cpu_slots(store, arguments.cpu_slots)
    launch.reap(store)
    launch.ensure_dispatcher()
    waiting = sorted(store.runs.list((Status.QUEUED,)), key=lambda run: (-run.priority, run.id))
    runs = [*reversed(store.runs.list(LIVE)), *waiting]
    slots = launch.cpu_slots(store)
    if arguments.json:
        print_json({"cpu_slots": slots, "runs": [run_document(run) for run in runs]})
        return 0
    print(f"{counted(slots, 'run')} at once on the CPU")
    if runs:
        table(("id", "name", "status", "slot"), [(str(run.id), run.name, run.status, run.slot or "–") for run in runs])
    return 0


def _asking(request: launch.Request, doing: str) -> launch.Request:
    def ask(store: Store, run: Run) -> None:
        request(store, run)
        say(f"{doing} {run.id}: {run.name}")

    return ask


def _each(arguments: argparse.Namespace, act: launch.Request, *, alone: bool = False) -> int:
    """Do it to each of the named runs, all of which are found first.

    Args:
        alone: the document is that of the one run, not a list.
    """
    store = Store.open()
    launch.reap(store)
    runs = [store.runs.find(ref) for ref in arguments.run]
    for run in runs:
        act(store, run)
    if arguments.json:
        documents = [run_document(store.runs.get(run.id)) for run in runs]
        print_json(documents[0] if alone else documents)
    return 0
