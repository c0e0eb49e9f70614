"""Which part of a model is its classifier."""

from __future__ import annotations

from typing import cast

from torch import nn


def head_names(model: nn.Module) -> tuple[str, ...]:
    """Names of the modules that turn features into logits: one, or two in distilled models.

    The model tells them through ``get_classifier()``, as timm's do.
    """
    found = cast(nn.Module | tuple[nn.Module, ...], model.get_classifier())  # type: ignore[operator]
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(name for name, module in model.named_modules() if any(module is part for part in parts))


def in_part(name: str, parts: tuple[str, ...]) -> bool:
    """Whether a parameter, buffer or module of that name is one of the parts or lies inside one."""
    return any(name == part or name.startswith(f"{part}.") for part in parts)
