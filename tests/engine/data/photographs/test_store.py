"""The picture store: decoded once, the same values always, whatever happens to whom."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.data.dataset import Pictures
from engine.data.photographs import keeping, store
from engine.data.photographs.files import PhotographFiles
from engine.data.photographs.keeping import BUDGET, keep, kept_stores, remove_stores, stores_folder
from engine.data.photographs.source import Photographs
from engine.data.photographs.store import PIXELS, THERE, PictureStore
from engine.errors import ConfigError
from engine.home import ROOT
from tests.engine.data.photographs.jpegs import jpeg_folder, listed_files
from tests.waiting import until


class Counted(Photographs):
    """Photographs that note which of them were decoded."""

    def __init__(self, photographs: Photographs) -> None:
        self._all, self.read = photographs, list[int]()
        self.sizes, self.channels, self.key = photographs.sizes, photographs.channels, photographs.key

    def picture(self, place: int) -> Pictures:
        self.read.append(place)
        return self._all.picture(place)


@pytest.fixture
def counted(home: Path) -> Counted:
    return Counted(PhotographFiles(listed_files(jpeg_folder(home / "mine")), 40, "bilinear"))


def expected(counted: Counted) -> list[Pictures]:
    return [counted._all.picture(place) for place in range(len(counted))]


def assert_same(photographs: Photographs, pictures: list[Pictures]) -> None:
    for place, picture in enumerate(pictures):
        assert np.array_equal(photographs.picture(place), picture)
        assert np.array_equal(photographs.rows(place, 5, 9), picture[5:14])


def test_every_picture_is_decoded_once_by_all_runs_together(counted: Counted) -> None:
    first, note = keep(counted)
    assert "0 of 16 are there" in note
    assert_same_after_reading(first, counted)
    again, note = keep(counted)
    assert "16 of 16 are there" in note
    shutil.rmtree(stores_folder().parents[1] / "mine")
    assert_same(again, [first.picture(place) for place in range(16)])
    assert sorted(counted.read) == list(range(16))


def assert_same_after_reading(photographs: Photographs, counted: Counted) -> None:
    pictures = expected(counted)
    for place, picture in enumerate(pictures):
        assert np.array_equal(photographs.rows(place, 3, 4), picture[3:7])
    photographs.flush()
    assert_same(photographs, pictures)


def test_what_was_written_counts_only_once_it_is_safe(counted: Counted) -> None:
    """A process that is killed before leaves pixels without marks."""
    killed, _ = keep(counted)
    killed.picture(2)
    other, _ = keep(counted)
    assert isinstance(other, PictureStore) and other.missing == 16
    killed.flush()
    other.picture(0)
    other.flush()
    assert other.missing == 14


def test_two_builders_at_once_make_one_store(counted: Counted) -> None:
    one, other = keep(counted)[0], keep(counted)[0]
    for place in range(16):
        (one if place % 3 else other).picture(place)
        one.picture(place // 2)
    one.flush()
    other.flush()
    assert len(kept_stores()) == 1
    assert_same(keep(counted)[0], expected(counted))


def test_a_full_disk_is_one_line_and_every_picture_is_still_right(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    kept, _ = keep(counted)
    real = os.pwrite

    def full(file: int, content: bytes, place: int) -> int:
        if len(content) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, content, place)

    monkeypatch.setattr(os, "pwrite", full)
    assert_same(kept, expected(counted))
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "the disk is full" in said
    kept.flush()
    assert isinstance(kept, PictureStore) and kept.missing == 16


def test_no_place_for_a_store_is_told_and_nothing_stays(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))

    monkeypatch.setattr(keeping, "claim", full)
    same, note = keep(counted)
    assert same is counted and "No space left on device" in note and kept_stores() == []


def test_a_store_that_was_cut_short_is_read_from_the_source(counted: Counted) -> None:
    kept, _ = keep(counted)
    for place in range(16):
        kept.picture(place)
    kept.flush()
    folder = kept_stores()[0].folder
    os.truncate(folder / PIXELS, 5000)
    assert_same(kept, expected(counted))
    assert (folder / PIXELS).stat().st_size == 5000
    again, note = keep(counted)
    assert "0 of 16 are there" in note
    assert_same(again, expected(counted))
    os.truncate(kept_stores()[0].folder / THERE, 3)
    assert "0 of 16 are there" in keep(counted)[1]


@pytest.mark.parametrize(("most", "words"), [("0", "one store may take"), ("0.00001", "one store may take")])
def test_the_budget_decides_before_anything_is_written(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, most: str, words: str,
) -> None:
    monkeypatch.setenv(BUDGET, most)
    same, note = keep(counted)
    assert same is counted and words in note and BUDGET in note and not stores_folder().exists()


@pytest.mark.parametrize("said", ["much", "inf", "nan"])
def test_a_budget_that_is_no_number_is_refused(counted: Counted, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(BUDGET, said)
    with pytest.raises(ConfigError, match="a number of GB"):
        keep(counted)


def test_stores_are_removed_by_age_and_a_run_that_uses_one_goes_on(counted: Counted) -> None:
    kept, _ = keep(counted)
    assert remove_stores(1) == [] and len(kept_stores()) == 1
    os.utime(kept_stores()[0].folder / "meta.json", (0, time.time() - 3 * 86_400))
    [removed] = remove_stores(2)
    assert removed.pictures == 16 and removed.bytes > 16 * 40 * 40 * 3 and kept_stores() == []
    assert_same(kept, expected(counted))


FILL = """
import sys
from pathlib import Path
from engine.data.photographs import store
from engine.data.photographs.files import PhotographFiles
from engine.data.photographs.keeping import keep
from tests.engine.data.photographs.jpegs import listed_files
store._SECONDS = 0
kept, _ = keep(PhotographFiles(listed_files(Path(sys.argv[1])), 40, "bilinear"))
for turn in range(1_000_000):
    kept.picture(turn % 12)
"""


def test_a_killed_builder_leaves_nothing_wrong(counted: Counted, home: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", FILL, str(home / "mine")], cwd=ROOT)
    marks = stores_folder() / counted.key / THERE
    until(lambda: marks.exists() and sum(marks.read_bytes()) > 2, 300)
    process.send_signal(signal.SIGKILL)
    process.wait()
    after, _ = keep(counted)
    assert isinstance(after, PictureStore) and after.missing < 16
    assert_same(after, expected(counted))
    assert store._SECONDS > 0
