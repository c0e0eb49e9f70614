"""Needs, verdicts, and what runs measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import parse_config
from engine.costs.fit import Fit, Need, fit_cells, predict_need
from engine.costs.keys import SAVED, TRACKED
from engine.store import Store
from tests.engine.data import sources
from tests.fake_runs import add_run

GB = 2**30
MEMORY = {"training": 2 * GB, "evaluation": GB, "process": GB // 2, "weights": 1, "optimizer": 1, "source": TRACKED}


@pytest.mark.parametrize(("available", "verdict"), [
    (int(12.1 * GB), Fit.FITS), (10 * GB, Fit.TIGHT), (int(8.1 * GB), Fit.TIGHT), (int(7.9 * GB), Fit.TOO_LARGE)])
def test_the_margin_decides_what_is_sure(available: int, verdict: Fit) -> None:
    assert Need(10 * GB, 0.2, "").verdict(available) is verdict


def test_each_device_counts_its_own_besides_tensors() -> None:
    config = parse_config({})
    on_cpu, on_gpu = predict_need(config, MEMORY, "cpu"), predict_need(config, MEMORY, "cuda")
    assert on_cpu.bytes > 0.5 * GB + 2 * GB
    assert 2.5 * GB < on_gpu.bytes < 3 * GB
    assert on_gpu.margin > on_cpu.margin
    assert "not verified" in on_gpu.source
    assert predict_need(config, MEMORY | {"source": SAVED}, "cpu").margin > on_cpu.margin


def test_a_larger_test_than_training_decides() -> None:
    config = parse_config({})
    more = MEMORY | {"evaluation": 4 * GB}
    assert predict_need(config, more, "cuda").bytes - predict_need(config, MEMORY, "cuda").bytes == 2 * GB


def test_runs_that_train_the_same_way_are_measured_cells(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    add_run(store, optimizer="SGD")
    configs = [parse_config(options) for options in ({}, {"batch_size": 128})]
    measured, predicted = fit_cells(store, configs, [None, None], [MEMORY, MEMORY], "cpu", 16 * GB)
    assert (measured.run, measured.memory, measured.speed, measured.fit) == (run.id, 3e8, 1000.0, Fit.FITS)
    assert not predicted.measured and predicted.speed == 1000.0


def test_runs_on_other_pictures_of_ones_own_measure_nothing(home: Path) -> None:
    store = Store.open()
    here, there = (str(sources.class_folder(home / name)) for name in ("here", "there"))
    run = add_run(store, "stopped", dataset="folder", data_path=here, batch_size=4)
    configs = [parse_config({"dataset": "folder", "data_path": path, "batch_size": 4}) for path in (here, there)]
    found = fit_cells(store, configs, [None, None], [MEMORY, MEMORY], "cpu", 16 * GB)
    assert [cell.run for cell in found] == [run.id, None]


def test_running_out_of_less_memory_than_there_is_now_says_nothing(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "failed", epochs=0)
    store.runs.update(run.id, resolved={"out_of_memory": {"reached": GB, "available": 2 * GB}})
    for available, ran_out in ((2 * GB, True), (64 * GB, False)):
        [cell] = fit_cells(store, [parse_config({})], [None], [MEMORY], "cpu", available)
        assert cell.ran_out is ran_out
        assert (cell.fit is Fit.TOO_LARGE) is ran_out
