"""Only launchers know processes, and one is added by a class and a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.home import ROOT
from engine.launch.launcher import LAUNCHERS, Handle, Launcher, handle_of, launchers
from engine.store import Store
from tests.fake_runs import add_run

MODULES = {"fcntl", "multiprocessing", "select", "signal", "socket"}
WORDS = re.compile(r"\bpids?\b|getpid|_pid\b|pid_|boot_id|killpg|os\.kill|os\.fork|waitpid|nvidia-smi|"
                   r"CUDA_VISIBLE_DEVICES|SIGTERM|SIGKILL|SIGINT|\bsignals?\b|\bsockets?\b", re.IGNORECASE)
REASONS = {
    "app/kit/framework.py": "a temporary file's name",
    "app/server/hosts.py": "the machine's own names",
    "engine/confined/client.py": "files of users are read in processes of their own",
    "engine/confined/server.py": "files of users are read in processes of their own",
    "engine/files.py": "a lock on a temporary file, as long as its writer lives",
    "engine/locks.py": "a lock on a file",
    "engine/store/connect.py": "no connection is used by a process that was forked from its own",
    "engine/store/runs.py": "a column of the version before, emptied",
    "engine/store/run_row.py": "a column of the version before, emptied",
    "engine/store/schema.py": "columns of the version before",
}
"""Files that may, and why."""


def knows_of_processes(file: Path) -> bool:
    text = file.read_text()
    return bool(WORDS.search(text)) or bool(MODULES & set(_imported(text)))


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_nothing_outside_the_launchers_knows_of_processes() -> None:
    files = [file for layer in ("engine", "app", "pages") for file in (ROOT / layer).rglob("*.py")]
    inside = [file for file in files if file.is_relative_to(ROOT / "engine/launch/launchers")]
    assert len([file for file in inside if knows_of_processes(file)]) > 5
    found = {file.relative_to(ROOT).as_posix() for file in set(files) - set(inside) if knows_of_processes(file)}
    assert found == set(REASONS)


@pytest.mark.parametrize("name", LAUNCHERS)
def test_every_row_is_a_launcher(name: str) -> None:
    launcher: Launcher = launchers()[name]
    assert launcher.devices() and launcher.start_seconds > 0 and not launcher.poll([])


def test_a_row_without_a_handle_is_the_first_launchers(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    assert handle_of(run) == Handle(next(iter(LAUNCHERS)))
    store.runs.update(run.id, handle={"launcher": "batch", "job": "4711"})
    assert handle_of(store.runs.get(run.id)) == Handle("batch", "4711")
