"""The table of runs: filters, selection and deletion."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict

import pytest
from streamlit.testing.v1 import AppTest

import app.kit.dialogs
import app.kit.store
import engine.launch
from engine.errors import UserError
from engine.launch.launchers.local.launcher import Local
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.runfiles import write_identity
from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_checkpoint, add_run


def _names(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["name"])


def _select(page: AppTest, *rows: int) -> AppTest:
    page.session_state["runs_table"] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return page.run()


def _button(page: AppTest, label: str) -> object:
    return next(button for button in page.button if button.label == label)


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    page = open_page("runs")
    assert_calm(page)
    assert "No runs yet" in shown(page)


def test_every_run_is_a_row_with_its_figures_and_the_options_that_differ(store: Store) -> None:
    add_run(store, name="first", lr=0.1)
    add_run(store, "failed", epochs=1, name="second", lr=0.2)
    page = open_page("runs")
    assert_calm(page)
    table = page.dataframe[0].value
    assert list(table["name"]) == ["second", "first"]
    assert list(table["lr"]) == ["0.2", "0.1"]
    assert "optimizer" not in table.columns
    assert table["best_val_score"].iloc[1] == pytest.approx(89.0)
    assert table["test_score"].iloc[1] == pytest.approx(100 * (1 - 4 / 360))
    assert table["test_score"].isna().iloc[0]


def test_why_runs_failed_is_a_column_where_one_has(store: Store) -> None:
    add_run(store)
    assert "error" not in open_page("runs").dataframe[0].proto.column_order
    failed = add_run(store, "failed", epochs=1)
    store.runs.update(failed.id, error="the loss became nan")
    table = open_page("runs").dataframe[0]
    assert "error" in table.proto.column_order
    assert table.value["error"].iloc[0] == "the loss became nan"


def test_filters_narrow_the_table(store: Store) -> None:
    add_run(store, name="alpha", tags="base")
    add_run(store, "failed", epochs=1, name="beta")
    add_run(store, "stopped", epochs=1, name="gamma", notes="Alphabet soup")
    page = open_page("runs")
    page.text_input(key="runs_text").set_value("alpha").run()
    assert _names(page) == ["gamma", "alpha"]
    page.multiselect(key="runs_status").set_value(["finished"]).run()
    assert _names(page) == ["alpha"]
    page.multiselect(key="runs_status").set_value([])
    page.text_input(key="runs_text").set_value("")
    page.multiselect(key="runs_tag").set_value(["base"]).run()
    assert _names(page) == ["alpha"]
    page.text_input(key="runs_text").set_value("nothing like it").run()
    assert "No run matches" in shown(page)


def test_selected_rows_lead_to_compare(store: Store) -> None:
    first, _, third = (add_run(store, lr=lr) for lr in (0.1, 0.2, 0.3))
    page = _select(open_page("runs"), 0, 2)
    assert "2 of 3 selected" in shown(page)
    _button(page, "Compare").click().run()  # type: ignore[attr-defined]
    assert page.title[0].value == "Compare"
    assert page.multiselect(key="compare_runs").value == [third.id, first.id]


def test_nothing_selected_nothing_to_do(store: Store) -> None:
    add_run(store)
    assert all(button.disabled for button in open_page("runs").button)


def test_delete_asks_first(store: Store) -> None:
    run = add_run(store, name="precious")
    page = _select(open_page("runs"), 0)
    page.button(key="delete").click().run()
    assert store.runs.get(run.id)
    assert "- precious #1" in shown(page)
    assert page.button(key="confirm_deletion").label == "Delete 1 run"


def test_a_live_run_is_never_offered_for_deletion(store: Store) -> None:
    add_run(store, "running", epochs=1, name="busy")
    page = _select(open_page("runs"), 0)
    page.button(key="delete").click().run()
    assert "Kept, because still running: busy #1" in shown(page)
    assert "confirm_deletion" not in [button.key for button in page.button]


def test_a_run_that_died_while_nobody_looked_after_it_is_marked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.kit.store, "reap", engine.launch.reap)
    run = add_run(store, "running", epochs=1, name="doomed")
    trainer = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write_identity(run.id, run.attempt, Identity.of(trainer.pid))
    store.runs.update(run.id, handle=asdict(Local().handle(run)))
    page = open_page("runs")
    assert page.dataframe[0].value["status"].iloc[0] == ["running"]
    trainer.kill()
    trainer.wait()
    page.session_state["looked_after"] = 0.0
    page.run()
    assert page.dataframe[0].value["status"].iloc[0] == ["failed"]


def test_the_table_follows_changes_until_a_row_is_selected(store: Store) -> None:
    add_run(store)
    page = open_page("runs")
    beats = page.session_state["runs_pulse_beats"]
    assert beats
    assert _select(page, 0).session_state["runs_pulse_beats"] == beats


def test_deleting_moves_the_run_to_the_trash(store: Store) -> None:
    run = add_run(store)
    app.kit.dialogs.delete([run])
    assert store.runs.list() == []
    assert [each.id for each in store.trash.runs()] == [run.id] and run.folder.exists()
    with pytest.raises(UserError, match="no run"):
        app.kit.dialogs.delete([run])


def test_what_is_selected_are_runs_not_places(store: Store) -> None:
    first, second = add_run(store, name="first"), add_run(store, name="second")
    page = _select(open_page("runs"), 0)
    assert "1 of 2 selected" in shown(page)
    add_run(store, name="third")
    page.run()
    widget, ids = page.session_state["runs_table_drawn"]
    assert ids[1:] == [second.id, first.id]
    assert page.session_state[widget]["selection"]["rows"] == [1]
    page.text_input(key="runs_text").set_value("first").run()
    assert "selected" not in shown(page)


def test_selected_runs_that_ended_train_longer(store: Store) -> None:
    add_run(store, "running", epochs=1, name="busy")
    add_run(store, "stopped", name="ended")
    page = _select(open_page("runs"), 0, 1)
    next(button for button in page.button if button.label == "Train longer").click().run()
    assert_calm(page)
    assert "Skipped, because not ended or imported: busy" in shown(page)
    assert "ended has trained" in next(field.help for field in page.number_input if field.label == "More epochs")


@pytest.mark.parametrize("status", ["finished", "stopped", "failed", "lost"])
def test_any_ended_run_continues_for_so_many_epochs(store: Store, status: str) -> None:
    run = add_run(store, status, epochs=2)
    add_checkpoint(run)
    app.kit.dialogs.continue_for([run], 3)
    again = store.runs.get(run.id)
    assert (again.status, again.config["epochs"], again.attempt) == ("queued", run.epoch + 3, 2)
    with pytest.raises(UserError, match="only ended or paused runs can be resumed"):
        app.kit.dialogs.continue_for([run], 3)


@pytest.mark.parametrize("view", ["Groups", "Scatter", "Parallel", "Importance"])
def test_every_view_opens_by_its_address(store: Store, view: str) -> None:
    for seed in range(3):
        add_run(store, seed=seed, lr=0.1 * (seed + 1))
    page = open_page("runs", runs_view=view)
    assert_calm(page)
    assert page.segmented_control(key="runs_view").value == view
    assert_calm(open_page("runs", {"runs_view": view, "runs_status": ["finished"]}))


def test_archived_runs_are_shown_if_asked_for(store: Store) -> None:
    add_run(store, name="kept")
    page = _select(open_page("runs"), 0)
    page.button(key="archive").click().run()
    assert "All runs are archived: turn on Archived" in shown(page) and store.runs.get(1).archived_at is not None
    page.toggle(key="runs_archived").set_value(True).run()
    assert _names(page) == ["kept"]


def test_ticked_runs_are_steered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.launch.requests.ensure_dispatcher", lambda: None)
    first, second = (add_run(store, "queued", epochs=0, name=name) for name in ("first", "second"))
    add_run(store, name="done")
    page = _select(open_page("runs"), 0, 1)
    assert {"Run next", "Pause", "Stop"} <= {button.label for button in page.button}
    page.button(key="steer_vertical_align_top").click().run()
    assert store.runs.get(second.id).priority > store.runs.get(first.id).priority
    _select(page, 0, 1).button(key="steer_stop").click().run()
    assert store.runs.get(second.id).status == "stopped" and store.runs.get(3).status == "finished"


def test_a_click_on_a_name_opens_the_runs_page(store: Store) -> None:
    add_run(store, name="first")
    run = add_run(store, name="second")
    page = open_page("runs")
    page.session_state["runs_table"] = {"selection": {"rows": [], "columns": [], "cells": [(0, "epoch")]}}
    assert page.run().title[0].value == "Runs"
    page.session_state["runs_table"] = {"selection": {"rows": [], "columns": [], "cells": [(0, "name")]}}
    assert page.run().title[0].value == "Run" and page.selectbox(key="run_run").value == run.id


def test_figures_are_differences_from_the_baseline(store: Store) -> None:
    add_run(store, name="base")
    add_run(store, "stopped", epochs=1, name="other")
    page = open_page("runs", baseline="1")
    assert_calm(page)
    assert "Differences from **base #1**" in shown(page)
    assert page.dataframe[0].value["best_val_score"].iloc[1] == 0
    page.button(key="unpin").click().run()
    assert page.dataframe[0].value["best_val_score"].iloc[1] == pytest.approx(89)


def test_a_view_is_saved_opened_and_forgotten(store: Store) -> None:
    add_run(store, name="alpha")
    add_run(store, name="beta")
    page = open_page("runs")
    page.text_input(key="runs_text").set_value("alpha").run()
    page.text_input(key="runs_view_name").set_value("mine").run()
    page.button(key="save_view").click().run()
    page.text_input(key="runs_text").set_value("").run()
    assert _names(page) == ["beta", "alpha"]
    page.button(key="view_mine").click().run()
    assert _names(page) == ["alpha"] and page.text_input(key="runs_text").value == "alpha"
    page.button(key="forget_mine").click().run()
    assert store.settings.get("runs_views") == {}


def test_the_trash_is_listed_and_emptied(store: Store) -> None:
    run = add_run(store, name="gone")
    add_run(store, name="left")
    store.trash.put(run.id)
    page = open_page("runs")
    assert _names(page) == ["left"]
    page.button(key="trash").click().run()
    assert "gone #1" in shown(page) and "until" in shown(page)
