"""Reading weights from files."""

import json
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

from torch import Tensor

from engine.errors import UserError


class WeightFile(NamedTuple):
    """Tensors by name as a file holds them, where they come from in words, and what a safetensors file says of itself
    (``mean`` and ``std`` as JSON lists, of the pictures it was trained with)."""

    tensors: dict[str, Tensor]
    origin: str
    said: dict[str, str]

    def numbers(self, key: str) -> tuple[float, ...] | None:
        """A list of numbers the file says, or None."""
        return tuple(json.loads(self.said[key])) if key in self.said else None


def read_weights(path: Path, origin: str = "") -> WeightFile:
    """The weights in a safetensors or PyTorch file, without running any code it may hold.

    Raises:
        UserError: it is missing, damaged, or holds no tensors.
    """
    from timm.models import load_state_dict

    if not path.is_file():
        raise UserError(f"weights_path: there is no file {path}")
    try:
        found: dict[str, Any] = load_state_dict(str(path))
        said = _said(path)
    except Exception as error:  # each format and each kind of damage raises its own
        why = shorten(f"{type(error).__name__}: {error}", 160, placeholder=" …")
        raise UserError(f"weights_path: {path} cannot be read as weights ({why})") from None
    tensors = _tensors(found)
    if not tensors:
        raise UserError(f"weights_path: {path} holds no weights: expected tensors by name")
    return WeightFile(tensors, origin or str(path), said)


def _said(path: Path) -> dict[str, str]:
    if path.suffix != ".safetensors":
        return {}
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return dict(file.metadata() or {})


def _tensors(found: dict[str, Any]) -> dict[str, Tensor]:
    """The tensors by name, also when they lie one dictionary deeper beside an optimizer's state and the like."""
    direct = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    inner = [tensors for value in found.values() if isinstance(value, dict)
             and (tensors := {name: item for name, item in value.items() if isinstance(item, Tensor)})]
    return direct or max(inner, key=len, default={})
