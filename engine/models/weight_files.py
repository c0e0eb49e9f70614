"""Reads weights from files."""

import json
import math
import zipfile
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.errors import UserError
from engine.files import open_regular

_MOST_UNPACKED = 16
"""How many times its size a file may hold. Numbers hardly pack, and an average of the weights shares none of them."""


class WeightFile(NamedTuple):
    """Tensors by name, their origin in words, and the metadata of a safetensors file. ``mean`` and ``std`` in the
    metadata are JSON lists, for normalising pictures."""

    tensors: dict[str, Tensor]
    origin: str
    metadata: dict[str, str]

    @property
    def normalisation(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std, one number per channel, or None.

        Raises:
            UserError: the metadata hold something else.
        """
        if "mean" not in self.metadata or "std" not in self.metadata:
            return None
        return self._numbers("mean"), self._numbers("std")

    def _numbers(self, key: str) -> tuple[float, ...]:
        text = self.metadata[key]
        try:
            found = tuple(map(float, json.loads(text)))
        except (ValueError, TypeError, OverflowError, RecursionError):
            found = ()
        if len(found) not in (1, 3) or not all(math.isfinite(each) and (each > 0 or key == "mean") for each in found):
            raise UserError(f"weights_path: {self.origin}: {key} in its metadata is {text!r:.60}, expected a list of "
                            "one or three numbers; with normalisation=data it is not used")
        return found


def read_weights(path: Path, origin: str = "") -> WeightFile:
    """Read a safetensors or PyTorch file, without running any code in it.

    Memory is bounded by the file's size: first by what its parts unpack to, then, as a tensor may repeat a few numbers
    without end, by what its tensors take in full.

    Raises:
        UserError: it is missing, damaged, states more than it holds, or contains no tensors.
    """
    from timm.models import load_state_dict

    if not path.is_file():
        raise UserError(f"weights_path: there is no file {path}")
    try:
        most = _MOST_UNPACKED * _size(path)
        found: dict[str, Any] = load_state_dict(str(path))
        metadata = _read_metadata(path)
        tensors = _tensors(found)
        _check_size(sum(tensor.nbytes for tensor in tensors.values()), most)
    except Exception as error:  # errors differ by format and damage
        why = shorten(f"{type(error).__name__}: {error}", 160, placeholder=" …")
        raise UserError(f"weights_path: {path} cannot be read as weights ({why})") from None
    if not tensors:
        raise UserError(f"weights_path: {path} contains no weights, expected tensors by name")
    return WeightFile(tensors, origin or str(path), metadata)


def _size(path: Path) -> int:
    """Return a regular file's size, unless it is an archive that unpacks to far more.

    Raises:
        OSError, ValueError: it is.
    """
    with open_regular(path) as file:
        size = file.seek(0, 2)
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                _check_size(sum(member.file_size for member in archive.infolist()), _MOST_UNPACKED * size)
    return size


def _check_size(held: int, most: int) -> None:
    if held > most:
        raise ValueError(f"it states {held:,} bytes and can hold {most:,}")


def _read_metadata(path: Path) -> dict[str, str]:
    if path.suffix != ".safetensors":
        return {}
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return dict(file.metadata() or {})


def _tensors(found: dict[Any, Any]) -> dict[str, Tensor]:
    """Return the tensors by name, also if nested one level deeper, beside an optimizer's state.

    Raises:
        ValueError: one has no numbers of its own, as on no device, or none that a weight can be.
    """
    inner = [_named(value) for value in found.values() if isinstance(value, dict)]
    tensors = _named(found) or max(inner, key=len, default={})
    for name, tensor in tensors.items():
        if tensor.layout != torch.strided or tensor.is_meta or tensor.is_quantized or tensor.is_complex():
            raise ValueError(f"{name} is not an array of real numbers")
    return tensors


def _named(found: dict[Any, Any]) -> dict[str, Tensor]:
    return {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, Tensor)}
