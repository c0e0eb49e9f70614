"""Estimates come from what ran here, say so, and are silent when nothing did."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import parse_config
from engine.costs.keys import cost_key, cost_request
from engine.costs.pace import estimate
from engine.store import Recorder, Run, Store


def finished(store: Store, speed: float, **options: object) -> Run:
    config = parse_config(options)
    run = store.runs.create(config, environment={}, git_commit=None, git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"images_per_second": speed}, 1)
    request = cost_request(config)
    store.runs.update(run.id, status="finished", device="cpu", resolved={
        "image_size": request["size"], "classes": request["classes"], "channels": request["channels"]})
    return run


def test_nothing_is_claimed_before_anything_ran(home: Path) -> None:
    found = estimate(Store.open(), parse_config({}), {"parameters": 1, "macs": 1})
    assert found.seconds is None and "nothing comparable" in found.source


def test_the_same_model_at_the_same_size_tells_directly(home: Path) -> None:
    store = Store.open()
    for speed in (1000.0, 3000.0, 2000.0):
        finished(store, speed)
    found = estimate(store, parse_config({"epochs": 10}), None)
    assert found.seconds == pytest.approx(1293 * 10 / 2000) and "3 runs of tinyvgg_a at 32 px" in found.source


def test_another_model_is_scaled_by_multiply_adds_and_called_rough(home: Path) -> None:
    store = Store.open()
    run = finished(store, 2000.0)
    wanted = parse_config({"model": "resnet18", "epochs": 1})
    assert estimate(store, wanted, {"macs": 400}).seconds is None
    store.costs.put(cost_key(cost_request(run.config_object())), {"parameters": 1, "macs": 100})
    found = estimate(store, wanted, {"parameters": 1, "macs": 400})
    assert found.seconds == pytest.approx(1293 / 500) and found.source.startswith("rough: scaled from tinyvgg_a")


def test_runs_on_another_device_do_not_count(home: Path) -> None:
    store = Store.open()
    finished(store, 2000.0)
    assert estimate(store, parse_config({"device": "cuda"}), None).seconds is None
