"""How far, how fast, how long still."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from app.kit.looks import card, seconds_left, share, speed
from engine.store import Store
from tests.fake_runs import add_run


def test_share_and_time_left_follow_the_last_epochs_speed(home: Path) -> None:
    run = dataclasses.replace(add_run(Store.open(), "running"), total_steps=40)
    assert share(run) == 0.25
    assert seconds_left(run) == 30 * 64 / 1000


def test_before_an_epoch_has_ended_speed_is_what_the_steps_took(home: Path) -> None:
    run = dataclasses.replace(add_run(Store.open(), "running", epochs=0), step=10, total_steps=20,
                              started_at=time.time() - 10)
    assert abs((speed(run) or 0) - 64) < 1
    assert abs((seconds_left(run) or 0) - 10) < 1


def test_a_run_that_is_over_has_no_time_left(home: Path) -> None:
    assert seconds_left(add_run(Store.open())) is None


def test_names_and_errors_are_escaped(home: Path) -> None:
    run = dataclasses.replace(add_run(Store.open(), "failed"), name="<script>", error="<img>")
    assert "<script>" not in card(run)
    assert "<img>" not in card(run)
