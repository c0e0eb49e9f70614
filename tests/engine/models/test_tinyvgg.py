"""TinyVGG layer by layer, as VGG's table with an eighth of the channels."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from engine.catalog.models import has_batch_norm, model_row
from engine.models.build import build_model
from engine.models.groups import parameter_groups
from tests.engine.models.configs import config

C3, C1 = 3, 1
LAYERS = {
    "tinyvgg_a": [[(C3, 8)], [(C3, 16)], [(C3, 32)] * 2, [(C3, 64)] * 2, [(C3, 64)] * 2],
    "tinyvgg_b": [[(C3, 8)] * 2, [(C3, 16)] * 2, [(C3, 32)] * 2, [(C3, 64)] * 2, [(C3, 64)] * 2],
    "tinyvgg_c": [[(C3, 8)] * 2, [(C3, 16)] * 2, [(C3, 32), (C3, 32), (C1, 32)], [(C3, 64), (C3, 64), (C1, 64)],
                  [(C3, 64), (C3, 64), (C1, 64)]],
    "tinyvgg_d": [[(C3, 8)] * 2, [(C3, 16)] * 2, [(C3, 32)] * 3, [(C3, 64)] * 3, [(C3, 64)] * 3],
    "tinyvgg_e": [[(C3, 8)] * 2, [(C3, 16)] * 2, [(C3, 32)] * 4, [(C3, 64)] * 4, [(C3, 64)] * 4],
    "tinyvgg_v4": [[(C3, 16)] * 2, [(C3, 32)] * 2, [(C3, 64)] * 2, [(C3, 128)] * 2, [(C3, 256)] * 2],
}
LAYERS |= {f"{name}_bn": LAYERS[name] for name in LAYERS if name != "tinyvgg_v4"}
WEIGHT_LAYERS = {"tinyvgg_a": 11, "tinyvgg_b": 13, "tinyvgg_c": 16, "tinyvgg_d": 16, "tinyvgg_e": 19, "tinyvgg_v4": 13}
PARAMETERS = {"tinyvgg_a": 153_530, "tinyvgg_b": 156_434, "tinyvgg_c": 165_810, "tinyvgg_d": 239_538,
              "tinyvgg_e": 322_642, "tinyvgg_v4": 1_314_906, "tinyvgg_a_bn": 154_218, "tinyvgg_b_bn": 157_170,
              "tinyvgg_c_bn": 166_866, "tinyvgg_d_bn": 240_594, "tinyvgg_e_bn": 324_018}
HIDDEN = {name: 256 if name == "tinyvgg_v4" else 64 for name in LAYERS}


def built(name: str, **options: float) -> nn.Module:
    return build_model(name, classes=10, channels=3, size=32, **options)


@pytest.mark.parametrize("name", LAYERS)
def test_each_configuration_has_its_layers_in_order(name: str) -> None:
    blocks: list[list[tuple[int, int]]] = [[]]
    for layer in built(name).get_submodule("features"):
        if isinstance(layer, nn.Conv2d):
            assert layer.kernel_size[0] == layer.kernel_size[1] and layer.padding[0] == layer.kernel_size[0] // 2
            assert layer.stride == (1, 1) and layer.bias is not None
            blocks[-1].append((layer.kernel_size[0], layer.out_channels))
        elif isinstance(layer, nn.MaxPool2d):
            assert layer.kernel_size == 2
            blocks.append([])
    assert blocks == [*LAYERS[name], []]


@pytest.mark.parametrize("name", LAYERS)
def test_each_ends_in_three_linear_layers(name: str) -> None:
    layers = [layer for layer in built(name).modules() if isinstance(layer, nn.Linear)]
    hidden = HIDDEN[name]
    assert [(layer.in_features, layer.out_features) for layer in layers] == [(hidden, hidden)] * 2 + [(hidden, 10)]
    weighted = [layer for layer in built(name).modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(weighted) == WEIGHT_LAYERS[name.removesuffix("_bn")]


@pytest.mark.parametrize("name", LAYERS)
def test_parameters_are_those_counted_by_hand(name: str) -> None:
    layers = [(3, 3), *itertools.chain.from_iterable(LAYERS[name])]
    by_hand = sum(kernel * kernel * before * width + width
                  for (_, before), (kernel, width) in itertools.pairwise(layers))
    if name == "tinyvgg_v4" or name.endswith("_bn"):
        by_hand += sum(2 * width for _, width in layers[1:])
    by_hand += 2 * (HIDDEN[name] ** 2 + HIDDEN[name]) + HIDDEN[name] * 10 + 10
    counted = sum(parameter.numel() for parameter in built(name).parameters())
    assert counted == by_hand == PARAMETERS[name] == model_row(name).parameters


def test_only_bn_and_v4_normalise_each_convolution_and_only_v4_drops_half_before_two_layers() -> None:
    for name, blocks in LAYERS.items():
        normalised = name == "tinyvgg_v4" or name.endswith("_bn")
        norms = sum(isinstance(layer, nn.BatchNorm2d) for layer in built(name).modules())
        rates = [layer.p for layer in built(name).modules() if isinstance(layer, nn.Dropout)]
        assert norms == (sum(map(len, blocks)) if normalised else 0)
        assert rates == ([0.5, 0.5] if name == "tinyvgg_v4" else [0.0, 0.0])
        assert has_batch_norm(name, "tinyvgg") == normalised
    relus = [type(layer) for layer in built("tinyvgg_v4").get_submodule("features")][:3]
    assert relus == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]


def test_dropout_replaces_the_published_rate_and_leaves_the_names_of_the_weights() -> None:
    dropped = built("tinyvgg_v4", dropout=0.2)
    assert [layer.p for layer in dropped.modules() if isinstance(layer, nn.Dropout)] == [0.2, 0.2]
    assert built("tinyvgg_a", dropout=0.3).state_dict().keys() == built("tinyvgg_a").state_dict().keys()


@pytest.mark.parametrize("name", LAYERS)
def test_they_map_pictures_to_logits_and_32_px_to_a_single_cell(name: str) -> None:
    model = build_model(name, classes=7, channels=1, size=32).eval()
    assert model(torch.zeros(2, 1, 32, 32)).shape == (2, 7)
    assert model.get_submodule("features")(torch.zeros(1, 1, 32, 32)).shape[2:] == (1, 1)
    assert model(torch.zeros(2, 1, 40, 40)).shape == (2, 7)


def test_layer_decay_counts_a_batch_norm_as_deep_as_its_convolution() -> None:
    model = built("tinyvgg_v4")
    groups = parameter_groups(model, config(model="tinyvgg_v4", layer_decay=0.5, lr=1.0))
    rate = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    by_name = {name: rate[id(parameter)] for name, parameter in model.named_parameters()}
    assert by_name["classifier.5.weight"] == 1.0 and by_name["classifier.3.bias"] == 0.5
    assert by_name["features.0.weight"] == by_name["features.1.weight"] == 0.5 ** 12
    assert len(set(by_name.values())) == 13
