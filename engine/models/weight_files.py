"""Reads weights from files."""

import json
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

from torch import Tensor

from engine.errors import UserError
from engine.files import open_regular


class WeightFile(NamedTuple):
    """Tensors by name, their origin in words, and the metadata of a safetensors file. ``mean`` and ``std`` in the
    metadata are JSON lists, for normalising pictures."""

    tensors: dict[str, Tensor]
    origin: str
    metadata: dict[str, str]

    @property
    def normalisation(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std, one number per channel, or None."""
        if "mean" not in self.metadata or "std" not in self.metadata:
            return None
        return tuple(json.loads(self.metadata["mean"])), tuple(json.loads(self.metadata["std"]))


def read_weights(path: Path, origin: str = "") -> WeightFile:
    """Read a safetensors or PyTorch file, without running any code in it.

    Raises:
        UserError: it is missing, damaged, or contains no tensors.
    """
    from timm.models import load_state_dict

    if not path.is_file():
        raise UserError(f"weights_path: there is no file {path}")
    try:
        open_regular(path).close()
        found: dict[str, Any] = load_state_dict(str(path))
        metadata = _read_metadata(path)
    except Exception as error:  # errors differ by format and damage
        why = shorten(f"{type(error).__name__}: {error}", 160, placeholder=" …")
        raise UserError(f"weights_path: {path} cannot be read as weights ({why})") from None
    tensors = _tensors(found)
    if not tensors:
        raise UserError(f"weights_path: {path} contains no weights, expected tensors by name")
    return WeightFile(tensors, origin or str(path), metadata)


def _read_metadata(path: Path) -> dict[str, str]:
    if path.suffix != ".safetensors":
        return {}
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return dict(file.metadata() or {})


def _tensors(found: dict[str, Any]) -> dict[str, Tensor]:
    """Return the tensors by name, also if nested one level deeper, beside an optimizer's state."""
    direct = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    inner = [tensors for value in found.values() if isinstance(value, dict)
             and (tensors := {name: item for name, item in value.items() if isinstance(item, Tensor)})]
    return direct or max(inner, key=len, default={})
