"""Journals: every acknowledged line is there, torn or damaged ones are passed over, and a full disk loses nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.store import journal
from engine.store.journal import Entry, JournalWriter, has_unread, journals, logged_line, read_journal


def _entries(path: Path, start: int = 0) -> list[Entry]:
    return [entry for _, entry in read_journal(path, start) if entry is not None]


def _written(path: Path, count: int) -> list[Entry]:
    writer = JournalWriter(path)
    entries = []
    for step in range(count):
        values = [("loss", 1 / (step + 1)), ("lr", 0.1)]
        writer.append(logged_line(step, 1, values))
        entries.append(Entry(writer.offset, step, 1, values))
    writer.close()
    return entries


def test_lines_come_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "journal-1.log"
    entries = _written(path, 100)
    assert _entries(path) == entries
    assert entries[-1].end == path.stat().st_size
    assert _entries(path, entries[40].end) == entries[41:]


def test_values_that_are_not_finite_come_back(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j")
    writer.append(logged_line(1, 2, [("a", float("nan")), ("b", float("-inf")), ("c", 5e-324)]))
    (entry,) = _entries(tmp_path / "j")
    assert repr(entry.values) == "[('a', nan), ('b', -inf), ('c', 5e-324)]"


def test_a_superseding_line_has_no_values(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j")
    writer.append(journal.discard_line(80))
    assert _entries(tmp_path / "j") == [Entry(writer.offset, 80, 0, None)]


def test_wherever_the_last_line_is_torn_only_that_line_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    entries = _written(path, 3)
    content = path.read_bytes()
    for cut in range(entries[1].end, len(content)):
        path.write_bytes(content[:cut])
        assert _entries(path) == entries[:2]
        assert not has_unread(path, entries[1].end)


def test_a_flipped_bit_costs_one_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    entries = _written(path, 5)
    content = bytearray(path.read_bytes())
    for position in range(entries[1].end, entries[2].end - 1):
        damaged = bytearray(content)
        damaged[position] ^= 0x04
        path.write_bytes(damaged)
        assert [entry.step for entry in _entries(path)] == [0, 1, 3, 4], position


@pytest.mark.parametrize("value", [0.0, 0.5, 100.0])
def test_from_the_middle_of_a_line_nothing_is_invented(value: float, tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = JournalWriter(path)
    ends = [0]
    for step in range(2):
        writer.append(logged_line(step, 1, [("loss", value)]))
        ends.append(writer.offset)
    writer.close()
    for start in range(ends[1] + 1, ends[2]):
        assert [entry for _, entry in read_journal(path, start)] == [None], start


def test_a_writer_goes_on_behind_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _written(path, 2)
    with path.open("ab") as file:
        file.write(b"1234abcd 2 1 lo")
    writer = JournalWriter(path)
    writer.append(logged_line(3, 1, [("loss", 1.0)]))
    writer.append(logged_line(4, 1, [("loss", 1.0)]))
    writer.close()
    assert [entry.step for entry in _entries(path)] == [0, 1, 3, 4]


@pytest.mark.parametrize("room", [0, 1, 10, 30, 35])
def test_a_full_disk_loses_nothing(room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j"
    writer = JournalWriter(path)
    real, left = os.write, [room]

    def scarce(descriptor: int, content: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        written = real(descriptor, content[:left[0]])
        left[0] -= written
        return written

    monkeypatch.setattr(journal.os, "write", scarce)
    for step in range(5):
        writer.append(logged_line(step, 1, [("loss", 1.0)]))
    assert writer.trouble is not None and "kept in memory" in writer.trouble
    monkeypatch.setattr(journal.os, "write", real)
    writer.retry()
    assert writer.trouble is None
    writer.append(logged_line(5, 1, [("loss", 1.0)]))
    assert [entry.step for entry in _entries(path)] == [0, 1, 2, 3, 4, 5]
    assert writer.offset == path.stat().st_size


def test_journals_of_a_folder_in_the_order_of_attempts(tmp_path: Path) -> None:
    for name in ("journal-10.log", "journal-2.log", "log.txt", "journal-x.log"):
        (tmp_path / name).touch()
    assert [attempt for attempt, _ in journals(tmp_path)] == [2, 10]
    assert journals(tmp_path / "none") == []
