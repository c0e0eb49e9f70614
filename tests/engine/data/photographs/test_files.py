"""Photographs as they are decoded, against Pillow and torchvision."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.transforms import v2

from engine.data.photographs.files import PhotographFiles, decode_photograph
from engine.errors import UserError
from tests.engine.data.photographs.jpegs import SIZES, jpeg_folder, listed_files
from tests.engine.data.sources import content, picture


def smooth(height: int, width: int) -> Image.Image:
    return picture(6).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_values_are_pillows(kind: str, mode: str) -> None:
    file = content(smooth(40, 60).convert(mode), kind)
    for channels, wanted in ((1, "L"), (3, "RGB")):
        pillow = Image.open(io.BytesIO(file))
        pillow.draft(wanted, (60, 40))
        expected = np.asarray(pillow.convert(wanted)).reshape(40, 60, channels)
        assert np.array_equal(decode_photograph(file, (40, 60), channels, None, "bilinear"), expected)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_the_shorter_side_is_resized_as_by_torchvision(tmp_path: Path, interpolation: str) -> None:
    files = listed_files(jpeg_folder(tmp_path))
    found = PhotographFiles(files, 40, interpolation)
    resize = v2.Resize(40, v2.InterpolationMode(interpolation), antialias=True)
    for place, name in enumerate(files.names):
        whole = torch.from_numpy(np.array(Image.open(tmp_path / name))).permute(2, 0, 1)
        expected = resize(whole) if min(whole.shape[1:]) > 40 else whole
        assert found.sizes[place].tolist() == list(expected.shape[1:])
        assert np.array_equal(found.picture(place), expected.permute(1, 2, 0))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = content(smooth(40, 60), "JPEG", exif=exif)
    size = (60, 40) if orientation > 4 else (40, 60)
    turned = decode_photograph(file, size, 3, None, "bilinear")
    assert np.array_equal(turned, np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file)))))


def test_large_jpegs_are_decoded_smaller_and_look_the_same() -> None:
    large = smooth(800, 1200)
    found = decode_photograph(content(large, "JPEG", quality=95), (40, 60), 3, None, "bilinear")
    expected = np.asarray(large.resize((60, 40), Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(found - expected).mean() < 2


def test_the_key_tells_content_and_how_it_is_read(tmp_path: Path) -> None:
    root = jpeg_folder(tmp_path)
    first = PhotographFiles(listed_files(root), 40, "bilinear").key
    assert first == PhotographFiles(listed_files(root.rename(tmp_path.with_name("moved"))), 40, "bilinear").key
    files = listed_files(tmp_path.with_name("moved"))
    others = {PhotographFiles(files, 41, "bilinear").key, PhotographFiles(files, 40, "bicubic").key,
              PhotographFiles(listed_files(files.root, 1), 40, "bilinear").key}
    smooth(*SIZES[0]).save(files.root / files.names[0])
    assert len(others | {first, PhotographFiles(listed_files(files.root), 40, "bilinear").key}) == 5


def test_a_picture_that_changed_or_is_gone_is_named(tmp_path: Path) -> None:
    found = PhotographFiles(listed_files(jpeg_folder(tmp_path)), 40, "bilinear")
    (tmp_path / "cats" / "000.jpg").write_bytes(b"other")
    (tmp_path / "cats" / "001.jpg").unlink()
    with pytest.raises(UserError, match=r"000\.jpg: can no longer be read \(it has changed"):
        found.picture(0)
    with pytest.raises(UserError, match=r"001\.jpg: can no longer be read \(No such file"):
        found.picture(1)
