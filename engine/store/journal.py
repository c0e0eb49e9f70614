"""The journal of one attempt: a line for each log call, each with its own checksum."""

from __future__ import annotations

import contextlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"journal-(\d+)\.log")
_HELD_LINES = 100_000


@dataclass(frozen=True)
class Logged:
    """One log call read back; ``end`` is the offset in bytes just behind its line."""

    end: int
    step: int
    epoch: int
    values: dict[str, float]


@dataclass(frozen=True)
class Superseded:
    """Everything recorded earlier, for steps greater than ``step``, no longer counts."""

    end: int
    step: int


class JournalWriter:
    """Appends lines to a journal. A full disk is no error here: lines are held in memory and written when they can be.

    ``offset`` is the file's length, ``trouble`` says in one line what is wrong or is None.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.offset = os.fstat(self._descriptor).st_size
        self.trouble: str | None = None
        self._held: list[bytes] = []
        self._torn = self.offset > 0 and not _ends_line(path)

    def append(self, body: bytes) -> None:
        line = b"%08x %b\n" % (zlib.crc32(body), body)
        if self._held or self._torn:
            self._write_late(line)
            return
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            self._hold(line, error.strerror or str(error))
            return
        self.offset += written
        if written < len(line):
            self._torn = True
            self._hold(line, "disk full")

    def retry(self) -> None:
        """Write the held lines if that works by now."""
        if self._held:
            self._write_late(b"")

    def close(self) -> None:
        self.retry()
        os.close(self._descriptor)

    def _write_late(self, line: bytes) -> None:
        waiting = b"".join([b"\n" if self._torn else b"", *self._held, line])
        try:
            written = os.write(self._descriptor, waiting)
        except OSError as error:
            self._hold(line, error.strerror or str(error))
            return
        self.offset += written
        self._torn = written < len(waiting)
        if self._torn:
            self._hold(line, "disk full")
        else:
            self._held.clear()
            self.trouble = None

    def _hold(self, line: bytes, reason: str) -> None:
        self.trouble = f"{reason}: metrics are kept in memory and written when there is room"
        if line and len(self._held) < _HELD_LINES:
            self._held.append(line)


def journal_path(folder: Path, attempt: int) -> Path:
    return folder / f"journal-{attempt}.log"


def journals(folder: Path) -> list[tuple[int, Path]]:
    """The attempts that left a journal, and their files, in order."""
    with contextlib.suppress(OSError):
        found = [(_FILE.fullmatch(path.name), path) for path in folder.iterdir()]
        return sorted((int(match[1]), path) for match, path in found if match)
    return []


def logged_line(step: int, epoch: int, values: Iterable[tuple[str, float]]) -> bytes:
    """The body of a line, such as ``12 1 loss=0.5 lr=0.01``."""
    return f"{step} {epoch} {' '.join([f'{name}={value!r}' for name, value in values])}".encode()


def superseding_line(step: int) -> bytes:
    return b"after %d" % step


def read_journal(path: Path, start: int = 0) -> Iterator[Logged | Superseded]:
    """The sound lines from byte ``start`` on; torn or damaged ones are passed over."""
    end = start
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            end += len(line)
            if line.endswith(b"\n") and (entry := _parsed(line, end)) is not None:
                yield entry


def _parsed(line: bytes, end: int) -> Logged | Superseded | None:
    checksum, _, body = line[:-1].partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(body):
            return None
    except ValueError:
        return None
    first, *rest = body.decode().split(" ")
    if first == "after":
        return Superseded(end, int(rest[0]))
    pairs = (pair.partition("=") for pair in rest[1:])
    return Logged(end, int(first), int(rest[0]), {name: float(value) for name, _, value in pairs})


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
