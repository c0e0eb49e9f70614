"""What decoded photographs take, on the data page."""

from __future__ import annotations

import os
import time
from pathlib import Path

from engine.data.photographs.files import PhotographFiles
from engine.data.photographs.keeping import keep, kept_stores
from engine.store import Store
from tests.app_tests import assert_calm, open_page
from tests.engine.data.photographs.jpegs import jpeg_folder, listed_files


def test_stores_are_listed_and_those_not_used_for_long_removed(store: Store, home: Path) -> None:
    files = listed_files(jpeg_folder(home / "mine"))
    for side, days in ((40, 0), (30, 9)):
        keep(PhotographFiles(files, side, "bilinear"))
        folder = next(each.folder for each in kept_stores() if time.time() - each.used < 60)
        os.utime(folder / "meta.json", (0, time.time() - days * 86_400))
    page = open_page("data", {"dataset": "Digits"})
    assert_calm(page)
    [box] = [each for each in page.expander if each.label.startswith("Decoded photographs")]
    assert "in 2 stores" in box.label and len(box.dataframe[0].value) == 2
    page.selectbox(key="stores_age").select("a month").run()
    assert page.button(key="stores_remove").disabled
    page.selectbox(key="stores_age").select("a week").run()
    page.button(key="stores_remove").click().run()
    assert_calm(page)
    [left] = kept_stores()
    assert time.time() - left.used < 60 * 60


def test_nothing_is_said_where_nothing_is_kept(store: Store) -> None:
    page = open_page("data", {"dataset": "Digits"})
    assert not [each for each in page.expander if each.label.startswith("Decoded photographs")]
