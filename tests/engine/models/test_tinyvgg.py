"""TinyVGG A layer by layer."""

import itertools

import torch
from torch import nn

from engine.models.tinyvgg import tinyvgg_a


def test_configuration_a_has_the_papers_layers_with_an_eighth_of_the_channels() -> None:
    model = tinyvgg_a(10, 3)
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [8, 16, 32, 32, 64, 64, 64, 64]
    assert all(layer.kernel_size == (3, 3) and layer.padding == (1, 1) for layer in convolutions)
    assert sum(isinstance(module, nn.MaxPool2d) for module in model.modules()) == 5
    linears = [(layer.in_features, layer.out_features) for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert linears == [(64, 64), (64, 64), (64, 10)]


def test_its_parameters_are_counted_by_hand() -> None:
    widths = [3, 8, 16, 32, 32, 64, 64, 64, 64]
    by_hand = sum(9 * before * after + after for before, after in itertools.pairwise(widths))
    by_hand += 2 * (64 * 64 + 64) + 64 * 10 + 10
    assert sum(parameter.numel() for parameter in tinyvgg_a(10, 3).parameters()) == by_hand


def test_it_maps_pictures_to_logits() -> None:
    assert tinyvgg_a(7, 1)(torch.zeros(2, 1, 32, 32)).shape == (2, 7)
