"""Fused steps on contiguous views: the same numbers, and tensors that look the same afterwards."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from engine.training.fused_steps import step_on_contiguous_views


def trained(views: bool, kind: type[torch.optim.Optimizer], options: dict[str, Any]) -> tuple[nn.Sequential, Any]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 5, 3), nn.Flatten(), nn.Linear(80, 2))
    model = model.to(memory_format=torch.channels_last)
    frozen = model[2].weight if options.get("freeze") else None
    if frozen is not None:
        frozen.requires_grad_(False)
    optimizer = kind(model.parameters(), lr=0.001, fused=True, **options.get("of_optimizer", {}))  # type: ignore[call-arg]
    if views:
        step_on_contiguous_views(optimizer)
    x = torch.randn(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    for _ in range(5):
        optimizer.zero_grad()
        model(x).square().sum().backward()
        optimizer.step()
    return model, optimizer


@pytest.mark.parametrize(("kind", "options"), [
    (torch.optim.SGD, {"of_optimizer": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}}),
    (torch.optim.SGD, {"freeze": True}), (torch.optim.Adam, {}), (torch.optim.AdamW, {})])
def test_views_change_nothing_but_the_time(kind: type[torch.optim.Optimizer], options: dict[str, Any]) -> None:
    (model, optimizer), (stock, stock_optimizer) = (trained(views, kind, options) for views in (True, False))
    for one, other in zip(model.parameters(), stock.parameters(), strict=True):
        assert one.stride() == other.stride()
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)
        assert (one.grad is None) == (other.grad is None)
        if one.grad is not None and other.grad is not None:
            assert one.grad.shape == other.grad.shape
        mine, theirs = optimizer.state[one], stock_optimizer.state[other]
        assert mine.keys() == theirs.keys()
        for name, value in theirs.items():
            assert mine[name].shape == value.shape
            torch.testing.assert_close(mine[name], value, rtol=1e-5, atol=1e-7)


def test_loaded_state_continues_like_the_original() -> None:
    options = {"of_optimizer": {"momentum": 0.9}}
    model, optimizer = trained(True, torch.optim.SGD, options)
    other, fresh = trained(True, torch.optim.SGD, options)
    for state in fresh.state.values():
        state["momentum_buffer"].zero_()
    fresh.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    before = model[4].weight.detach().clone()
    optimizer.step()
    fresh.step()
    assert all(map(torch.equal, model.parameters(), other.parameters()))
    assert not torch.equal(model[4].weight, before)
