"""Builds models from their catalog rows."""

import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from engine.catalog.models import model_row, size_options
from engine.errors import ConfigError, plugin_place

STEM_LAYER = "conv1"


def use_cifar_stem(model: nn.Module, name: str) -> None:
    """Replace a ResNet's first convolution by a 3×3 one with stride 1, and remove its max-pool, in place.

    After He et al., "Deep Residual Learning" (2016), section 4.2. A deep stem of several convolutions becomes one.

    Raises:
        ConfigError: the model does not begin with ``conv1``, ``bn1`` and ``maxpool``.
    """
    first, norm = getattr(model, STEM_LAYER, None), getattr(model, "bn1", None)
    if not isinstance(getattr(model, "maxpool", None), nn.Module) or not isinstance(first, nn.Module) or norm is None:
        raise ConfigError("stem", "cifar", f"a stem for {name}, which does not start with a convolution and a max-pool "
                                           "like a ResNet")
    published = next(layer for layer in first.modules() if isinstance(layer, nn.Conv2d))
    layer = nn.Conv2d(published.in_channels, norm.num_features, 3, padding=1, bias=False,
                      device=published.weight.device)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    model.conv1, model.maxpool = layer, nn.Identity()


_OPTION_OF = {"drop_rate": "dropout", "drop_path_rate": "drop_path"}


def build_model(name: str, *, classes: int, channels: int, size: int, stem: str = "standard", patch_size: int = 0,
                dropout: float = 0.0, drop_path: float = 0.0) -> nn.Module:
    """Build an untrained model from float [B, channels, size, size] to logits [B, classes].

    Args:
        stem: a key of :data:`engine.catalog.choices.STEMS`.
        patch_size: side of the patches in pixels; 0: as the model has them at this size.
        dropout, drop_path: probabilities; 0 keeps the model's defaults.

    Raises:
        ConfigError: the model does not support the size, stem, patches, dropout or drop path.
    """
    options = build_options(name, classes=classes, channels=channels, size=size, patch_size=patch_size,
                            dropout=dropout, drop_path=drop_path)
    with _translate_errors(name, options):
        model = _builder(name)(**options)
    if not isinstance(model, nn.Module):
        raise ConfigError("model", name, f"a function that returns a torch.nn.Module, but {type(model).__name__}")
    if stem == "cifar":
        use_cifar_stem(model, name)
    return model


def build_options(name: str, *, classes: int, channels: int, size: int, patch_size: int = 0, dropout: float = 0.0,
                  drop_path: float = 0.0) -> dict[str, Any]:
    """Return the keyword arguments for building a model, with timm's names.

    Raises:
        ConfigError: the size is too small for the model, or not a multiple of its patch size.
    """
    dropped = {"drop_rate": dropout, "drop_path_rate": drop_path}
    return {"num_classes": classes, "in_chans": channels} | size_options(name, size, patch_size) | \
        {option: rate for option, rate in dropped.items() if rate}


def check_size(name: str, *, channels: int, size: int, stem: str = "standard", patch_size: int = 0,
               option: str = "image_size") -> None:
    """Run the model on the meta device, to reject what it does not support before computing anything.

    Args:
        option: the one that an error about the size names.

    Raises:
        ConfigError: naming the option.
    """
    with torch.device("meta"):
        model = build_model(name, classes=10, channels=channels, size=size, stem=stem, patch_size=patch_size)
        try:
            output = model.eval()(torch.empty(2, channels, size, size))
        except (RuntimeError, AssertionError, ValueError) as error:
            raise ConfigError(option, size, f"a size that {name} supports: {first_line(error)}") from error
    if output.shape != (2, 10):
        raise ConfigError("model", name, f"a classifier: it returns {tuple(output.shape)} for 10 classes")


def first_line(error: Exception) -> str:
    """Return an error's message in one line of at most 160 characters, and its place if in a plug-in."""
    place = plugin_place(error)
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160] + (f" ({place})" if place else "")


@contextmanager
def _translate_errors(name: str, options: dict[str, Any]) -> Iterator[None]:
    """Turn errors raised while a model is built into a :class:`ConfigError` that names the option."""
    try:
        yield
    except (TypeError, ValueError, AssertionError, RuntimeError, KeyError) as error:
        rejected = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        if rejected and rejected[1] in _OPTION_OF:
            raise ConfigError(_OPTION_OF[rejected[1]], options[rejected[1]],
                              f"supported by {name}: leave it at 0") from None
        if "img_size" in options:
            raise ConfigError("image_size", options["img_size"], f"supported by {name}: {first_line(error)}") from error
        raise ConfigError("model", name, f"a model that can be built: {first_line(error)}") from error


def _builder(name: str) -> Any:
    row = model_row(name)
    if row.builder:
        return pkgutil.resolve_name(row.builder)
    from functools import partial

    import timm

    return partial(timm.create_model, row.timm or name)
