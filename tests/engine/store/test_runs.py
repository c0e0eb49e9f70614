"""Runs are made, found, claimed once, changed by known columns only, and deleted with everything of theirs."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from engine.config import RunConfig
from engine.errors import ConfigError, UserError
from engine.store import Recorder, Status, Store
from tests.engine.store.conftest import MakeRun


def test_a_new_run_holds_its_config_and_where_it_came_from(store: Store, make_run: MakeRun) -> None:
    run = make_run(tags="a, b", notes="why", lr=0.5)
    assert (run.status, run.requested, run.attempt, run.name) == (Status.QUEUED, "run", 1, "toy")
    assert run.config_object() == RunConfig(name="toy", tags=("a", "b"), notes="why", lr=0.5)
    assert run.config_hash == run.config_object().hash()
    assert (run.tags, run.notes, run.environment) == (("a", "b"), "why", {"python": "3"})
    assert (run.git_commit, run.git_dirty, run.error, run.handle) == ("abc", True, None, {})
    assert run.created_at > 1.7e9 and run.started_at is None
    assert store.runs.get(run.id) == run


def test_a_run_without_a_name_is_named_by_convention(make_run: MakeRun) -> None:
    run = make_run(name="")
    assert run.name == "10_tinyvgg_a_default_AdamW" == run.config["name"]


def test_live_and_ended_follow_the_status(store: Store, make_run: MakeRun) -> None:
    expected = {"queued": (False, False), "starting": (True, False), "running": (True, False),
                "evaluating": (True, False), "paused": (False, False), "finished": (False, True),
                "stopped": (False, True), "failed": (False, True), "lost": (False, True)}
    runs = [make_run(status) for status in expected]
    assert {run.status: (run.is_live, run.is_ended) for run in runs} == expected


def test_find_takes_an_id_or_a_name_and_prefers_the_newest(store: Store, make_run: MakeRun) -> None:
    first, second = make_run(), make_run()
    assert store.runs.find(str(first.id)) == first
    assert store.runs.find("toy") == second
    assert store.runs.matching("toy") == [second, first]


@pytest.mark.parametrize("digits", ["0", "99999999999999999999", "9" * 30, "9" * 5000], ids=len)
def test_a_number_that_no_run_has_is_unknown_however_long(digits: str, store: Store, make_run: MakeRun) -> None:
    make_run()
    with pytest.raises(UserError, match=r"no run '[09]+…?'$"):
        store.runs.find(digits)
    number = 10**len(digits) - 1
    for use in (store.runs.get, store.runs.requeue, store.runs.delete, store.runs.update):
        with pytest.raises(UserError, match="no run"):
            use(number, **({"error": "x"} if use == store.runs.update else {}))


def test_find_suggests_names_that_are_close(store: Store, make_run: MakeRun) -> None:
    make_run(name="resnet_weak")
    with pytest.raises(UserError, match="no run 'resnet_week'; nearest: resnet_weak"):
        store.runs.find("resnet_week")


def test_list_is_newest_first_and_filters_by_status(store: Store, make_run: MakeRun) -> None:
    queued, failed, finished = make_run(), make_run("failed"), make_run("finished")
    assert store.runs.list() == [finished, failed, queued]
    assert store.runs.list({"failed", "queued"}) == [failed, queued]
    assert store.runs.list(()) == []


def test_list_shows_the_summary_of_metrics_and_evaluations(store: Store, make_run: MakeRun) -> None:
    run, bare = make_run("running"), make_run()
    with Recorder(store, run.id, 1) as recorder:
        for epoch, accuracy in enumerate((0.5, 0.9, 0.7), 1):
            recorder.log(epoch * 10, {"val_accuracy": accuracy, "val_loss": 1 / epoch, "train_loss": 2 / epoch,
                                      "images_per_second": 100.0 * epoch, "memory": 5e9 - epoch}, epoch)
    store.evaluations.add(run.id, "best", "test", {"top1": 0.8, "loss": 0.3}, Path("p.npz"), "x")
    store.evaluations.add(run.id, "last", "test", {"top1": 0.6, "loss": 0.4}, Path("p.npz"), "x")
    store.evaluations.add(run.id, "best", "val", {"top1": 0.1, "loss": 0.1}, Path("p.npz"), "x")
    empty, shown = store.runs.list()
    assert empty == bare and empty.best_val_accuracy is None and empty.test_accuracy is None
    assert (shown.best_val_accuracy, shown.last_val_accuracy) == (0.9, 0.7)
    assert (shown.last_val_loss, shown.train_loss) == (1 / 3, 2 / 3)
    assert (shown.images_per_second, shown.peak_memory) == (300.0, 5e9 - 1)
    assert (shown.test_accuracy, shown.test_loss) == (0.8, 0.3)
    assert (shown.step, shown.epoch) == (30, 3)


def test_a_figure_is_the_runs_own_or_its_tests(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    figures = {"top1_error": 0.25, "macro_f1": 0.7, "ece": math.nan}
    store.evaluations.add(run.id, "best", "test", figures, Path("p.npz"), "x")
    store.runs.update(run.id, trained_seconds=12.5, parameters=100)
    found = store.runs.get(run.id)
    assert (found.figure("seconds"), found.figure("parameters"), found.figure("macro_f1")) == (12.5, 100, 0.7)
    assert (found.figure("top1"), found.figure("top1_error")) == (0.75, 0.25)
    assert found.figure("ece") is found.figure("kappa") is found.figure("peak_memory") is None
    assert make_run().figure("seconds") is None


def test_update_sets_columns_and_numpy_numbers_stay_numbers(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    store.runs.update(run.id, status="running", resolved={"mean": [0.5]}, trained_seconds=np.float32(1.5),
                      total_steps=np.int64(7), error="x")
    changed = store.runs.get(run.id)
    assert (changed.status, changed.resolved, changed.seconds) == (Status.RUNNING, {"mean": [0.5]}, 1.5)
    assert (changed.total_steps, changed.error) == (7, "x")
    assert changed.revision > run.revision


def test_update_knows_its_columns_states_and_runs(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    with pytest.raises(ValueError, match="no column colour"):
        store.runs.update(run.id, colour="red")
    with pytest.raises(Exception, match="CHECK constraint"):
        store.runs.update(run.id, status="asleep")
    with pytest.raises(UserError, match="no run 99"):
        store.runs.update(99, error="x")
    assert store.runs.get(run.id) == run


def test_an_ending_status_records_the_time(store: Store, make_run: MakeRun) -> None:
    run, other = make_run("running"), make_run("running")
    store.runs.update(run.id, status="failed")
    store.runs.update(other.id, status="failed", ended_at=5.0)
    ended = store.runs.get(run.id).ended_at
    assert ended is not None and ended >= run.created_at
    assert store.runs.get(other.id).ended_at == 5.0


def test_transition_only_from_the_expected_status(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    assert not store.runs.transition(run.id, "failed", expected={"starting"}, error="no")
    assert store.runs.get(run.id) == run
    assert store.runs.transition(run.id, "failed", expected={"starting", "running"}, error="yes")
    assert store.runs.get(run.id).error == "yes"


def test_request_and_its_spelling(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    store.runs.request(run.id, "pause")
    assert store.runs.get(run.id).requested == "pause"
    with pytest.raises(ValueError, match="'explode'"):
        store.runs.request(run.id, "explode")


def test_requeue_begins_another_attempt_of_the_same_run(store: Store, make_run: MakeRun) -> None:
    run = make_run("running", epochs=3)
    store.runs.update(run.id, status="failed", error="killed", exit_code=-9, handle={"job": "5"}, slot="cpu",
                      requested="stop")
    store.runs.requeue(run.id, epochs=5)
    again = store.runs.get(run.id)
    assert (again.status, again.attempt, again.requested, again.error) == (Status.QUEUED, 2, "run", None)
    assert (again.exit_code, again.handle, again.slot, again.ended_at) == (None, {}, None, None)
    assert again.config["epochs"] == 5 and again.config_hash == RunConfig(epochs=5).hash() != run.config_hash


def test_an_attempt_that_fails_otherwise_does_not_fit_no_more(store: Store, make_run: MakeRun) -> None:
    run = make_run("failed")
    store.runs.update(run.id, resolved={"image_size": 32, "out_of_memory": {"reached": 1, "available": 2}})
    assert store.runs.get(run.id).does_not_fit
    store.runs.requeue(run.id)
    store.runs.update(run.id, status="failed")
    again = store.runs.get(run.id)
    assert not again.does_not_fit and again.resolved == {"image_size": 32}


def test_requeue_refuses_options_that_are_not_valid_in_one_line(store: Store, make_run: MakeRun) -> None:
    run = make_run("stopped", epochs=3)
    with pytest.raises(ConfigError, match="epochs: 999999 is not at most"):
        store.runs.requeue(run.id, epochs=999_999)
    assert store.runs.get(run.id) == run


@pytest.mark.parametrize("status", ["queued", "starting", "running", "evaluating"])
def test_requeue_refuses_a_run_that_is_on_its_way(status: str, store: Store, make_run: MakeRun) -> None:
    run = make_run(status)
    with pytest.raises(UserError, match=f"toy is {status}"):
        store.runs.requeue(run.id)


def test_requeue_refuses_fewer_epochs_than_were_trained(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished", epochs=5)
    store.runs.update(run.id, epoch=3)
    with pytest.raises(UserError, match="epochs: 2 is less than the 3 that run toy has trained"):
        store.runs.requeue(run.id, epochs=2)
    store.runs.requeue(run.id, epochs=4)
    again = store.runs.get(run.id)
    assert again.config["epochs"] == 4 and again.resolved["continued_at"] == 3


def test_delete_takes_rows_and_folder_but_no_live_run(store: Store, make_run: MakeRun) -> None:
    run, live, other = make_run("running"), make_run("running"), make_run()
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"loss": 1.0}, 1)
    store.events.add(run.id, "note", "x")
    store.evaluations.add(run.id, "best", "test", {"top1": 1.0}, Path("p"), "x")
    store.runs.update(run.id, status="stopped")
    with pytest.raises(UserError, match="running: stop it"):
        store.runs.delete(live.id)
    assert run.folder.is_dir()
    store.runs.delete(run.id)
    assert not run.folder.exists()
    assert [left.id for left in store.runs.list()] == [other.id, live.id]
    assert (store.metrics.summary(run.id), store.events.of(run.id), store.evaluations.of(run.id)) == ({}, [], [])
    with pytest.raises(UserError, match=f"no run {run.id}"):
        store.runs.delete(run.id)


def test_ids_are_not_used_twice(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    store.runs.delete(run.id)
    assert make_run().id == run.id + 1


def test_tags_and_notes(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    store.runs.set_tags(run.id, ["b", "a", "b"])
    store.runs.set_notes(run.id, "line\nline")
    assert (store.runs.get(run.id).tags, store.runs.get(run.id).notes) == (("b", "a"), "line\nline")


def test_renaming_keeps_the_options_and_refuses_what_is_no_name(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    store.runs.rename(run.id, "better")
    renamed = store.runs.get(run.id)
    assert renamed.name == "better" and renamed.config_hash == run.config_hash
    for wrong in ("a/b", "12", "", " "):
        with pytest.raises(UserError, match="name"):
            store.runs.rename(run.id, wrong)
    assert store.runs.get(run.id).name == "better"


def test_archived_runs_are_still_found(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    store.runs.archive(run.id)
    assert store.runs.of_study((run.config_hash,), "none")[0].archived_at is not None
    store.runs.archive(run.id, undo=True)
    assert store.runs.find("toy").archived_at is None


def test_a_queued_run_can_be_put_before_all_others(store: Store, make_run: MakeRun) -> None:
    first, second, third, ended = make_run(), make_run(), make_run(), make_run("finished")
    assert store.runs.put_next(third.id) and store.runs.put_next(second.id) and not store.runs.put_next(ended.id)
    claimed = [run.id for _ in range(3) if (run := store.runs.claim(["cpu", "cpu:1", "cpu:2"]))]
    assert claimed == [second.id, third.id, first.id]


def test_time_is_counted_while_a_run_trains(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    store.runs.update(run.id, trained_seconds=10.0, running_since=100.0)
    assert store.runs.get(run.id).seconds == 10
    store.runs.update(run.id, heartbeat_at=104.5)
    assert store.runs.get(run.id).seconds == 14.5
    store.runs.update(run.id, heartbeat_at=99.0)
    assert store.runs.get(run.id).seconds == 10
    store.runs.update(run.id, trained_seconds=15.0, running_since=None, heartbeat_at=120.0)
    assert store.runs.get(run.id).seconds == 15
