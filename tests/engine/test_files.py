"""What a killed writer leaves is removed by the next, and nothing else."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.files import replace_file, sweep, write_atomically


def test_the_temporaries_of_a_killed_writer_go_with_the_next_write(tmp_path: Path) -> None:
    code = "import os; from engine.files import replace_file\n" \
           f"with replace_file(__import__('pathlib').Path({str(tmp_path / 'a.json')!r})): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    write_atomically(tmp_path / "other.json", b"")
    assert left.exists()
    write_atomically(tmp_path / "a.json", b"{}")
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "other.json"}


def test_the_temporary_of_a_living_writer_stays(tmp_path: Path) -> None:
    with replace_file(tmp_path / "a.json") as temporary:
        temporary.write_bytes(b"first")
        sweep(tmp_path)
        write_atomically(tmp_path / "a.json", b"second")
    assert (tmp_path / "a.json").read_bytes() == b"first"


@pytest.mark.parametrize(("name", "gone"), [
    (".exit.json.4711", True), (".index.json.a_0z9b1c", True), (".run.json.abcdefgh-wal", True),
    (".writing-abcdefgh", True), (".hidden", False), (".a.json.backup", False), ("journal-1.log", False)])
def test_only_temporaries_are_swept(tmp_path: Path, name: str, gone: bool) -> None:
    (tmp_path / name).mkdir() if "writing" in name else (tmp_path / name).touch()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ([] if gone else [name])
