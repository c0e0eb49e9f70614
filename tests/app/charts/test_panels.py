"""Panels: which metrics they show, and positions on each axis."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from app.charts.panels import LOSS, RATE, Axis, all_panels, along
from app.tasks import panels
from engine.config.steps import training_pictures
from engine.store import Store
from tests.fake_runs import add_run


def test_every_recorded_metric_has_a_chart_and_none_is_drawn_twice(home: Path) -> None:
    run = add_run(Store.open())
    found = all_panels([run], panels([run]))
    assert found["Loss"] is LOSS and found["Learning rate"] is RATE
    metrics = [line.metric for panel in found.values() for line in panel.lines]
    assert {"memory", "images_per_second", "train_loss"} <= set(metrics)
    assert len(metrics) == len(set(metrics))


def test_images_seen_are_steps_by_the_pictures_of_one(home: Path) -> None:
    run = add_run(Store.open())
    pictures = training_pictures(run.config_object())
    nothing = (np.empty(0, int), np.empty(0))
    np.testing.assert_allclose(along(Axis.IMAGES, run, np.array([5, 10]), nothing), [pictures, 2 * pictures])


def test_epochs_are_steps_by_the_steps_of_one(home: Path) -> None:
    run = add_run(Store.open())
    np.testing.assert_allclose(along(Axis.EPOCH, run, np.array([1, 5, 10]), (np.empty(0, int), np.empty(0))),
                               [0.2, 1, 2])


def test_hours_follow_each_epochs_speed_and_goes_on_at_the_mean(home: Path) -> None:
    run = add_run(Store.open())
    pictures = training_pictures(run.config_object())
    speeds = (np.array([5, 10]), np.array([pictures / 60, pictures / 120]))
    hours = along(Axis.HOURS, run, np.array([0, 5, 10, 20]), speeds)
    np.testing.assert_allclose(hours, np.array([0, 1, 3, 6]) / 60)


def test_hours_are_unknown_before_an_epoch_has_ended(home: Path) -> None:
    run = add_run(Store.open())
    assert np.isnan(along(Axis.HOURS, run, np.array([1, 2]), (np.empty(0, int), np.empty(0)))).all()


@pytest.mark.parametrize("bad", [np.nan, 0.0])
def test_a_useless_speed_is_left_out(home: Path, bad: float) -> None:
    run = add_run(Store.open())
    pictures = training_pictures(run.config_object())
    hours = along(Axis.HOURS, run, np.array([10]), (np.array([5, 10]), np.array([bad, pictures / 30])))
    assert np.isfinite(hours).all()


def test_hours_are_told_without_the_users_own_files(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    gone = dataclasses.replace(run, config=run.config | {"dataset": "folder", "data_path": str(home / "gone")})
    batch = int(run.config["batch_size"])
    hours = along(Axis.HOURS, gone, np.array([10]), (np.array([5, 10]), np.array([batch / 60, batch / 60])))
    np.testing.assert_allclose(hours, [10 / 60])
