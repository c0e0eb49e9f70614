"""Which part of a model is its classifier."""

from typing import cast

from torch import nn

from engine.config import RunConfig
from engine.errors import ConfigError

_CALLED = ("head", "classifier", "fc")


def head_names(model: nn.Module) -> tuple[str, ...]:
    """Names of the modules that turn features into logits: one, or two in distilled models.

    The model tells them through ``get_classifier()``, as timm's do; of another it is the part called head, classifier
    or fc. Empty: it cannot be told.
    """
    if not hasattr(model, "get_classifier"):
        return tuple(name for name, _ in model.named_children() if name in _CALLED)[:1]
    found = cast(nn.Module | tuple[nn.Module, ...], model.get_classifier())  # type: ignore[operator]
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(name for name, module in model.named_modules() if any(module is part for part in parts))


def tuned_head(model: nn.Module, config: RunConfig) -> tuple[str, ...]:
    """:func:`head_names`, for a run that treats the classifier otherwise than the rest.

    Raises:
        ConfigError: it cannot be told.
    """
    found = head_names(model)
    if not found:
        raise ConfigError("fine_tune", config.fine_tune, f"possible for {config.model}, whose classifier cannot be "
                          f"told: call that part {', '.join(_CALLED[:-1])} or {_CALLED[-1]}, or return it from a "
                          "method get_classifier")
    return found


def in_part(name: str, parts: tuple[str, ...]) -> bool:
    """Whether a parameter, buffer or module of that name is one of the parts or lies inside one."""
    return any(name == part or name.startswith(f"{part}.") for part in parts)
