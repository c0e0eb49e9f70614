"""What a launch would make, and how long, how much memory and disk it would take."""

from __future__ import annotations

import pytest

from engine.costs.keys import memory_key, memory_request
from engine.store import Recorder, Store
from engine.study.configs import cell_config
from engine.study.plan import RoughPlan, plan, rough_plan
from engine.study.study import Study
from tests.fake_runs import add_run

pytestmark = pytest.mark.usefixtures("nobody")


def test_what_is_not_known_yet_is_said_to_be_pending(store: Store, study: Study) -> None:
    found = plan(store, study)
    assert (found.runs, found.reused, found.missing, found.untimed) == (8, 0, 8, 8)
    assert found.pending and found.memory is None and found.disk is None and found.fit is None
    assert found.problems == () and found.slots == 1


def test_runs_that_are_there_are_reused_and_tell_how_long_others_take(store: Store, study: Study) -> None:
    for seed in study.seeds:
        add_run(store, **cell_config(study, study.cells[0], seed).model_dump())
    found = plan(store, study)
    assert (found.runs, found.reused, found.missing, found.untimed) == (8, 2, 6, 0)
    # A tenth of the 1,437 training pictures is held back; the runs that were recorded make 1,000 a second.
    assert found.seconds == pytest.approx(6 * 2 * 1293 / 1000, rel=0.01)
    store.settings.set("cpu_slots", 2)
    assert plan(store, study).wall_seconds == pytest.approx(found.seconds / 2)


def test_cells_that_differ_in_their_batches_are_timed_by_themselves(store: Store, study: Study) -> None:
    options = cell_config(study, study.cells[0], 0).model_dump()
    for batch in (1, 128):
        add_run(store, **options | {"batch_size": batch, "name": f"batch {batch}"})
    factors = {**study.factors, "batch_size": [1, 128]}
    apart = plan(store, Study.model_validate({**study.model_dump(), "factors": factors}))
    first = store.runs.list()[-1]
    with Recorder(store, first.id, 2) as recorder:
        recorder.log(11, {"images_per_second": 100.0}, 3)
    slower = plan(store, Study.model_validate({**study.model_dump(), "factors": factors}))
    assert slower.seconds == pytest.approx(apart.seconds * (1 / 100 + 1 / 1000) / (2 / 1000), rel=0.01)


def test_cells_that_differ_in_what_a_picture_costs_are_timed_by_themselves(store: Store, study: Study) -> None:
    apart = Study.model_validate({**study.model_dump(), "hypotheses": [], "tables": [], "factors": {
        "gradient_checkpointing": [False, True]}, "settings": {"model": "resnet18", "image_size": 32, "epochs": 2}})
    for cell, speed in zip(apart.cells, (1000.0, 100.0), strict=True):
        run = add_run(store, **cell_config(apart, cell, 99).model_dump())
        with Recorder(store, run.id, 2) as recorder:
            recorder.log(11, {"images_per_second": speed}, 3)
    assert plan(store, apart).seconds == pytest.approx(
        len(apart.seeds) * 2 * 1293 * (1 / 1000 + 1 / 100), rel=0.01)


def test_the_largest_run_decides_what_memory_is_needed(store: Store, study: Study) -> None:
    for cell in study.cells:
        request = memory_request(cell_config(study, cell, 0))
        size = 2**20 * request["config"]["batch_size"]
        store.costs.set(memory_key(request), {
            "training": size, "evaluation": 2**20, "weights": 1000, "optimizer": 2000, "process": 2**28,
            "source": "followed tensor by tensor"})
    found = plan(store, study)
    # Pictures that are cropped are kept with their border.
    assert found.largest == ("weak", "128") and found.memory is not None and found.capacity is not None
    assert found.memory.bytes > 2**28 + 128 * 2**20 and found.fit is found.memory.verdict(found.capacity.bytes)
    # Two checkpoints of weights and optimizer; 360 test and 144 validation pictures with ten scores each.
    assert found.disk == 8 * (2 * 3000 + (360 + 144) * (10 * 4 + 16))


def test_what_keeps_cells_from_running_is_told_once_with_those_cells(store: Store, study: Study) -> None:
    factors = {**study.factors, "dataset": {"here": {"dataset": "Digits"}, "not": {"dataset": "TinyImagenet"}}}
    (problem,) = plan(store, Study.model_validate({**study.model_dump(), "factors": factors})).problems
    assert "tiny-imagenet-200" in problem.message and len(problem.cells) == 4
    assert all(cell[2] == "not" for cell in problem.cells)


def test_a_rough_plan_measures_nothing_and_is_timed_by_runs_that_are_there(store: Store, study: Study) -> None:
    assert rough_plan(store, study) == RoughPlan(8, 0.0, 8)
    add_run(store, **cell_config(study, study.cells[0], study.seeds[0]).model_dump())
    found, rough = plan(store, study), rough_plan(store, study)
    assert (rough.runs, rough.untimed) == (found.missing, found.untimed) and rough.runs == 7
    assert rough.wall_seconds == pytest.approx(found.wall_seconds) and rough.wall_seconds > 0
