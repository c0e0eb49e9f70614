"""A study is launched as one, never twice, and what is there already is not made again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import UserError
from engine.store import Status, Store
from engine.study.configs import cell_config
from engine.study.launch import launch, pause, put_next, resume, retry_failed, train_longer
from engine.study.matrix import State, matrix
from engine.study.study import Study
from engine.study.versions import Studies
from tests.fake_runs import add_checkpoint, add_run

pytestmark = pytest.mark.usefixtures("nobody")


def _statuses(store: Store, study: Study) -> list[str]:
    return [entry.run.status if entry.run else "missing" for entry in matrix(store, study).entries]


def test_what_is_missing_is_queued_a_seed_after_the_other(store: Store, study: Study) -> None:
    there = add_run(store, **cell_config(study, study.cells[1], 0).model_dump() | {"name": "by itself"})
    queued = launch(store, study)
    assert [run.name for run in queued] == [
        "digits_default_batch-size64_s0", "digits_weak_batch-size64_s0", "digits_weak_batch-size128_s0",
        "digits_default_batch-size64_s1", "digits_default_batch-size128_s1", "digits_weak_batch-size64_s1",
        "digits_weak_batch-size128_s1"]
    assert all(run.tags == ("digits",) for run in queued)
    found = matrix(store, study)
    assert found.by_cell[study.cells[1]][0].run == there
    assert found.counts == {"done": 1, "running": 0, "queued": 7, "paused": 0, "failed": 0, "missing": 0}
    (declared,) = Studies(store).versions("digits")
    assert declared.study == study and declared.created_at < queued[0].created_at
    assert launch(store, study) == []


def test_two_who_launch_at_once_make_each_run_once(store: Store, study: Study) -> None:
    with ThreadPoolExecutor(4) as people:
        queued = list(people.map(lambda _: launch(store, study), range(4)))
    assert sum(map(len, queued)) == 8 == len(store.runs.list())


def test_more_seeds_queue_only_their_runs(store: Store, study: Study) -> None:
    launch(store, study)
    more = study.model_copy(update={"seeds": (0, 1, 2)})
    assert {run.config["seed"] for run in launch(store, more)} == {2}
    assert [version.study.seeds for version in Studies(store).versions("digits")] == [(0, 1), (0, 1, 2)]


def test_a_study_pauses_and_goes_on_as_one(store: Store, study: Study) -> None:
    queued = launch(store, study)
    store.runs.update(queued[0].id, status="finished")
    assert len(pause(store, study)) == 7
    assert matrix(store, study).counts[State.PAUSED] == 7
    assert len(resume(store, study)) == 7 and resume(store, study) == []
    assert matrix(store, study).counts[State.QUEUED] == 7


def test_what_failed_was_lost_or_stopped_gets_another_attempt(store: Store, study: Study) -> None:
    queued = launch(store, study)
    for run, status in zip(queued, (Status.FAILED, Status.LOST, Status.STOPPED, Status.FINISHED), strict=False):
        store.runs.update(run.id, status=status, error="why")
    again = retry_failed(store, study)
    assert [run.id for run in again] == sorted(run.id for run in queued[:3])
    assert all((run.status, run.attempt, run.error) == ("queued", 2, None) for run in again)
    assert _statuses(store, study).count("queued") == 7


def test_a_result_from_elsewhere_is_not_tried_again(store: Store, study: Study) -> None:
    origin = {"study": study.name, "levels": {"augmentation": "weak", "batch_size": "64"}}
    store.runs.create(cell_config(study, ("weak", "64"), 0), status="failed", environment={}, git_commit=None,
                      git_dirty=False, origin=origin)
    assert matrix(store, study).counts[State.FAILED] == 1 and retry_failed(store, study) == []


def test_nothing_is_queued_where_a_cell_cannot_run(store: Store, study: Study) -> None:
    factors = study.factors | {"dataset": {"here": {"dataset": "Digits"}, "not": {"dataset": "TinyImagenet"}}}
    lacking = study.model_copy(update={"factors": factors})
    lacking = Study.model_validate(lacking.model_dump())
    with pytest.raises(UserError, match=r"^default · 64 · not and 3 more cells: .*tiny-imagenet-200"):
        launch(store, lacking)
    large = Study.model_validate({**study.model_dump(), "factors": {"batch_size": [64, 2000]}, "hypotheses": ()})
    with pytest.raises(UserError, match="2000: batch_size: 2000 is not at most"):
        launch(store, large)
    assert store.runs.list() == [] and Studies(store).list() == []


def test_all_ended_runs_go_on_together_and_stay_runs_of_the_study(store: Store, study: Study) -> None:
    ended = [add_run(store, **cell_config(study, cell, 0).model_dump()) for cell in study.cells]
    for run in ended:
        add_checkpoint(run)
    epochs = ended[0].config["epochs"]
    longer = train_longer(store, study, 3)
    assert Studies(store).get(study.name) == longer and longer.settings["epochs"] == epochs + 3
    found = matrix(store, longer)
    assert found.counts[State.QUEUED] == len(ended) and found.counts[State.DONE] == 0
    assert {run.id for run in found.runs(State.QUEUED)} == {run.id for run in ended}
    assert {run.config["epochs"] for run in store.runs.list()} == {epochs + 3}


def test_runs_do_not_go_on_while_others_of_the_study_work_or_where_epochs_vary(store: Store, study: Study) -> None:
    launch(store, study)
    with pytest.raises(UserError, match="have not ended"):
        train_longer(store, study, 3)
    varied = Study.model_validate({**study.model_dump(), "name": "varied", "factors": {"epochs": [3, 4]}})
    add_run(store, **cell_config(varied, ("3",), 0).model_dump())
    with pytest.raises(UserError, match="vary between the cells"):
        train_longer(store, varied, 3)
    assert {run.config["epochs"] for run in store.runs.list()} == {3, cell_config(study, study.cells[0], 0).epochs}


def test_a_study_is_put_before_other_runs_in_its_own_order(store: Store, study: Study) -> None:
    other = add_run(store, "queued", lr=0.5)
    runs = launch(store, study)
    assert [run.id for run in put_next(store, study)] == [run.id for run in runs]
    claimed = [store.runs.claim((f"cpu:{number}",)) for number in range(len(runs) + 1)]
    assert [run.id for run in claimed if run] == [*(run.id for run in runs), other.id]
