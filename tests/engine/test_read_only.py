"""A home that cannot be written can be viewed, and says once why nothing can be changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine import home as home_module
from engine.cli.main import main
from engine.home import ROOT
from engine.store import Store, StoreError, opening
from tests.app_tests import shown
from tests.fake_runs import add_run

READING = (("runs",), ("runs", "--json"), ("show", "1"), ("queue",), ("doctor",), ("restore",), ("study",))
WRITING = (("train", "--dataset", "Digits", "--detach"), ("stop", "1"), ("resume", "1", "--more", "1"),
           ("delete", "1", "--yes"), ("queue", "--cpu-slots", "2"), ("repair",),
           ("notify", "--when", "failed"))


@pytest.fixture(params=["mounted read-only", "of another user", "asked for", "with a killed writer's log",
                        "with that log but no shared memory"])
def viewed(request: pytest.FixtureRequest, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    store = Store.open()
    run = add_run(store)
    store.metrics.summary(run.id)
    killed = {path: path.read_bytes() for path in small_disk.glob("runs.db*")}
    store.connections.close()
    opening._READY.clear()
    for path, content in killed.items():
        if "log" in request.param and not (path.suffix == ".db-shm" and "no shared memory" in request.param):
            path.write_bytes(content)
    if request.param == "of another user":
        monkeypatch.setattr(home_module.os, "geteuid", lambda: 4711)
    elif request.param == "asked for":
        monkeypatch.setenv("DARKROOM_READ_ONLY", "1")
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    return small_disk


def test_reading_commands_work_and_writing_ones_refuse_in_a_line(viewed: Path,
                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    for words in READING:
        assert main(words) == 0, words
    assert "digits" in capsys.readouterr().out.lower()
    for words in WRITING:
        assert main(words) == 2, words
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "can only be viewed" in said, words


def test_writing_refuses_in_the_store_itself(viewed: Path) -> None:
    store = Store.open()
    with pytest.raises(StoreError, match="can only be viewed"):
        store.runs.set_notes(1, "no")
    assert [notice for notice in store.notices() if "can only be viewed" in notice] == [store.read_only]


@pytest.mark.parametrize("page", ["launch", "runs", "live"])
def test_pages_show_and_grey_what_writes(viewed: Path, page: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60).run()
    assert not app.exception and not app.error
    assert "measuring…" not in shown(app)
    changing = ("Launch", "Train longer", "Delete", "Train for more epochs", "Resume")
    writing = [button for button in app.button if any(word in button.label for word in changing)]
    assert writing and all(button.disabled for button in writing), [button.label for button in app.button]
