"""What learns, how fast, and what stays as it was to the last bit."""

from __future__ import annotations

import pytest
import torch
from timm.optim import create_optimizer_v2
from torch import Tensor, nn

from engine.config import RunConfig
from engine.models.build import build_model
from engine.models.groups import parameter_groups, set_train_mode
from tests.engine.models.configs import config

MODELS = ["test_resnet", "test_vit", "test_convnext", "test_efficientnet", "tinyvgg_v4"]


def network(name: str, **options: float) -> nn.Module:
    torch.manual_seed(0)
    return build_model(name, classes=5, channels=3, size=64, **options)


def by_parameter(model: nn.Module, settings: RunConfig) -> dict[str, tuple[float, float]]:
    """(rate, weight decay) of each parameter that learns."""
    of = {id(value): (group["lr"], group["weight_decay"]) for group in parameter_groups(model, settings)
          for value in group["params"]}
    return {name: of[id(value)] for name, value in model.named_parameters() if id(value) in of}


def train(model: nn.Module, settings: RunConfig, steps: int = 2) -> None:
    optimizer = create_optimizer_v2(parameter_groups(model, settings), opt="adamw", lr=settings.lr)
    for _ in range(steps):
        set_train_mode(model, settings)
        loss = nn.functional.cross_entropy(model(torch.randn(4, 3, 64, 64)), torch.arange(4))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@pytest.mark.parametrize("name", MODELS)
def test_norms_and_biases_do_not_decay(name: str) -> None:
    model = network(name)
    found = by_parameter(model, config(lr=0.5, weight_decay=0.1))
    assert found.keys() == dict(model.named_parameters()).keys()
    for parameter, (lr, decay) in found.items():
        exempt = dict(model.named_parameters())[parameter].ndim <= 1 or parameter in ("pos_embed", "cls_token")
        assert lr == 0.5 and decay == (0.0 if exempt else 0.1), parameter


@pytest.mark.parametrize("name", MODELS)
def test_a_frozen_backbone_stays_bit_equal_norm_statistics_too(name: str) -> None:
    model, settings = network(name), config(fine_tune="head", lr=0.1)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    train(model, settings)
    changed = {key for key, value in model.state_dict().items() if not torch.equal(value, before[key])}
    head = [key for key in before if key.startswith(("fc.", "head.", "head.fc.", "classifier."))]
    assert changed == set(head[-2:])
    assert {key for key, value in model.named_parameters() if value.requires_grad} == changed


def test_without_freezing_weights_and_statistics_change() -> None:
    model = network("test_resnet")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    train(model, config(lr=0.1))
    assert all(not torch.equal(value, before[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", MODELS)
def test_a_frozen_backbone_gives_the_same_features_while_training(name: str) -> None:
    model = network(name, **({} if name == "tinyvgg_v4" else {"drop_path": 0.9}))
    settings, pictures = config(fine_tune="head"), torch.randn(2, 3, 64, 64)
    parameter_groups(model, settings)
    set_train_mode(model, settings)
    if name == "tinyvgg_v4":
        model.get_submodule("classifier").eval()
    assert torch.equal(model(pictures), model.eval()(pictures))


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet", "tinyvgg_a"])
def test_dropout_before_a_head_that_learns_alone_stays_active(name: str) -> None:
    model, settings, pictures = network(name, dropout=0.5), config(fine_tune="head"), torch.randn(2, 3, 64, 64)
    parameter_groups(model, settings)
    set_train_mode(model, settings)
    assert not torch.equal(model(pictures), model(pictures))


def test_split_gives_the_backbone_its_own_rate() -> None:
    found = by_parameter(network("test_resnet"), config(fine_tune="split", lr=0.1, backbone_lr=0.002, weight_decay=0.1))
    assert {name for name, (lr, _) in found.items() if lr == 0.1} == {"fc.weight", "fc.bias"}
    assert {lr for name, (lr, _) in found.items() if not name.startswith("fc.")} == {0.002}
    assert found["fc.weight"][1] == 0.1 and found["fc.bias"][1] == found["bn1.weight"][1] == 0.0


def test_the_fastest_group_comes_first() -> None:
    model = network("test_vit")
    for options in ({"fine_tune": "split", "lr": 0.1}, {"layer_decay": 0.5, "lr": 0.1}):
        assert parameter_groups(model, config(**options))[0]["lr"] == 0.1


def test_layer_decay_slows_each_layer_by_the_same_factor() -> None:
    found = by_parameter(network("test_vit"), config(layer_decay=0.5, lr=1.0, weight_decay=0.1))
    rates = [found[name][0] for name in ("head.weight", "norm.weight", "blocks.5.attn.qkv.weight",
                                         "blocks.0.attn.qkv.weight", "patch_embed.proj.weight")]
    assert rates[0] == 1.0 and rates[-1] == min(lr for lr, _ in found.values())
    assert rates[2] / rates[3] == 2.0 ** 5 and rates[3] / rates[4] == 2.0
    assert found["blocks.0.attn.qkv.bias"][1] == 0.0 and found["blocks.0.attn.qkv.weight"][1] == 0.1


def test_rates_reach_the_optimizer() -> None:
    model = network("test_resnet")
    settings = config(fine_tune="split", lr=0.1, backbone_lr=0.002)
    optimizer = create_optimizer_v2(parameter_groups(model, settings), opt="sgd", lr=settings.lr)
    assert sorted({group["lr"] for group in optimizer.param_groups}) == [0.002, 0.1]
    before: dict[str, Tensor] = {key: value.detach().clone() for key, value in model.named_parameters()}
    for value in model.parameters():
        value.grad = torch.ones_like(value)
    optimizer.step()
    steps = {key: float((before[key] - value.detach()).mean()) for key, value in model.named_parameters()}
    assert steps["fc.weight"] == pytest.approx(0.19) and steps["layer1.0.conv1.weight"] == pytest.approx(0.0038)
