"""The journal of an attempt: a checksummed line for each log call."""

import contextlib
import os
import re
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FILE = re.compile(r"journal-(\d+)\.log")
_LINE = re.compile(rb"([0-9a-f]{8}) (.+)\n", re.DOTALL)
_HELD_LINES = 100_000
_LONGEST_LINE = 65_536


class Entry(NamedTuple):
    """A line: the values logged at a step, or None if everything after ``step`` is discarded.

    ``end`` is the byte offset after the line.
    """

    end: int
    step: int
    epoch: int
    values: list[tuple[str, float]] | None


class JournalWriter:
    """Appends lines to a journal. If the disk is full, lines are kept in memory and written later.

    ``offset`` is the file's length, ``trouble`` the current problem in one line, or None.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.offset = os.fstat(self._descriptor).st_size
        self.trouble: str | None = None
        self._held: list[bytes] = []
        self._guard = threading.Lock()
        self._torn = self.offset > 0 and not _ends_line(path)

    def append(self, body: bytes) -> None:
        line = b"%08x %b\n" % (zlib.crc32(body), body)
        if self._held or self._torn:
            return self._write_late(line)
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            return self._hold(line, error.strerror or str(error))
        self.offset += written
        if written < len(line):
            self._torn = True
            self._hold(line, "disk full")
        return None

    def retry(self) -> None:
        """Try to write the lines kept in memory."""
        if self._held:
            self._write_late(b"")

    def close(self) -> None:
        self.retry()
        os.close(self._descriptor)

    def _write_late(self, line: bytes) -> None:
        """Write the lines in memory, then ``line``, after a line break if the file ends with a partial line."""
        with self._guard:
            if line and len(self._held) < _HELD_LINES:
                self._held.append(line)
            waiting = b"".join([b"\n" if self._torn else b"", *self._held])
            try:
                written = os.write(self._descriptor, waiting)
            except OSError as error:
                self.trouble = _trouble_text(error.strerror or str(error))
                return
            self.offset += written
            self._torn = written < len(waiting)
            if not self._torn:
                self._held.clear()
                self.trouble = None

    def _hold(self, line: bytes, reason: str) -> None:
        with self._guard:
            self._held.append(line)
            self.trouble = _trouble_text(reason)


def _trouble_text(reason: str) -> str:
    return f"{reason}: metrics are kept in memory and written when there is room"


def journal_path(folder: Path, attempt: int) -> Path:
    return folder / f"journal-{attempt}.log"


def journals(folder: Path) -> list[tuple[int, Path]]:
    """Return the attempts with a journal, and their files, in order."""
    with contextlib.suppress(OSError):
        found = [(_FILE.fullmatch(path.name), path) for path in folder.iterdir()]
        return sorted((int(match[1]), path) for match, path in found if match)
    return []


def logged_line(step: int, epoch: int, values: list[tuple[str, float]]) -> bytes:
    """Return the body of a line, such as ``12 1 loss=0.5 lr=0.01``."""
    return f"{step} {epoch} {' '.join([f'{name}={value!r}' for name, value in values])}".encode()


def discard_line(step: int) -> bytes:
    return b"after %d" % step


def read_journal(path: Path, start: int = 0) -> Iterator[tuple[int, Entry | None]]:
    """Yield for each complete line from byte ``start`` its end offset, and its entry, or None if damaged."""
    end = start
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield end, _parse(line, end)


def has_unread(path: Path, start: int) -> bool:
    """Return whether there is a complete line after byte ``start``."""
    size = path.stat().st_size
    if size - start > _LONGEST_LINE:
        return True
    return size > start and next(read_journal(path, start), None) is not None


def _parse(line: bytes, end: int) -> Entry | None:
    match = _LINE.fullmatch(line)
    if match is None or int(match[1], 16) != zlib.crc32(match[2]):
        return None
    first, second, *pairs = match[2].decode().split(" ")
    if first == "after":
        return Entry(end, int(second), 0, None)
    parts = (pair.partition("=") for pair in pairs)
    return Entry(end, int(first), int(second), [(name, float(value)) for name, _, value in parts])


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
