"""Files of weights cannot take more memory than they have content, nor hold what no weight can be."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import UserError
from engine.models.weight_files import read_weights

NUMBERS = torch.arange(4096.0)


@pytest.mark.parametrize(("content", "said"), [
    ({"a": torch.zeros(1).expand(10**6, 10**6)}, "states 4,000,000,000,000 bytes"),
    ({f"a{place}": NUMBERS for place in range(99)}, "states 1,622,016 bytes"),
    ({"a": torch.empty(10**6, 10**6, device="meta")}, "a is not an array of real numbers"),
    ({"a": torch.zeros(3, dtype=torch.complex64)}, "a is not an array of real numbers"),
    ({"a": torch.eye(3).to_sparse()}, "a is not an array of real numbers"),
    ({1: NUMBERS}, "cannot be read as weights"), ([NUMBERS], "cannot be read as weights"),
])
def test_tensors_that_are_no_weights(tmp_path: Path, content: Any, said: str) -> None:
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(UserError, match=said):
        read_weights(tmp_path / "a.pth")


def test_an_archive_that_unpacks_without_end(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(10**6)}, tmp_path / "sound.pth")
    with zipfile.ZipFile(tmp_path / "sound.pth") as sound, \
            zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as bomb:
        for member in sound.infolist():
            bomb.writestr(member.filename, sound.read(member))
    assert list(read_weights(tmp_path / "sound.pth").tensors) == ["a"]
    with pytest.raises(UserError, match=r"states 4,0\d\d,\d\d\d bytes and can hold"):
        read_weights(tmp_path / "bomb.pth")


def test_weights_that_share_a_tensor_are_read(tmp_path: Path) -> None:
    torch.save({"state_dict": {"one": NUMBERS, "other": NUMBERS}, "epoch": 3}, tmp_path / "a.pth")
    assert list(read_weights(tmp_path / "a.pth").tensors) == ["one", "other"]


@pytest.mark.parametrize("text", ["", "[", "[]", "1", "[1, 2]", '["a"]', "[[1]]", "[0]", "[NaN]", "[1e999]", "[" * 9999,
                                  "{}", "null"])
def test_metadata_that_say_nothing_are_refused_where_they_are_used(tmp_path: Path, text: str) -> None:
    save_file({"a": NUMBERS}, tmp_path / "a.safetensors", {"mean": "[0.5]", "std": text})
    weights = read_weights(tmp_path / "a.safetensors")
    with pytest.raises(UserError, match=r"std in its metadata is .* expected a list of one or three numbers"):
        _ = weights.normalisation
