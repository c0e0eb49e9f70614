"""The learning rate of every step, against timm's and torch's own schedules."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import OneCycleLR

from engine.config import parse_config
from engine.training.schedule import Schedule

STEPS = 10


def two_groups(**second: float) -> SGD:
    groups: list[dict[str, Any]] = [{"params": [nn.Parameter(torch.zeros(1))]},
                                    {"params": [nn.Parameter(torch.zeros(1))], **second}]
    return SGD(groups, lr=0.1)


def schedule(optimizer: SGD | None = None, **options: object) -> Schedule:
    config = parse_config({"lr": 0.1, "epochs": 8, "optimizer": "SGD", **options})
    return Schedule(config, optimizer or two_groups(), STEPS)


def rates(**options: object) -> list[float]:
    made = schedule(**options)
    return [made.set_for(step) for step in range(STEPS * 8)]


def test_constant_stays() -> None:
    assert rates() == [0.1] * 80


def test_cosine_falls_to_zero_along_half_a_cosine() -> None:
    found = rates(schedule="cosine")
    assert found == pytest.approx([0.05 * (1 + math.cos(math.pi * step / 80)) for step in range(80)], abs=1e-6)


def test_step_divides_by_ten_after_half_and_three_quarters() -> None:
    found = rates(schedule="step")
    # timm counts the step to come, so that the rate changes one step before the epoch does.
    assert found[38] == 0.1 and found[40] == pytest.approx(0.01) and found[60] == pytest.approx(0.001)
    assert len(set(found)) == 3


def test_one_cycle_is_torchs() -> None:
    optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    expected = OneCycleLR(optimizer, max_lr=0.1, total_steps=80, cycle_momentum=False)
    found = rates(schedule="onecycle")
    for step, rate in enumerate(found):
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12), step
        optimizer.step()
        if step < 79:
            expected.step()
    assert found[0] == pytest.approx(0.004) and max(found) == pytest.approx(0.1) and found[-1] < 1e-5


@pytest.mark.parametrize("kind", ["constant", "cosine", "step"])
def test_warm_up_rises_to_the_full_rate(kind: str) -> None:
    found = rates(schedule=kind, warmup_epochs=2)
    assert found[0] == pytest.approx(0.001) and found[:20] == sorted(found[:20])
    assert found[20:] == rates(schedule=kind)[20:]


def test_the_cosine_ends_at_its_lowest_rate() -> None:
    found = rates(schedule="cosine", min_lr=0.02)
    assert found == pytest.approx([0.02 + 0.04 * (1 + math.cos(math.pi * step / 80)) for step in range(80)], abs=1e-6)


def test_each_cycle_is_a_cosine_from_the_full_rate() -> None:
    found = rates(schedule="cosine", cycles=4)
    assert found == pytest.approx([0.05 * (1 + math.cos(math.pi * (step % 20) / 20)) for step in range(80)], abs=1e-6)


def test_cycles_that_do_not_divide_the_epochs_are_equally_long() -> None:
    found = rates(schedule="cosine", cycles=3)
    starts = [step for step in range(1, 80) if found[step] > found[step - 1]]
    assert starts == [27, 54] and found[-1] < 0.001


def test_warm_up_in_steps() -> None:
    found = rates(schedule="cosine", warmup_steps=5)
    assert found[:5] == pytest.approx([0.001 + 0.099 * step / 5 for step in range(5)])
    assert found[5:] == rates(schedule="cosine")[5:]
    assert rates(schedule="cosine", warmup_steps=20) == rates(schedule="cosine", warmup_epochs=2)


@pytest.mark.parametrize("options", [{"schedule": "constant", "warmup_epochs": 3}, {"schedule": "cosine"},
                                     {"schedule": "cosine", "cycles": 3, "warmup_steps": 7, "min_lr": 0.001},
                                     {"schedule": "step"}, {"schedule": "onecycle"}])
def test_the_rate_depends_on_the_step_alone(options: dict[str, object]) -> None:
    expected = rates(**options)
    late = schedule(**options)
    assert [late.set_for(step) for step in (57, 58, 3, 79, 0)] == [expected[step] for step in (57, 58, 3, 79, 0)]


@pytest.mark.parametrize("second", [{"lr": 0.01}, {"lr_scale": 0.1}])
@pytest.mark.parametrize("kind", ["constant", "cosine", "step", "onecycle", "plateau"])
def test_every_group_keeps_its_share_and_the_highest_rate_is_told(kind: str, second: dict[str, float]) -> None:
    optimizer = two_groups(**second)
    made = schedule(optimizer, schedule=kind)
    for step in range(80):
        told = made.set_for(step)
        first, slow = (group["lr"] for group in optimizer.param_groups)
        assert told == first and slow == pytest.approx(first / 10)


def test_plateau_divides_by_ten_when_accuracy_stays() -> None:
    made = schedule(schedule="plateau", plateau_patience=1)
    found = []
    for accuracy in (0.5, 0.6, 0.6, 0.55, 0.61, 0.61, 0.61):
        made.epoch_done(accuracy)
        found.append(made.set_for(0))
    assert found == pytest.approx([0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001])


def test_plateau_goes_on_from_its_state() -> None:
    accuracies = [0.5, 0.4, 0.4, 0.4, 0.6, 0.5, 0.5, 0.5]
    whole = schedule(schedule="plateau", plateau_patience=2)
    expected = []
    for accuracy in accuracies:
        whole.epoch_done(accuracy)
        expected.append(whole.set_for(0))
    state: dict[str, Any] = {}
    found = []
    for accuracy in accuracies:
        part = schedule(schedule="plateau", plateau_patience=2)
        part.restore(state)
        part.epoch_done(accuracy)
        found.append(part.set_for(0))
        state = part.state()
    assert found == expected and len(set(found)) == 3


def test_other_schedules_have_nothing_to_remember() -> None:
    made = schedule(schedule="cosine")
    made.epoch_done(0.5)
    assert made.state() == {}
