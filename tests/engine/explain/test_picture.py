"""Pictures that somebody brings, of whatever format."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import UserError
from engine.explain.picture import like_a_test_picture, read_picture, read_picture_file


def saved(picture: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_the_usual_formats_are_read(format: str) -> None:
    picture = read_picture(saved(Image.new("RGB", (40, 30), (250, 10, 10)), format), "x")
    assert picture.mode == "RGB" and picture.size == (40, 30)
    assert np.abs(np.asarray(picture, int) - (250, 10, 10)).max() < 8


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert (np.asarray(read_picture(saved(clear, "PNG"), "x")) == 255).all()
    palette = Image.new("P", (4, 4), 0)
    assert (np.asarray(read_picture(saved(palette, "PNG", transparency=0), "x")) == 255).all()


def test_odd_modes_become_grey_or_colour() -> None:
    deep = Image.fromarray(np.array([[0, 30_000], [60_000, 15_000]], np.uint16))
    assert np.asarray(read_picture(saved(deep, "PNG"), "x")).tolist() == [[0, 128], [255, 64]]
    assert read_picture(saved(Image.new("CMYK", (4, 4)), "TIFF"), "x").mode == "RGB"
    assert read_picture(saved(Image.new("1", (4, 4)), "PNG"), "x").mode == "L"


def test_a_photograph_taken_sideways_is_turned() -> None:
    picture = Image.new("RGB", (40, 20))
    picture.getexif()[0x0112] = 6
    assert read_picture(saved(picture, "JPEG", exif=picture.getexif()), "x").size == (20, 40)


def test_what_is_no_picture_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^notes\.txt: cannot be read as a picture"):
        read_picture(b"hello", "notes.txt")
    with pytest.raises(UserError, match="cannot be read as a picture"):
        read_picture(saved(Image.new("RGB", (99, 99), "red"), "PNG")[:60], "half.png")
    with pytest.raises(UserError, match="No such file"):
        read_picture_file(tmp_path / "nowhere.png")


def test_it_gets_the_middle_size_and_channels_of_the_data() -> None:
    wide = Image.new("RGB", (30, 10), "black")
    wide.paste("white", (10, 0, 20, 10))
    fitted = like_a_test_picture(wide, size=5, channels=1)
    assert fitted.shape == (1, 5, 5, 1) and fitted.dtype == np.uint8 and (fitted > 200).all()
    assert (like_a_test_picture(wide, size=5, channels=1, invert=True) < 55).all()
    assert like_a_test_picture(wide.convert("L"), size=40, channels=3).shape == (1, 40, 40, 3)


def test_a_picture_of_the_data_comes_back_as_it_was() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    again = read_picture(saved(Image.fromarray(pixels), "PNG"), "x")
    assert (like_a_test_picture(again, size=8, channels=3)[0] == pixels).all()
