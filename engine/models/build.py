"""Building a model by its catalog row."""

from __future__ import annotations

from importlib import import_module

import torch
from torch import nn

from engine.errors import ConfigError
from engine.models.catalog import model_row


def build_model(name: str, *, classes: int, channels: int, size: int) -> nn.Module:
    """An untrained model that maps float [B, channels, size, size] to logits [B, classes].

    Raises:
        ConfigError: pictures of that size are too small for the model, or it cannot be built for them.
    """
    row = model_row(name)
    if row.smallest > size:
        raise ConfigError("image_size", size, f"at least {row.smallest}, the smallest {name} can take")
    if row.builder:
        module, _, function = row.builder.partition(":")
        model: nn.Module = getattr(import_module(module), function)(num_classes=classes, in_chans=channels)
        return model
    return _build_timm(name, classes, channels, {"img_size": size} if row.fixed_size and size != row.size else {})


def _build_timm(name: str, classes: int, channels: int, options: dict[str, int]) -> nn.Module:
    import timm

    try:
        model: nn.Module = timm.create_model(name, num_classes=classes, in_chans=channels, **options)
    except (TypeError, ValueError, AssertionError, RuntimeError) as error:
        what = "image_size" if options else "model"
        value = options.get("img_size", name)
        raise ConfigError(what, value, f"something {name} can be built for: {_first_line(error)}") from error
    return model


def check_size(name: str, *, channels: int, size: int) -> None:
    """Try the model on shapes alone, so that a size it cannot take is refused before anything is computed.

    Raises:
        ConfigError: naming the size.
    """
    with torch.device("meta"):
        model = build_model(name, classes=10, channels=channels, size=size)
        try:
            output = model.eval()(torch.empty(2, channels, size, size))
        except (RuntimeError, AssertionError, ValueError) as error:
            raise ConfigError("image_size", size, f"a size {name} can take: {_first_line(error)}") from error
    if output.shape != (2, 10):
        raise ConfigError("model", name, f"a classifier: it returns {tuple(output.shape)} for 10 classes")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160]
