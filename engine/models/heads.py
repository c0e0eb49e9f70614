"""Identifies a model's classifier."""

from typing import cast

from torch import nn

from engine.config import RunConfig
from engine.errors import ConfigError

_HEAD_NAMES = ("head", "classifier", "fc")


def head_names(model: nn.Module) -> tuple[str, ...]:
    """Return the modules that turn features into logits: one, or two in distilled models.

    They are given by ``get_classifier()``, as in timm's models; else the classifier is the part called head, classifier
    or fc. Empty: unknown.
    """
    if not hasattr(model, "get_classifier"):
        return tuple(name for name, _ in model.named_children() if name in _HEAD_NAMES)[:1]
    found = cast(nn.Module | tuple[nn.Module, ...], model.get_classifier())  # type: ignore[operator]
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(name for name, module in model.named_modules() if any(module is part for part in parts))


def tuned_head(model: nn.Module, config: RunConfig) -> tuple[str, ...]:
    """Return :func:`head_names` for a run that treats the classifier differently from the backbone.

    Raises:
        ConfigError: the classifier is unknown.
    """
    found = head_names(model)
    if not found:
        raise ConfigError("fine_tune", config.fine_tune, f"possible for {config.model}, whose classifier is "
                          f"unknown: name that part {', '.join(_HEAD_NAMES[:-1])} or {_HEAD_NAMES[-1]}, or return it "
                          "from a method get_classifier")
    return found


def in_part(name: str, parts: tuple[str, ...]) -> bool:
    """Whether a parameter, buffer or module is one of the parts or inside one."""
    return any(name == part or name.startswith(f"{part}.") for part in parts)
