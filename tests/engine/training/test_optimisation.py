"""Optimizers and schedules do what their rows say."""

from __future__ import annotations

import math

import pytest
from torch import nn

from engine.config import parse_config
from engine.models.groups import learn
from engine.training.optimisation import build_optimizer
from engine.training.optimizers import OPTIMIZERS
from engine.training.rates import Schedule

STEPS = 10


def rates(**options: object) -> list[float]:
    config = parse_config({"lr": 0.1, "epochs": 8, **options})
    schedule = Schedule(config, build_optimizer(config, learn(nn.Linear(2, 2), config)), STEPS)
    return [schedule.set_for(step) for step in range(STEPS * config.epochs)]


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


def test_warm_up_rises_to_the_full_rate() -> None:
    found = rates(schedule="step", warmup_epochs=2)
    assert found[0] == pytest.approx(0.001) and found[:20] == sorted(found[:20]) and found[20] == pytest.approx(0.1)


def test_the_rate_depends_on_the_step_alone() -> None:
    config = parse_config({"lr": 0.1, "epochs": 8, "schedule": "cosine"})
    late = Schedule(config, build_optimizer(config, learn(nn.Linear(2, 2), config)), STEPS)
    assert late.set_for(57) == rates(schedule="cosine")[57]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_decay_spares_norms_and_biases(name: str) -> None:
    config = parse_config({"optimizer": name, "weight_decay": 0.05, "lr": 0.001, "momentum": 0.8})
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    decay = {id(parameter): group["weight_decay"] for group in build_optimizer(config, learn(model, config)).param_groups
             for parameter in group["params"]}
    assert [decay[id(parameter)] for parameter in model.parameters()] == [0.05, 0.0, 0.0, 0.0]


def test_momentum_reaches_sgd() -> None:
    config = parse_config({"momentum": 0.8, "optimizer": "SGD"})
    assert build_optimizer(config, learn(nn.Linear(2, 2), config)).param_groups[0]["momentum"] == 0.8
