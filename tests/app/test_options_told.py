"""Options of runs as tables show them."""

from __future__ import annotations

from pathlib import Path

from app.options_told import option_told
from engine.store import Store
from tests.fake_runs import add_run


def test_a_size_that_was_left_open_is_told_with_what_it_came_to(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    assert option_told(run, "image_size", 0) == "auto (32)"
    assert option_told(run, "image_size", 64) == "64"
    store.runs.update(run.id, resolved={})
    assert option_told(store.runs.get(run.id), "image_size", 0) == "auto"


def test_other_options_are_told_as_the_form_shows_them(home: Path) -> None:
    run = add_run(Store.open())
    assert [option_told(run, "nesterov", value) for value in (True, None)] == ["yes", None]
    assert option_told(run, "train_fraction", 1.0) == "1"
