"""IDX files whose headers promise too much are refused before anything is unpacked."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from engine.data.readers.idx import read_idx
from engine.errors import UserError


@pytest.mark.parametrize("shape", [(900_000, 28, 28), (1, 1 << 31, 1), (1 << 31, 1 << 31, 1 << 31)])
@pytest.mark.parametrize("name", ["images", "images.gz"])
def test_a_header_that_promises_too_much_is_refused_at_once(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    file, content = tmp_path / name, bytes((0, 0, 8, 3)) + struct.pack(">3I", *shape)
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(UserError, match="its header promises"):
        read_idx(file, 3)
