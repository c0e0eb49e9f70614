"""Plug-ins on the pages: their rows are in the form, and what is wrong with one is a line that breaks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.launch.plugins
from engine.config import RunConfig, parse_options
from engine.plugins.listing import import_and_list
from engine.store import Store
from tests.app_tests import PAGES, assert_calm, open_page, shown
from tests.fake_runs import add_run
from tests.plugin_files import forgotten_afterwards, put_example, write


@pytest.fixture(autouse=True)
def _imported_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not by a job: pages under test start no processes."""
    monkeypatch.setattr(engine.launch.plugins, "_start", import_and_list)
    with forgotten_afterwards():
        yield


def test_the_form_offers_their_rows(home: Path, store: Store) -> None:
    folder = put_example(home)
    page = open_page("launch")
    page.selectbox(key="launch_dataset").set_value("Slopes")
    page.toggle(key="launch_everything").set_value(True).run()
    page.text_input(key="launch_data_path").set_value(str(folder))
    page.text_input(key="launch_batch_size").set_value("16")
    page.selectbox(key="launch_model").set_value("SmallResNet").run()
    assert_calm(page)
    assert not page.button(key="launch_button").disabled
    options = page.selectbox(key="launch_model").options
    own, timms = (next(place for place, text in enumerate(options) if text.startswith(name))
                  for name in ("SmallResNet", "aimv2"))
    assert own < timms and "--dataset Slopes" in shown(page)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_wrong_is_told_on_every_page(home: Path, store: Store, name: str) -> None:
    add_run(store)
    write(home, "broken.py", "1 / 0\n")
    page = open_page(name)
    assert_calm(page)
    assert [each.value for each in page.warning] == ["plug-in broken.py, line 4: ZeroDivisionError: division by zero"]


def test_a_page_is_drawn_while_one_is_imported(home: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.launch.plugins, "_start", lambda files: True)
    put_example(home)
    page = open_page("launch")
    assert_calm(page)
    assert "Reading plug-ins" in shown(page) and not page.warning


@pytest.mark.parametrize("name", PAGES)
def test_runs_whose_plugin_is_gone_are_shown(home: Path, store: Store, name: str) -> None:
    put_example(home)
    open_page("runs")
    config = parse_options({"dataset": "Slopes", "data_path": str(home / "npz"), "model": "SmallResNet"})
    assert isinstance(config, RunConfig)
    run = add_run(store)
    store.runs.update(run.id, config=config.model_dump(mode="json"))
    (home / "plugins" / "residual.py").unlink()
    page = open_page(name, run=str(run.id))
    assert not page.exception
    assert "Something went wrong" not in " ".join(str(each.value) for each in page.error)
