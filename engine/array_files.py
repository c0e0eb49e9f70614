"""Files of named NumPy arrays (``.npz``), read without trusting what their headers state."""

import zipfile
from math import prod
from pathlib import Path
from typing import Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.files import open_regular

# Deflate packs at most 1,032 bytes into one (zlib's documentation).
_MOST_UNPACKED = 1032


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` by name.

    No memory is taken before an array's stated size is compared with the bytes that there are.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, states more values than it holds, or holds Python objects.
    """
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            return {member.filename.removesuffix(".npy"): _read(archive, member) for member in archive.infolist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OverflowError) as error:
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
