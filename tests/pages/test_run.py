"""The page of one run."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from app.run.files import checkpoint_rows, curves_csv
from app.run.kin import other_seeds
from app.run.log import lines_with, log_lines
from app.run.options import option_tables
from engine.launch import log_file
from engine.store import Store
from engine.study.document import parse_study
from engine.study.versions import Studies
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_checkpoint, add_run
from tests.fake_studies import add_tested


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    page = open_page("run")
    assert_calm(page)
    assert "No runs yet" in shown(page)


def test_everything_of_a_run_is_there(store: Store) -> None:
    add_run(store, name="other")
    run = add_run(store, name="mine", lr=0.05)
    store.events.add(run.id, "note", "warm start")
    log_file(run.id).write_text("── attempt 1 ──\nepoch 1\rspoken\nepoch 2\n")
    page = open_page("run", run=str(run.id))
    assert_calm(page)
    text = shown(page)
    assert "mine" in text and "--lr 0.05" in text and str(run.folder) in text and run.config_hash in text
    assert "spoken\nepoch 2" in text and "epoch 1" not in text
    tables = [set(table.value.columns) for table in page.dataframe]
    assert {"Option", "Value", "Default"} in tables and {"Time", "Event", "What"} in tables


@pytest.mark.parametrize("status", ["queued", "running", "paused", "failed", "lost"])
def test_a_run_in_any_state_has_its_page(store: Store, status: str) -> None:
    run = add_run(store, status, epochs=0)
    page = open_page("run", run=str(run.id))
    assert_calm(page)
    assert page.button(key="delete").disabled == run.is_live


def test_tags_and_notes_are_saved_at_once_and_follow_others(store: Store) -> None:
    run = add_run(store, tags="base")
    page = open_page("run", run=str(run.id))
    page.text_area(key=f"run_notes_{run.id}").set_value("seen").run()
    page.multiselect(key=f"run_tags_{run.id}").set_value([]).run()
    assert_calm(page)
    assert (store.runs.get(run.id).notes, store.runs.get(run.id).tags) == ("seen", ())
    store.runs.set_notes(run.id, "elsewhere")
    assert page.run().text_area(key=f"run_notes_{run.id}").value == "elsewhere"


def test_a_run_leaves_the_lists_and_comes_back(store: Store) -> None:
    run = add_run(store)
    page = open_page("run", run=str(run.id))
    page.button(key="archive").click().run()
    assert store.runs.get(run.id).archived_at is not None
    assert page.button(key="archive").label == "Take out of the archive"
    page.button(key="archive").click().run()
    assert store.runs.get(run.id).archived_at is None


def test_a_run_in_the_trash_is_put_back_from_its_address(store: Store) -> None:
    add_run(store, name="left")
    run = add_run(store, name="gone")
    store.trash.put(run.id)
    page = open_page("run", run=str(run.id))
    assert_calm(page)
    assert "gone #2 is in the trash until" in page.warning[0].value
    page.button(key=f"put_back_{run.id}").click().run()
    assert store.runs.get(run.id) and page.selectbox(key="run_run").value == run.id


def test_options_that_were_chosen_come_first(store: Store) -> None:
    changed, others = option_tables(add_run(store, lr=0.05, epochs=2))
    assert changed.set_index("Option")["Value"].to_dict() == {"Learning rate": "0.05", "Epochs": "2"}
    assert changed.set_index("Option")["Default"]["Learning rate"] == "0.001"
    assert "Optimizer" in set(others["Option"])


def test_a_checkpoint_is_told_with_its_size_and_metrics(store: Store) -> None:
    run = add_run(store)
    add_checkpoint(run)
    (run.folder / "checkpoints" / "epoch-0002" / "model.safetensors").write_bytes(bytes(2_000_000))
    (row,) = checkpoint_rows(run, store.evaluations.of(run.id))
    assert row["Epoch"] == 2 and row["Size"].startswith("2") and row["Val loss"] == pytest.approx(0.22)
    assert row["Val accuracy"] == pytest.approx(89)


def test_curves_are_complete_as_csv(store: Store) -> None:
    table = pd.read_csv(io.BytesIO(curves_csv(add_run(store))), index_col="step")
    assert len(table) == 10 and table["loss"].tolist() == pytest.approx([2 / step for step in range(1, 11)])
    assert table["val_loss"].dropna().index.tolist() == [5, 10] and table["epoch"].iloc[-1] == 2


def test_lines_of_a_log_are_found_in_any_case(store: Store) -> None:
    run = add_run(store)
    assert log_lines(run) == []
    log_file(run.id).write_text("one\nTwo of 3\nthree\n")
    assert lines_with(log_lines(run), "two") == ["2: Two of 3"]
    assert lines_with(log_lines(run), "") == ["one", "Two of 3", "three"]


def test_kin_are_named(store: Store) -> None:
    study = parse_study("name: rates\nquestion: Which?\nfactors: {lr: [0.1, 0.01]}\nsettings: {dataset: Digits}\n"
                        "seeds: [0, 1]")
    Studies(store).save(study)
    first, second = (add_tested(store, study, ("0.1",), seed, 3) for seed in (0, 1))
    alien = add_run(store, lr=0.1)
    assert [run.id for run in other_seeds(first, store.runs.list())] == [second.id]
    assert other_seeds(alien, store.runs.list()) == []
    page = open_page("run", run=str(first.id))
    assert_calm(page)
    assert any("Compare the seeds" in button.label for button in page.button)
