"""A log is read from its end, and stays small whatever is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.launch import log as module
from engine.launch.log import shorten
from engine.store import Store
from tests.engine.launch.conftest import Start, queue, wait_for
from tests.waiting import until


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST", 1000)
    monkeypatch.setattr(module, "_KEPT_AT_EACH_END", 200)


def test_the_middle_of_a_long_log_is_left_out_and_counted(tmp_path: Path) -> None:
    path, printed = tmp_path / "log.txt", 0
    with path.open("ab", buffering=0) as log:
        for number in range(300):
            printed += log.write(b"line %06d\n" % number)
            shorten(path)
            assert path.stat().st_size <= 1012
    lines = path.read_text().splitlines()
    assert lines[0] == "line 000000" and lines[-1] == "line 000299"
    (said,) = [line for line in lines if "left out" in line]
    kept = sum(len(line) + 1 for line in lines if line != said)
    assert f"── {printed - kept:,} bytes are left out here" in said


@pytest.mark.parametrize("content", [b"x" * 5000, "ä".encode() * 4000, b"", b"x" * 1000, b"\n" * 5000])
def test_lines_without_end_are_bounded_too(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(content)
    shorten(path)
    assert path.stat().st_size <= 1000 and (len(content) <= 1000 or "left out" in path.read_text(errors="replace"))


def test_what_is_no_log_is_left_alone(tmp_path: Path) -> None:
    shorten(tmp_path / "nothing")
    shorten(tmp_path)


@pytest.mark.slow
def test_a_trainer_and_its_children_that_print_without_end_are_bounded(store: Store, dispatch: Start) -> None:
    dispatch()
    run = queue(store, "flood")
    wait_for(store, run, "finished", 60)
    until(lambda: (run.folder / "log.txt").stat().st_size <= 8 << 20)
    text = (run.folder / "log.txt").read_text()
    assert "bytes are left out here: a log is kept below 8 MB" in text
    assert text.startswith("── attempt 1 ──\nto stdout\ny\n")
