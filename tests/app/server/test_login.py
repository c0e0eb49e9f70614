"""Tokens open sessions; wrong ones are slowed; nothing that is written holds them."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.server import login as module
from app.server.login import Login, TooManyAttemptsError, login_for
from engine.cli.main import main
from engine.config import RunConfig
from engine.crash_log import log_unexpected
from engine.launch.launchers.local.process import start_module
from engine.launch.provenance import environment
from engine.store import Store


def test_the_token_opens_a_session_of_its_own() -> None:
    login = Login("a token of some length")
    first, second = (login.open("a token of some length", "10.0.0.1") for _ in range(2))
    assert first and second and first != second and login.knows(first)
    assert not login.knows("") and not login.knows("chosen by somebody else")
    assert login.knows(second)


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    login = Login("a token of some length")
    session = login.open("a token of some length", "10.0.0.1")
    assert session and login.knows(session)
    later = module.time.time() + 8 * 86_400
    monkeypatch.setattr("app.server.login.time.time", lambda: later)
    assert not login.knows(session)


def test_brute_force_is_slowed_for_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("app.server.login.time.monotonic", lambda: now[0])
    login, looked_at = Login("a token of some length"), 0
    for _ in range(3600):
        now[0] += 1
        try:
            assert login.open("wrong", "10.0.0.1") is None
            looked_at += 1
        except TooManyAttemptsError as error:
            assert 0 < error.seconds <= 60
    assert looked_at < 80
    with pytest.raises(TooManyAttemptsError):
        login.open("a token of some length", "10.0.0.1")
    assert login.open("a token of some length", "10.0.0.2")
    now[0] += 60
    assert login.open("a token of some length", "10.0.0.1")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ADDRESSES", 50)
    monkeypatch.setattr(module, "_SESSIONS", 50)
    login = Login("a token of some length")
    for number in range(500):
        login.open("wrong", f"10.0.{number}")
        login.open("a token of some length", f"10.1.{number}")
    assert len(login._failures) == 50 == len(login._sessions)


def test_a_token_is_made_only_where_others_can_reach_the_dashboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DARKROOM_TOKEN", raising=False)
    made, again = login_for(True), login_for(True)
    assert login_for(False) is None and made and again and made.token != again.token and len(made.token) == 48


def test_a_given_token_is_taken_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_TOKEN", "sixteen characters")
    made = login_for(False)
    assert made and made.token == "sixteen characters" and "DARKROOM_TOKEN" not in module.os.environ
    monkeypatch.setenv("DARKROOM_TOKEN", "short")
    with pytest.raises(SystemExit, match="16 or more"):
        login_for(False)


def test_a_token_is_in_nothing_that_is_written_or_started(home: Path, monkeypatch: pytest.MonkeyPatch,
                                                          capfd: pytest.CaptureFixture[str]) -> None:
    token = "sixteen characters"
    monkeypatch.setenv("DARKROOM_TOKEN", token)
    login = login_for(False)
    assert login and token in login.announcement("http://localhost:8501")  # printed where it was started, once
    store = Store.open()
    store.runs.create(RunConfig(name="run"), environment=environment(), git_commit=None, git_dirty=False)
    try:
        login.open("wrong", "10.0.0.1")
        raise RuntimeError("a defect, with the login among its variables")
    except RuntimeError as error:
        log_unexpected(error)
    for words in (("show", "run"), ("runs", "--json"), ("backup", str(home / "copy.db")),
                  ("study", "init", "demo", "--template", "augmentation-architecture", "--scaled"),
                  ("study", "report", "demo", "--output", str(home / "report.html"))):
        assert main(words) == 0, words
    assert token not in "".join(capfd.readouterr())
    printed = "import os; print(dict(os.environ))"
    assert token not in subprocess.run([sys.executable, "-c", printed], capture_output=True, text=True).stdout
    start_module("os", [], log="started").wait()
    written = [file for file in home.rglob("*") if file.is_file()]
    assert {"copy.db", "report.html", "errors.log", "run.json", "runs.db"} <= {file.name for file in written}
    assert not [file for file in written if token.encode() in file.read_bytes()]
