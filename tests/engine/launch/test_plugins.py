"""Plug-ins are imported by jobs: whatever a file does, nobody else is harmed, and the warm process stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.catalog.augmentations import AUGMENTATIONS
from engine.launch.launchers.local.warm_client import warm_listens
from engine.launch.plugins import load_plugins, refresh_plugins
from engine.plugins.catalogs import pending, problems
from engine.plugins.importing import imports_allowed
from engine.store import Store
from tests.engine.launch.conftest import Start
from tests.engine.launch.launchers.local.test_warm import LIGHT, warm_process
from tests.plugin_files import forgotten_afterwards
from tests.waiting import until

SOFT = "from engine.plugins import *\naugmentation('soft', Augmentation('Little.'))\n"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    with forgotten_afterwards():
        yield


@pytest.fixture(params=["warm", "cold"])
def way(request: pytest.FixtureRequest, store: Store, dispatch: Start) -> str:
    """With a warm process, and with nobody there."""
    if request.param == "warm":
        dispatch(*LIGHT)
        until(warm_listens)
    return str(request.param)


def _write(home: Path, name: str, code: str) -> None:
    (home / "plugins").mkdir(exist_ok=True)
    (home / "plugins" / name).write_text(code)


def test_a_job_imports_what_is_new_and_this_process_nothing(way: str, home: Path) -> None:
    warm = warm_process(home) if way == "warm" else None
    _write(home, "soft.py", SOFT)
    _write(home, "killed.py", "import os\nos.kill(os.getpid(), 9)\n")
    _write(home, "threads.py", "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()")
    [line] = load_plugins()
    assert line.startswith("plug-in killed.py: import failed") and "killed" in line
    assert "soft" in AUGMENTATIONS and not imports_allowed()
    if way == "warm":
        assert warm_process(home) == warm and len(list(Path(f"/proc/{warm}/task").iterdir())) == 1


def test_a_page_does_not_wait(way: str, home: Path) -> None:
    _write(home, "soft.py", SOFT)
    refresh_plugins()
    assert pending() and problems() == []

    def known() -> bool:
        refresh_plugins()
        return not pending()

    until(known)
    assert "soft" in AUGMENTATIONS and problems() == []


def test_a_file_that_ends_its_process_is_told_once_and_not_asked_for_again(home: Path, store: Store) -> None:
    _write(home, "ends.py", "import os\nos._exit(3)\n")
    refresh_plugins()

    def known() -> bool:
        refresh_plugins()
        return not pending()

    until(known)
    assert problems() == ["plug-in ends.py: its import did not finish: it took too long, or exited Python"]
