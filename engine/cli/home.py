"""``backup``, ``restore`` and ``repair``: copies of the database, and putting it right."""

import argparse
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from engine.cli.output import print_json, say, table
from engine.errors import UserError
from engine.files import output_file
from engine.home import expanded
from engine.launch import reap
from engine.store import LIVE, Store, StoreError
from engine.store.connect import connect
from engine.store.opening import restore as put_in_place
from engine.store.snapshots import snapshots

_FEWEST_POINTS = 10


def backup(arguments: argparse.Namespace) -> int:
    """Copy ``runs.db`` consistently; a plain copy of a live database would miss its newest rows."""
    if arguments.points and arguments.points < _FEWEST_POINTS:
        raise UserError(f"--points: {arguments.points} is not at least {_FEWEST_POINTS}, or 0 for all points")
    target = output_file(arguments.file, overwrite=arguments.yes)
    Store.open().backup(target, arguments.points)
    say(f"copied to {target}")
    if arguments.json:
        print_json({"file": str(target)})
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """List the snapshots; with one of them, or a backup, put it in the place of ``runs.db``, which is kept aside."""
    if arguments.snapshot is None:
        found = [_described(file) for file in snapshots()]
        if arguments.json:
            print_json(found)
        elif found:
            table(("snapshot", "taken", "runs", "MB"), [
                (each["name"], time.strftime("%Y-%m-%d %H:%M", time.localtime(each["taken"])), str(each["runs"]),
                 f"{each['bytes'] / 1e6:.1f}") for each in found])
        else:
            print("no snapshots yet; one is taken every day that Darkroom is used")
        return 0
    file = _file_of(arguments.snapshot)
    _refuse_live()
    said = put_in_place(file)
    say(said)
    if arguments.json:
        print_json({"file": str(file), "result": said})
    return 0


def repair(arguments: argparse.Namespace) -> int:
    """Check ``runs.db``, which opening it does, and put back what the home's files hold and it lacks."""
    store = Store.open()
    sentence = store.rebuild()
    kept = [file.name for file in snapshots()]
    say(sentence)
    say(f"snapshots: {', '.join(kept) or 'none yet'}; to go back to one: python -m engine restore SNAPSHOT")
    if arguments.json:
        print_json({"file": str(store.path), "result": sentence, "notices": store.notices(), "snapshots": kept})
    return 0


def _described(file: Path) -> dict[str, Any]:
    """A snapshot's name, file, time, size and number of runs; None: it cannot be read."""
    runs = None
    with suppress(sqlite3.Error), closing(connect(file, read_only=True)) as connection:
        runs = connection.execute("SELECT count(*) FROM runs").fetchall()[0][0]
    status = file.stat()
    return {"name": file.name, "file": str(file), "taken": status.st_mtime, "runs": runs, "bytes": status.st_size}


def _file_of(text: str) -> Path:
    """Return the snapshot of this name or day, or the file at this path."""
    found = [file for file in snapshots() if text in (file.name, file.stem, file.stem.removeprefix("runs-"))]
    file = found[0] if found else expanded(text)
    if not file.is_file():
        known = ", ".join(each.name for each in snapshots()) or "none yet"
        raise UserError(f"restore: {text} is neither a snapshot ({known}) nor a file")
    return file


def _refuse_live() -> None:
    """Refuse to replace a database that trainers write to; one that cannot be opened has none."""
    with suppress(StoreError):
        store = Store.open()
        reap(store)
        live = store.runs.list(LIVE)
        if live:
            names = ", ".join(f"{run.name} #{run.id}" for run in live[:5])
            raise UserError(f"restore: {len(live)} running ({names}): stop or pause them first")
