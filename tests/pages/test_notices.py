"""What every page says of the store and the disk."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from engine.store import Store
from tests.app_tests import assert_calm, open_page
from tests.fake_runs import add_run

PAGES = ("launch", "live", "runs", "compare", "results")
Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("name", PAGES)
def test_a_store_begun_anew_is_told_on_every_page_until_put_away(home: Path, name: str) -> None:
    (home / "artifacts" / "runs" / "000007").mkdir(parents=True)
    store = Store.open()
    add_run(store)
    page = open_page(name)
    assert_calm(page)
    assert len(page.warning) == 1
    assert "was missing, so a new one was created" in page.warning[0].value
    page.button(key="icon_notice_0").click().run()
    assert not page.warning
    assert not open_page(name).warning


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("free", "told"), [(199_000_000, 1), (201_000_000, 0)])
def test_a_nearly_full_disk_is_told_on_every_page(
        store: Store, monkeypatch: pytest.MonkeyPatch, name: str, free: int, told: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 2**40 - free, free))
    page = open_page(name)
    assert_calm(page)
    assert ["199 MB left" in warning.value for warning in page.warning] == [True] * told
