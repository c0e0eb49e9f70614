"""What pages say of runs that have ended or train, and how a finding is let stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import app.kit.store
from app.runs.marks import marked
from engine.store import Store, Sure
from tests.app_tests import assert_calm, open_page, shown
from tests.engine.analysis.doctor.ended import PICTURES, ended_run
from tests.fake_runs import add_run


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(app.kit.store, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(app.kit.store, "reap", lambda store: [])
    return Store.open()


@pytest.mark.parametrize("name", ["live", "results"])
def test_a_serious_finding_is_acknowledged_with_a_reason_and_taken_back(store: Store, name: str) -> None:
    run = ended_run(store, {"val_accuracy": [0.1, 0.1]}, predicted=np.full(PICTURES, 3))
    page = open_page(name, run=str(run.id))
    assert_calm(page)
    assert "not above chance" in shown(page)
    page.text_input(key=f"note_{run.id}_at-chance").set_value("a rate too high").run()
    page.button(key=f"seen_{run.id}_at-chance").click().run()
    assert [each.note for each in store.acknowledged.of([run.id])] == ["a rate too high"]
    assert "Acknowledged: a rate too high" in shown(page)
    page.button(key=f"unsee_{run.id}_at-chance").click().run()
    assert store.acknowledged.of([run.id]) == []


def test_a_run_that_was_still_rising_is_continued_for_a_third_more(store: Store,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr("app.kit.findings.continue_for", lambda runs, more: asked.append((runs[0].id, more)))
    run = ended_run(store, {"val_accuracy": [0.3 + 0.03 * epoch for epoch in range(12)]}, accuracy=0.63)
    page = open_page("live", run=str(run.id))
    page.button(key=f"continue_{run.id}_still-improving").click().run()
    assert_calm(page)
    assert asked == [(run.id, 4)]


def test_sound_runs_have_no_line(store: Store) -> None:
    run = ended_run(store, {"val_accuracy": [0.9, 0.9]}, accuracy=0.9)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert not [button for button in page.button if "_at-chance" in str(button.key)]


@pytest.mark.parametrize("name", ["live", "run"])
def test_what_the_doctor_is_sure_of_stands_on_the_page_of_a_run_that_trains(store: Store, name: str) -> None:
    run = add_run(store, "running", epochs=6)
    page = open_page(name, run=str(run.id))
    assert "not-finite" not in shown(page) and marked([run])[0] == set()
    store.sure.put(Sure(run.id, "not-finite", 6, "1 of 6 values of val loss are NaN or infinite"))
    page.run()
    assert_calm(page)
    assert "After epoch 6: 1 of 6 values of val loss are NaN or infinite." in shown(page)
    assert not [button for button in page.button if "not-finite" in str(button.key)], "it is acknowledged at its end"
    assert marked([run])[0] == {run.id}
