"""Files of NumPy arrays, read without trusting what their headers state."""

import zipfile
from collections.abc import Mapping
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.files import open_regular

# Deflate packs at most 1,032 bytes into one (zlib's documentation); numbers hardly pack.
_MOST_UNPACKED, _MOST_OF_MANY = 1032, 16
_MANY = 256 << 20
_KINDS = {"i": "iu", "f": "f", "b": "b"}


_DAMAGED = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OverflowError, SyntaxError, TypeError,
            TokenError)
"""What NumPy and ``zipfile`` raise for damaged files, besides ValueError."""


def open_array(path: Path) -> NDArray[Any]:
    """The array of an ``.npy``, memory-mapped for reading: it takes no memory, whatever its header states.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, states more values than it holds, or holds Python objects.
    """
    open_regular(path).close()
    try:
        found: NDArray[Any] = np.load(path, "r", allow_pickle=False)
    except _DAMAGED as error:
        raise ValueError(str(error) or "it ends too early") from None
    if not isinstance(found, np.ndarray):
        raise ValueError("it holds several arrays")
    return found


def read_arrays(path: Path, layout: Mapping[str, str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` by name.

    No memory is taken before an array's stated size is compared with the bytes that there are.

    Args:
        layout: for each array the kind of its numbers, ``i`` (whole, from 0), ``f`` or ``b`` (bool), then for each
            dimension its length, a digit, or a letter that stands for one length: ``{"ids": "iN", "boxes": "fM4"}``.
            None: any arrays, which may be packed as tightly as they can be: read such a file in a confined process.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, states more values than it holds, holds Python objects, or is not laid out like this.
    """
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            held, packed = (sum(getattr(member, size) for member in members) for size in ("file_size", "compress_size"))
            if layout is not None and held > max(_MANY, _MOST_OF_MANY * packed):
                raise ValueError(f"it unpacks to {held:,} bytes, more than such a file can hold")
            found = {member.filename.removesuffix(".npy"): _read(archive, member) for member in members}
        _check(found, layout or {})
        return found
    except _DAMAGED as error:
        raise ValueError(str(error) or "it ends too early") from None


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(member) as file:
        read_header = npy.read_array_header_1_0 if npy.read_magic(file) == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)
    if prod(shape) * dtype.itemsize > member.file_size or member.file_size > member.compress_size * _MOST_UNPACKED:
        raise ValueError(f"{member.filename} states {prod(shape):,} values and holds fewer")
    with archive.open(member) as file:
        found: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return found


def _check(arrays: Mapping[str, NDArray[Any]], layout: Mapping[str, str]) -> None:
    lengths = {digit: int(digit) for digit in "123456789"}
    for name, form in layout.items():
        kind, *sides = list(form)
        if name not in arrays:
            raise ValueError(f"it has no {name}")
        array = arrays[name]
        expected = [lengths.setdefault(side, length) for side, length in zip(sides, array.shape, strict=False)]
        if array.dtype.kind not in _KINDS[kind] or array.ndim != len(sides) or list(array.shape) != expected:
            raise ValueError(f"its {name} are {array.dtype} {list(array.shape)}, which does not fit the others")
        if kind == "i" and array.size and array.min() < 0:
            raise ValueError(f"its {name} hold {array.min()}, expected no number below 0")
