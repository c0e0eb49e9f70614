"""Configs, data facts and files of weights for tests of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from engine.config import RunConfig
from engine.data.facts import Facts
from engine.models.ready import ReadyModel, ready_model


def config(**options: Any) -> RunConfig:
    """A config that is not checked against a data set."""
    return RunConfig(**options)


def facts(classes: int = 10, channels: int = 3) -> Facts:
    return Facts(tuple(map(str, range(classes))), 100, 100, 32, channels, True)


def ready(size: int = 32, classes: int = 10, channels: int = 3, **options: Any) -> ReadyModel:
    return ready_model(config(**options), facts(classes, channels), size)


def saved(model: nn.Module, path: Path, said: dict[str, str] | None = None) -> str:
    save_file({name: tensor.clone() for name, tensor in model.state_dict().items()}, path, said)
    return str(path)
