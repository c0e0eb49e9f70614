"""Whatever happens in a confined process is an answer or one line."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from engine.confined import client
from engine.confined.client import ConfinedError, confined
from engine.errors import ConfigError, UserError
from tests.waiting import until

READERS = "tests.engine.confined.readers"


def test_the_answer_comes_from_another_process_in_the_same_home_and_folder(home: Path, tmp_path: Path) -> None:
    answer = confined(f"{READERS}:echo", {"name": "\udcff"})
    assert answer["name"] == "\udcff" and answer["pid"] != os.getpid()
    assert (answer["home"], answer["folder"]) == (str(home), str(Path.cwd()))


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL"])
def test_a_crash_is_one_line_that_names_the_file(name: str, home: Path) -> None:
    with pytest.raises(UserError, match=rf"^bad\.png: reading crashed \({name}\)"):
        confined(f"{READERS}:crash", {"signal": name})


@pytest.mark.parametrize("decoder", ["follow_a_wild_pointer", "exhaust_the_stack"])
def test_a_decoder_that_corrupts_memory_takes_nothing_along(decoder: str, home: Path) -> None:
    with pytest.raises(UserError, match=r"^bad\.png: reading crashed \(SIGSEGV\); the file is damaged or hostile"):
        confined(f"{READERS}:{decoder}", {})
    assert confined(f"{READERS}:echo", {})["home"] == str(home)


def test_a_kill_is_said_to_be_for_lack_of_memory(home: Path) -> None:
    with pytest.raises(UserError, match=r"^bad\.png: reading was killed, most likely for lack of memory$"):
        confined(f"{READERS}:crash", {"signal": "SIGKILL"})


def test_too_much_memory_is_never_unreadable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_READ_GB", "1.5")
    with pytest.raises(UserError, match=r"^bomb\.gz: reading needs more than 1\.5 GB of memory.*DARKROOM_READ_GB$"):
        confined(f"{READERS}:fill", {})


def test_an_endless_read_is_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "seconds_for", lambda file: 0.2 if file else 60)
    with pytest.raises(UserError, match=r"^endless\.png: reading took longer than 0\.2 s$"):
        confined(f"{READERS}:hang", {})
    server = psutil.Process(client._servers[0].process.pid)
    until(lambda: not server.children())


def test_errors_keep_their_kind(home: Path) -> None:
    with pytest.raises(ConfigError) as mistake:
        confined(f"{READERS}:refuse", {})
    assert (mistake.value.key, mistake.value.expected) == ("data_path", "a folder")
    with pytest.raises(OSError, match="No space left on device") as full:
        confined(f"{READERS}:full", {})
    assert full.value.errno == 28
    with pytest.raises(ConfinedError, match="ZeroDivisionError: division by zero") as defect:
        confined(f"{READERS}:fail", {})
    assert "in fail" in defect.value.__notes__[0]


def test_a_server_that_is_gone_is_started_again(home: Path) -> None:
    confined(f"{READERS}:echo", {})
    before = client._servers[0].process
    before.send_signal(signal.SIGKILL)
    before.wait()
    assert confined(f"{READERS}:echo", {})["home"] == str(home)


@pytest.mark.parametrize("text", ["0", "-1", "much", "inf", "nan"])
def test_a_limit_that_is_no_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_READ_GB", text)
    with pytest.raises(ConfigError, match=r"^DARKROOM_READ_GB: "):
        confined(f"{READERS}:echo", {})
