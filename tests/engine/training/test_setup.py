"""Parameter groups reach the optimizer as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from engine.catalog.optimizers import OPTIMIZERS
from engine.config import parse_config
from engine.errors import ConfigError
from engine.models.groups import parameter_groups
from engine.training.setup import build_optimizer
from tests.engine.training.runs import setup


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_decay_spares_norms_and_biases(name: str) -> None:
    config = parse_config({"optimizer": name, "weight_decay": 0.05, "lr": 0.001, "momentum": 0.8})
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    groups = build_optimizer(config, parameter_groups(model, config)).param_groups
    decay = {id(parameter): group["weight_decay"] for group in groups for parameter in group["params"]}
    assert [decay[id(parameter)] for parameter in model.parameters()] == [0.05, 0.0, 0.0, 0.0]


def test_first_pictures_that_are_too_small_for_the_model_are_refused_in_one_line(home: Path) -> None:
    options = {"model": "densenet121", "image_size": 96, "epochs": 4}
    with pytest.raises(ConfigError, match="start_size: 8 is not a size that densenet121 supports"):
        setup(**options, start_size=8)


def test_the_check_of_the_first_size_leaves_the_initial_weights_as_they_are(home: Path) -> None:
    plain, grown = (setup(model="test_resnet", image_size=32, **more).model.state_dict()
                    for more in ({}, {"start_size": 16}))
    assert all(torch.equal(plain[name], grown[name]) for name in plain)
