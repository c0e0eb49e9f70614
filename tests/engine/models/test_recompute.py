"""Gradient checkpointing changes what is kept, and nothing that is learnt."""

from __future__ import annotations

import pytest
import timm
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from engine.errors import ConfigError
from engine.models.recompute import recompute_activations


def trained(name: str, recompute: bool, steps: int = 3) -> tuple[nn.Module, int]:
    """A model after some steps, and the bytes that autograd kept in the last forward pass."""
    torch.manual_seed(0)
    model = timm.create_model(name, num_classes=3, drop_rate=0.2)
    if recompute:
        recompute_activations(model, name)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    size = 64 if "resnet" in name else 160
    images, kept = torch.randn(4, 3, size, size), 0

    def keep(tensor: Tensor) -> Tensor:
        nonlocal kept
        kept += tensor.nbytes
        return tensor

    for step in range(steps):
        kept = 0
        torch.manual_seed(step)
        with saved_tensors_hooks(keep, lambda tensor: tensor):
            loss = nn.functional.cross_entropy(model(images), torch.tensor([0, 1, 2, 0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, kept


@pytest.mark.parametrize("name", ["resnet18", "test_vit"])
def test_weights_and_running_statistics_are_the_same_to_the_bit_and_less_is_kept(name: str) -> None:
    (plain, kept), (recomputed, kept_then) = trained(name, False), trained(name, True)
    states = plain.state_dict(), recomputed.state_dict()
    assert states[0].keys() == states[1].keys()
    for key, value in states[0].items():
        assert torch.equal(value, states[1][key]), key
    assert kept_then < kept / 2


def test_evaluation_and_momentum_are_as_before() -> None:
    model, _ = trained("resnet18", True)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms and all(norm.momentum == 0.1 and norm.num_batches_tracked == 3 for norm in norms)


@pytest.mark.parametrize("name", ["vgg11", "inception_v3"])
def test_a_model_without_it_is_refused(name: str) -> None:
    with torch.device("meta"):
        model = timm.create_model(name)
    with pytest.raises(ConfigError, match=f"gradient_checkpointing: .*{name}, which does not support it"):
        recompute_activations(model, name)
