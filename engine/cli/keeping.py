"""``rename``, ``archive``, ``delete`` and ``trash``: what is kept of runs, and where it is found."""

import argparse
import sys

from engine import launch
from engine.cli.output import print_json, run_document, say, say_each, table
from engine.disk_space import folder_bytes
from engine.errors import UserError
from engine.store import Run, Store
from engine.store.trash import KEPT_DAYS, last_day
from engine.study.counting import studies_counting
from engine.words import counted, listed


def rename(arguments: argparse.Namespace) -> int:
    """Give a run another name."""
    store = Store.open()
    run = _unique_run(store, arguments.run)
    store.runs.rename(run.id, arguments.name)
    renamed = store.runs.get(run.id)
    say(f"renamed {run.id}: {run.name} is {renamed.name} now")
    if arguments.json:
        print_json(run_document(renamed))
    return 0


def archive(arguments: argparse.Namespace) -> int:
    """Leave runs out of lists, or show them again."""
    store = Store.open()
    runs = [_unique_run(store, ref) for ref in arguments.run]
    for run in runs:
        store.runs.archive(run.id, undo=arguments.undo)
    say_each("shown again" if arguments.undo else "archived", runs)
    if arguments.json:
        print_json([run_document(store.runs.get(run.id)) for run in runs])
    return 0


def delete(arguments: argparse.Namespace) -> int:
    """Move runs to the trash after confirmation; refuse running ones, and names that several runs share."""
    store = Store.open()
    launch.reap(store)
    runs = [_unique_run(store, ref) for ref in arguments.run]
    for name, counting in studies_counting(store, runs).items():
        say(f"warning: study {name} counts on {listed([run.name for run in counting])}")
    if not arguments.yes and not _confirm(f"delete {listed([run.name for run in runs])}? {_size(runs)} on disk"):
        raise UserError("delete: nothing deleted; answer y, or use --yes")
    for run in runs:
        store.trash.put(run.id)
    say_each("deleted", runs)
    say(f"for {KEPT_DAYS} days, `python -m engine trash --put-back {' '.join(str(run.id) for run in runs)}` undoes it; "
        "`python -m engine trash --empty` frees the disk now")
    if arguments.json:
        print_json({"deleted": [run.id for run in runs]})
    return 0


def trash(arguments: argparse.Namespace) -> int:
    """List the trash, put runs back, or remove all of it for good."""
    store = Store.open()
    if arguments.put_back:
        runs = [_in_trash(store, ref) for ref in arguments.put_back]
        for run in runs:
            store.trash.put_back(run.id)
        say_each("put back", runs)
        document = {"put_back": [run.id for run in runs]}
    elif arguments.empty:
        runs = store.trash.runs()
        if runs and not arguments.yes and not _confirm(f"remove {counted(len(runs), 'run')} for good? {_size(runs)}"):
            raise UserError("trash: nothing removed; answer y, or use --yes")
        document = {"removed": [run.id for run in store.trash.empty()]}
        say(f"removed {counted(len(document['removed']), 'run')} for good")
    else:
        return _list(store, json=arguments.json)
    if arguments.json:
        print_json(document)
    return 0


def _list(store: Store, *, json: bool) -> int:
    runs = store.trash.runs()
    sizes = [folder_bytes(run.folder) for run in runs]
    if json:
        print_json([run_document(run) | {"bytes": size, "until": last_day(run)}
                    for run, size in zip(runs, sizes, strict=True)])
    elif runs:
        table(("id", "name", "status", "MB", "until"),
              [(str(run.id), run.name, run.status, f"{size / 1e6:,.1f}", last_day(run))
               for run, size in zip(runs, sizes, strict=True)])
    else:
        print("the trash is empty")
    return 0


def _size(runs: list[Run]) -> str:
    return f"{sum(folder_bytes(run.folder) for run in runs) / 1e6:,.1f} MB"


def _in_trash(store: Store, ref: str) -> Run:
    """Return the run of the trash with this id or name; the newest of several."""
    found = store.runs.matching(ref, trashed=True)
    if not found:
        raise UserError(f"trash: no run {ref} is in the trash; `python -m engine trash` lists it")
    return found[0]


def _unique_run(store: Store, ref: str) -> Run:
    runs = store.runs.matching(ref)
    if len(runs) > 1:
        raise UserError(f"{ref}: {len(runs)} runs have that name; use an id: {', '.join(str(r.id) for r in runs)}")
    return store.runs.find(ref)


def _confirm(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr)
    return input().strip().lower() in ("y", "yes")
