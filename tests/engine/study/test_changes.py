"""What was changed since a study was sealed is named, each with its time."""

from __future__ import annotations

from typing import Any

import pytest

from engine.store import Run, Store
from engine.study.changes import changes, verify
from engine.study.launch import launch
from engine.study.matrix import State, matrix
from engine.study.study import Study
from engine.study.versions import Studies
from tests.engine.study.conftest import DECLARED
from tests.fake_runs import add_run

H1 = DECLARED["hypotheses"][0]
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"margin": 0.02}, ["margin 0.0 → 0.02"]),
    ({"question": "Why?"}, ["question reworded"]),
    ({"metric": "f1", "across": "batch_size"}, ["across none → batch_size", "metric top1 → f1"]),
    ({"seeds": [1, 2, 3]}, ["seed 0 removed", "seeds 2, 3 added"]),
    ({"settings": {"epochs": 5, "device": "cpu", "lr": 0.1}}, ["settings: epochs 2 → 5", "settings: lr none → 0.1"]),
    ({"factors": {"augmentation": ["default", "weak", "strong"], "lr": [0.1]}},
     ["factor batch_size removed", "factor lr added", "augmentation: level strong added"]),
    ({"factors": {"augmentation": {"default": "default", "weak": "randaugment"}, "batch_size": [64, 128]}},
     ["augmentation: weak: augmentation weak → randaugment"]),
    ({"leave_out": [{"batch_size": 64}]}, ["leave_out changed"]),
    ({"hypotheses": [H1, {**H1, "name": "H2"}]}, ["hypothesis H2 added"]),
    ({"hypotheses": []}, ["hypothesis H1 removed"]),
    ({"hypotheses": [{**H1, "claim": "Yes.", "expect": "lower", "margin": 0.01}]},
     ["hypothesis H1: reworded", "hypothesis H1: expect higher → lower", "hypothesis H1: margin none → 0.01"]),
    ({"tables": [{"rows": ["augmentation"]}]}, []),
]


@pytest.mark.parametrize(("change", "said"), CASES)
def test_a_change_is_named(study: Study, change: dict[str, Any], said: list[str]) -> None:
    assert changes(study, Study.model_validate(DECLARED | change)) == said


def finished(store: Store, study: Study) -> list[Run]:
    return matrix(store, study).runs(State.DONE)


@pytest.mark.usefixtures("nobody")
def test_a_launched_study_is_intact_until_it_is_changed(store: Store, study: Study) -> None:
    launch(store, study)
    assert verify(Studies(store).versions("digits"), []).intact
    for margin in (0.01, 0.02):
        Studies(store).save(study.model_copy(update={"margin": margin}))
    found = verify(Studies(store).versions("digits"), [])
    assert not found.intact and not found.broken
    assert [text for _, text in found.changes] == ["margin 0.0 → 0.01", "margin 0.01 → 0.02"]
    later = Studies(store).versions("digits")[1:]
    assert [time for time, _ in found.changes] == [version.created_at for version in later]


@pytest.mark.usefixtures("nobody")
def test_a_change_before_the_launch_is_none(store: Store, study: Study) -> None:
    Studies(store).save(study.model_copy(update={"margin": 0.5}))
    assert not verify(Studies(store).versions("digits"), []).intact, "not sealed yet"
    launch(store, study)
    assert verify(Studies(store).versions("digits"), []).intact


@pytest.mark.usefixtures("nobody")
def test_a_declaration_that_was_altered_in_the_database_breaks_the_seal(store: Store, study: Study) -> None:
    launch(store, study)
    with store.connections.writing() as connection:
        connection.execute("UPDATE study_versions SET declared = json_set(declared, '$.margin', 0.1)")
    found = verify(Studies(store).versions("digits"), [])
    assert found.broken and not found.intact and not found.changes


@pytest.mark.usefixtures("nobody")
def test_a_run_by_other_code_is_named_with_its_time(store: Store, study: Study,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.study.seal.git_state", lambda: ("a" * 40, False))
    monkeypatch.setattr("engine.launch.queue.git_state", lambda: ("a" * 40, False))
    first = launch(store, study)
    monkeypatch.setattr("engine.launch.queue.git_state", lambda: ("b" * 40, True))
    later = launch(store, study.model_copy(update={"seeds": (0, 1, 2)}))
    for run in (*first, *later):
        store.runs.update(run.id, status="finished")
    found = verify(Studies(store).versions("digits"), finished(store, Studies(store).get("digits")))
    assert [text for _, text in found.changes] == [
        "seed 2 added", "code changed from aaaaaaaaaa to bbbbbbbbbb with changed files"]
    assert found.changes[1][0] == later[0].created_at


@pytest.mark.usefixtures("nobody")
def test_older_runs_are_counted_and_change_nothing(store: Store, study: Study) -> None:
    add_run(store, augmentation="weak", batch_size=64, seed=0, epochs=2, device="cpu")
    launch(store, study)
    found = verify(Studies(store).versions("digits"), finished(store, study))
    assert found.older == 1 and found.intact
