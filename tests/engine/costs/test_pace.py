"""Estimates come from what ran here, say so, and are silent when nothing did."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import parse_config
from engine.costs.keys import cost_key, cost_request
from engine.costs.pace import estimate, pace
from engine.store import Recorder, Run, Store


def finished(store: Store, speed: float, *, trained_on: str = "cpu", status: str = "finished",
             **options: object) -> Run:
    config = parse_config(options)
    run = store.runs.create(config, environment={}, git_commit=None, git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"images_per_second": speed}, 1)
    request = cost_request(config)
    store.runs.update(run.id, status=status, device=trained_on, resolved={
        "image_size": request["size"], "classes": request["classes"], "channels": request["channels"]})
    return run


def test_nothing_is_claimed_before_anything_ran(home: Path) -> None:
    found = estimate(Store.open(), parse_config({}), {"parameters": 1, "macs": 1}, "cpu")
    assert found.seconds is None and "nothing comparable" in found.source


def test_the_same_model_at_the_same_size_tells_directly(home: Path) -> None:
    store = Store.open()
    for speed in (1000.0, 3000.0, 2000.0):
        finished(store, speed)
    found = estimate(store, parse_config({"epochs": 10}), None, "cpu")
    assert found.seconds == pytest.approx(1293 * 10 / 2000) and "3 runs of tinyvgg_a at 32 px" in found.source


@pytest.mark.parametrize("status", ["running", "failed", "lost", "queued"])
def test_a_run_that_is_half_trained_tells_as_well(home: Path, status: str) -> None:
    store = Store.open()
    finished(store, 2000.0, status=status)
    assert estimate(store, parse_config({"epochs": 10}), None, "cpu").seconds == pytest.approx(1293 * 10 / 2000)


def test_another_model_is_scaled_by_multiply_adds_and_called_rough(home: Path) -> None:
    store = Store.open()
    run = finished(store, 2000.0)
    wanted = parse_config({"model": "resnet18", "epochs": 1})
    assert estimate(store, wanted, {"macs": 400}, "cpu").seconds is None
    store.costs.set(cost_key(cost_request(run.config_object())), {"parameters": 1, "macs": 100})
    found = estimate(store, wanted, {"parameters": 1, "macs": 400}, "cpu")
    assert found.seconds == pytest.approx(1293 / 500) and found.source.startswith("rough: scaled from tinyvgg_a")


def test_the_same_model_at_another_size_is_scaled_first_then_its_family_then_any(home: Path) -> None:
    store = Store.open()

    def known(model: str, side: int, macs: int) -> None:
        run = finished(store, 1000.0, model=model, image_size=side)
        store.costs.set(cost_key(cost_request(run.config_object())), {"parameters": 1, "macs": macs})

    wanted, cost = parse_config({"model": "efficientnet_b0", "image_size": 32}), {"parameters": 1, "macs": 100}
    for model, side, macs, speed in (("resnet18", 32, 100, 1000), ("tf_efficientnet_lite0", 64, 400, 4000),
                                     ("efficientnet_b0", 96, 900, 9000)):
        known(model, side, macs)
        found = pace(store, wanted, cost, "cpu")
        assert found.speed == pytest.approx(speed) and found.source.startswith(f"rough: scaled from {model}")


def test_only_runs_on_the_same_kind_of_device_count_whatever_the_config_calls_it(home: Path) -> None:
    store = Store.open()
    for speed in (2000.0, 2100.0):
        finished(store, speed)
    for device in ("auto", "cuda:1"):
        assert pace(store, parse_config({"device": device}), None, "cuda").speed is None
    finished(store, 90_000.0, trained_on="cuda", device="auto")
    finished(store, 70_000.0, trained_on="cuda:1", device="cuda:1")
    for device in ("auto", "cuda:1", "cuda"):
        assert pace(store, parse_config({"device": device}), None, "cuda").speed == 80_000
    assert pace(store, parse_config({"device": "auto"}), None, "cpu").speed == 2050


def test_a_far_smaller_batch_is_not_promised_the_speed_of_a_large_one(home: Path) -> None:
    store = Store.open()
    finished(store, 2000.0, batch_size=256)
    assert pace(store, parse_config({"batch_size": 128}), None, "cpu").speed == 2000
    for options in ({"batch_size": 127}, {"batch_size": 1}, {"batch_size": 256, "accumulate": 16}):
        found = estimate(store, parse_config(options), None, "cpu")
        assert found.seconds is None and found.source == "tinyvgg_a has only run in larger batches here"


def test_a_far_larger_batch_is_said_to_be_roughly_as_fast(home: Path) -> None:
    store = Store.open()
    finished(store, 500.0, batch_size=16)
    assert not pace(store, parse_config({"batch_size": 32}), None, "cpu").source.startswith("rough")
    found = pace(store, parse_config({"batch_size": 33}), None, "cpu")
    assert found.speed == 500 and found.source.startswith("rough: a larger batch is seldom slower")


def test_between_two_batch_sizes_a_step_costs_a_fixed_time_and_one_for_each_picture(home: Path) -> None:
    """3 ms a step and 0.2 ms a picture."""
    store = Store.open()
    for batch in (1, 256):
        finished(store, batch / (0.003 + 0.0002 * batch), batch_size=batch)
    for batch in (1, 2, 16, 64, 255, 256):
        found = pace(store, parse_config({"batch_size": batch}), None, "cpu")
        assert found.speed == pytest.approx(batch / (0.003 + 0.0002 * batch))
    finished(store, 123.0, batch_size=64, accumulate=4)
    found = pace(store, parse_config({"batch_size": 16}), None, "cpu")
    assert found.speed == pytest.approx(123) and "1 run of tinyvgg_a at 32 px and batch 16 here" in found.source


def test_another_model_is_scaled_from_batches_that_were_not_much_larger(home: Path) -> None:
    store = Store.open()
    store.costs.set(cost_key(cost_request(finished(store, 2000.0, batch_size=256).config_object())), {"macs": 100})
    for batch, speed in ((1, None), (128, 500)):
        wanted = parse_config({"model": "resnet18", "batch_size": batch})
        assert pace(store, wanted, {"macs": 400}, "cpu").speed == speed
