"""Parameter groups reach the optimizer as they are."""

from __future__ import annotations

import pytest
from torch import nn

from engine.catalog.optimizers import OPTIMIZERS
from engine.config import parse_config
from engine.models.groups import parameter_groups
from engine.training.setup import build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_decay_spares_norms_and_biases(name: str) -> None:
    config = parse_config({"optimizer": name, "weight_decay": 0.05, "lr": 0.001, "momentum": 0.8})
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    groups = build_optimizer(config, parameter_groups(model, config)).param_groups
    decay = {id(parameter): group["weight_decay"] for group in groups for parameter in group["params"]}
    assert [decay[id(parameter)] for parameter in model.parameters()] == [0.05, 0.0, 0.0, 0.0]
