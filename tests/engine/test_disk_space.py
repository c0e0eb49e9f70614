"""A full disk is named, whatever says so, and the last words find room."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from safetensors import SafetensorError

from engine.disk_space import claim, full_message, no_room, reserved
from engine.errors import UserError, describe_error, user_message
from engine.store.faults import translate_error
from tests.engine.conftest import fill

FULL = [OSError(errno.ENOSPC, "No space left on device", "/x"), OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError(errno.EFBIG, "File too large"), sqlite3.OperationalError("database or disk is full"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        SafetensorError("I/O error: Disk quota exceeded (os error 122)"), OSError("400 requested and 12 written")]


@pytest.mark.parametrize("error", FULL, ids=str)
def test_every_error_of_a_full_disk_is_one_line_with_advice(error: Exception) -> None:
    line = user_message(error)
    assert line.startswith("the disk is full: ") and "free some space" in line and "\n" not in line
    assert full_message(line) == line


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "Permission denied"), ValueError("disk"), OSError("odd")])
def test_other_errors_are_not(error: Exception) -> None:
    assert not user_message(error) and describe_error(error)


def test_a_users_mistake_keeps_its_line() -> None:
    assert user_message(UserError("lr: 0 is too low")) == "lr: 0 is too low"


def test_what_sqlite_calls_an_io_error_is_named_when_nothing_fits(small_disk: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert "the disk is full" not in str(translate_error(error, small_disk / "runs.db"))
    filler = fill(small_disk)
    assert "the disk is full" in str(translate_error(error, small_disk / "runs.db"))
    assert no_room(small_disk) == os.strerror(errno.ENOSPC)
    filler.unlink()
    assert not no_room(small_disk)


def test_what_is_reserved_is_there_when_the_disk_is_full(small_disk: Path) -> None:
    with reserved(small_disk):
        fill(small_disk)
    (small_disk / "words").write_bytes(bytes(200_000))
    assert [path.name for path in small_disk.iterdir() if path.name.startswith(".")] == []


def test_a_map_without_its_place_on_the_disk_is_refused(small_disk: Path) -> None:
    with (small_disk / "map").open("wb") as file:
        file.truncate(4 << 20)
    with pytest.raises(OSError, match="No space"):
        claim(small_disk / "map")
