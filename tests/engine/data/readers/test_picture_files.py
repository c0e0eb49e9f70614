"""Pictures of every kind, decoded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.data.readers import picture_files
from engine.data.readers.picture_files import CHECKSUM, SUFFIXES, PictureFiles, common_shape, decode_square
from engine.errors import UserError
from tests.engine.data.sources import content, picture


def test_a_colour_picture_of_the_size_comes_back_pixel_by_pixel() -> None:
    image = picture(12)
    assert np.array_equal(decode_square(content(image), 12, 3), np.asarray(image))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_becomes_grey_or_colour(mode: str, channels: int) -> None:
    image = picture(12).convert("L").convert(mode) if mode != "I;16" else Image.fromarray(
        np.asarray(picture(12).convert("L")).astype(np.uint16) * 257)
    kind = "TIFF" if mode == "CMYK" else "PNG"
    found = decode_square(content(image, kind), 12, channels)
    assert found.shape == (12, 12, channels) and found.dtype == np.uint8
    grey = np.asarray(picture(12).convert("L"))
    if mode in ("L", "LA", "RGB", "RGBA", "I;16"):
        assert np.array_equal(found[..., 0], grey) and np.array_equal(found[..., -1], grey)
    else:
        assert np.ptp(found) > 100


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA"])
def test_transparent_pixels_are_white(mode: str) -> None:
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 5, 10))
    found = decode_square(content(image.convert(mode)), 10, 3)
    assert (found[:, :5] == 0).all() and (found[:, 5:] == 255).all()


def test_a_picture_is_turned_upright() -> None:
    image = Image.new("RGB", (8, 8), "black")
    image.paste((255, 255, 255), (0, 0, 8, 4))
    turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown rotated by 90° clockwise
    assert np.array_equal(decode_square(content(turned, exif=exif), 8, 3), np.asarray(image))


def test_a_picture_is_squeezed_as_a_whole() -> None:
    image = Image.new("RGB", (40, 10), "black")
    image.paste((255, 255, 255), (20, 0, 40, 10))
    found = decode_square(content(image), 10, 3)
    assert (found[:, :4] == 0).all() and (found[:, 6:] == 255).all()


def test_a_moving_picture_is_its_first_frame() -> None:
    buffer = io.BytesIO()
    frames = [Image.new("L", (8, 8), level) for level in (0, 255)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert (decode_square(buffer.getvalue(), 8, 1) == 0).all()


@pytest.mark.parametrize("broken", [
    b"", b"not a picture", content(picture(40))[:-200], content(picture(40), "JPEG")[:300]])
def test_what_is_no_whole_picture_raises(broken: bytes) -> None:
    with pytest.raises(Exception, match=r".+"):
        decode_square(broken, 8, 3)


def test_the_common_form_is_the_median_shorter_side_and_grey_only_if_all_are(tmp_path: Path) -> None:
    sizes = {"a.png": (20, 30), "b.png": (50, 24), "c.png": (28, 28)}
    for name, size in sizes.items():
        Image.new("L", size).save(tmp_path / name)
    assert common_shape(tmp_path, list(sizes)) == (24, 1)
    Image.new("RGB", (28, 28)).save(tmp_path / "c.png")
    assert common_shape(tmp_path, list(sizes)) == (24, 3)
    (tmp_path / "c.png").write_bytes(b"broken")
    assert common_shape(tmp_path, list(sizes)) == (22, 1)


@pytest.mark.parametrize(("side", "expected"), [(2, 8), (3000, 256)])
def test_the_side_is_bounded(side: int, expected: int, tmp_path: Path) -> None:
    Image.new("L", (side, side)).save(tmp_path / "a.png")
    assert common_shape(tmp_path, ["a.png"])[0] == expected


def test_picture_files_are_read_like_an_array(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        picture(8, seed=number).save(tmp_path / name)
    files = PictureFiles(tmp_path, names, 8, 3, checksums(tmp_path, names))
    array = np.stack([np.asarray(picture(8, seed=number)) for number in range(6)])
    assert files.shape == array.shape and len(files) == 6
    assert np.array_equal(files[np.array([4, 0, 4])], array[[4, 0, 4]])
    assert np.array_equal(files[2:5], array[2:5])
    with pytest.raises(IndexError):
        files[np.array([6])]
    (tmp_path / "3.png").unlink()
    with pytest.raises(UserError, match=r"3\.png: can no longer be read"):
        files[np.array([3])]


def test_a_picture_that_changed_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture(8, seed=1).save(tmp_path / "a.png")
    files = PictureFiles(tmp_path, ["a.png"], 8, 3, checksums(tmp_path, ["a.png"]))
    picture(8, seed=2).save(tmp_path / "a.png")
    monkeypatch.setattr(picture_files, "decode_square", lambda *_: pytest.fail("decoded"))
    with pytest.raises(UserError, match=r"a\.png: can no longer be read \(it has changed since"):
        files[np.array([0])]


def checksums(folder: Path, names: list[str]) -> NDArray[np.uint8]:
    found = [hashlib.sha256((folder / name).read_bytes()).digest()[:CHECKSUM] for name in names]
    return np.frombuffer(b"".join(found), np.uint8).reshape(-1, CHECKSUM)


def test_every_suffix_that_pillow_reads_is_a_picture_but_for_programs_and_stubs() -> None:
    Image.init()
    read = {suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    assert read - SUFFIXES == {".eps", ".ps", ".wmf", ".emf", ".mpg", ".mpeg", ".bufr", ".grib", ".h5", ".hdf"} | (
        {".heics", ".heifs"} & read)


@pytest.mark.parametrize("suffix", [".heic", ".avif", ".jp2", ".qoi", ".ico", ".pcx", ".sgi", ".dds"])
def test_pictures_of_rarer_kinds_are_read(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"a{suffix}"
    Image.new("RGB", (64, 64), (200, 40, 90)).save(file)
    assert abs(decode_square(file.read_bytes(), 8, 3).astype(int) - (200, 40, 90)).max() < 12
