"""Every optimizer by name: made, stepped, stopped and resumed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import Optimizer

from engine.catalog import optimizers as optimizer_index
from engine.catalog import timm_lists
from engine.catalog.optimizers import OPTIMIZERS, optimizer_row, optimizers
from engine.catalog.timm_lists import read_list
from engine.config import RunConfig, parse_config
from engine.errors import ConfigError
from engine.home import ROOT
from engine.models.groups import parameter_groups
from engine.training.checkpoints import Checkpoints, restore
from engine.training.progress import Progress
from engine.training.setup import build_optimizer

NEED_A_GPU = tuple(name for name in optimizers() if name.startswith(("bnb", "fused")))
COMPILED = ("kron", "kronc", "kronw")
HERE = [name for name in optimizers() if name not in NEED_A_GPU + COMPILED]


def made(name: str) -> tuple[nn.Module, Optimizer]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 2))
    config = parse_config({"optimizer": name, "lr": 0.01, "weight_decay": 0.01})
    return model.to(memory_format=torch.channels_last), build_optimizer(config, parameter_groups(model, config))


def stepped(name: str, model: nn.Module, optimizer: Optimizer, steps: range) -> None:
    for step in steps:
        x = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), torch.tensor([0, 1, 1, 0]))
        loss.backward(create_graph=optimizer_row(name).second_order)
        optimizer.step()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*HERE, *(pytest.param(name, marks=pytest.mark.slow) for name in COMPILED)])
def test_each_goes_on_bit_for_bit_from_a_checkpoint(name: str, tmp_path: Path) -> None:
    model, optimizer = made(name)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    stepped(name, model, optimizer, range(3))
    Checkpoints(tmp_path).save(Progress(epoch=1), model, optimizer, best=False)
    stepped(name, model, optimizer, range(3, 6))
    assert all(not torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True) if old.ndim > 1)
    other, fresh = made(name)
    restore(tmp_path / "epoch-0001", other, fresh)
    stepped(name, other, fresh, range(3, 6))
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.isfinite(one).all() and torch.equal(one, two)


@pytest.mark.parametrize("name", NEED_A_GPU)
def test_those_that_need_a_gpu_say_so(name: str) -> None:
    if torch.cuda.is_available():
        pytest.skip("a GPU is here")
    with pytest.raises(ConfigError, match=f"optimizer: '{name}' is not an optimizer for this model: CUDA required"):
        made(name)


def test_own_rows_take_their_options() -> None:
    options: dict[str, Any] = {"beta1": 0.8, "beta2": 0.95, "eps": 1e-4, "momentum": 0.7, "nesterov": False}
    for name, expected in (("Adam", {"betas": (0.8, 0.95), "eps": 1e-4, "fused": True}),
                           ("AdamW", {"betas": (0.8, 0.95), "eps": 1e-4, "fused": True}),
                           ("SGD", {"momentum": 0.7, "nesterov": False, "fused": True})):
        config = parse_config(options | {"optimizer": name})
        [group] = build_optimizer(config, parameter_groups(nn.Linear(2, 2), config)).param_groups
        assert {key: group[key] for key in expected} == expected


def test_plain_sgd_has_no_momentum_to_look_ahead_by() -> None:
    config = parse_config({"optimizer": "SGD", "momentum": 0.0})
    [group] = build_optimizer(config, parameter_groups(nn.Linear(2, 2), config)).param_groups
    assert (group["momentum"], group["nesterov"]) == (0.0, False)


def test_names_are_timms_and_ours_come_first() -> None:
    assert tuple(optimizers())[:3] == tuple(OPTIMIZERS) and len(optimizers()) > 90
    assert len({name.lower() for name in optimizers()}) == len(optimizers())
    assert parse_config({"optimizer": "LION"}).optimizer == "lion"
    with pytest.raises(ConfigError, match="optimizer: 'lyon' is not a known optimizer; nearest: lion"):
        parse_config({"optimizer": "lyon"})


def test_the_shipped_list_is_what_timm_says() -> None:
    said = [[name, str(order), help] for name, order, help in optimizer_index._list_optimizers()]
    assert read_list(optimizer_index.SHIPPED.read_text()) == (version("timm"), said)


def test_another_timm_is_asked_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def answer(*maker: str) -> str:
        asked.append(True)
        return "name,order,help,9.9\nnew,2,Brand new\n"

    monkeypatch.setattr(timm_lists, "version", lambda _: "9.9")
    monkeypatch.setattr(timm_lists, "list_with_timm", answer)
    find = optimizer_index.optimizers.__wrapped__
    assert find() == find()
    new = find()["new"]
    assert (new.help, new.second_order) == ("Brand new", True)
    assert asked == [True]


def test_naming_an_optimizer_imports_no_torch() -> None:
    code = ("import sys; from engine.config import parse_config; parse_config({'optimizer': 'lion'}); "
            "print('torch' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
    assert RunConfig(optimizer="lion").optimizer == "lion"
