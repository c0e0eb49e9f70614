"""Pictures that somebody brings become like the run's own."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import UserError
from engine.explain.picture import decode_confined, decode_upload, decode_whole_upload, read_upload
from engine.store import Run, Store
from tests.fake_runs import add_run


@pytest.fixture
def run(home: Path) -> Run:
    return replace(add_run(Store.open()), resolved={"image_size": 32, "channels": 1})


def saved(picture: Image.Image, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_it_gets_the_size_and_the_channels_of_the_data(run: Run, format: str) -> None:
    made = decode_upload(saved(Image.new("RGB", (300, 200), (200, 200, 200)), format), "x", run)
    assert made.shape == (1, 8, 8, 1) and made.dtype == np.uint8 and np.abs(made.astype(int) - 200).max() < 4


def test_a_picture_of_the_data_comes_back_as_it_was_or_inverted(run: Run) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    content = saved(Image.fromarray(pixels))
    assert (decode_upload(content, "x", run)[0, ..., 0] == pixels).all()
    assert (decode_upload(content, "x", run, invert=True)[0, ..., 0] == 255 - pixels).all()


def test_a_confined_process_decodes_the_same(run: Run) -> None:
    content = saved(Image.linear_gradient("L").resize((40, 30)))
    assert (decode_confined(content, "x", run, invert=True) == decode_upload(content, "x", run, invert=True)).all()
    assert (decode_confined(content, "x", run, whole=True) == decode_whole_upload(content, "x")).all()


def test_where_the_data_are_gone_it_is_as_large_as_the_model_sees_it(run: Run) -> None:
    gone = replace(run, config=run.config | {"dataset": "folder", "data_path": "/nowhere"})
    assert decode_upload(saved(Image.new("L", (100, 90))), "x", gone).shape == (1, 32, 32, 1)


def test_what_is_no_picture_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^notes\.txt: cannot be read as a picture"):
        decode_upload(b"hello", "notes.txt", run)
    with pytest.raises(UserError, match="cannot be read as a picture"):
        decode_upload(saved(Image.new("RGB", (99, 99), "red"))[:60], "half.png", run)
    with pytest.raises(UserError, match=r"^notes\.txt: cannot be read as a picture"):
        decode_confined(b"hello", "notes.txt", run)
    with pytest.raises(UserError, match="No such file"):
        read_upload(tmp_path / "nowhere.png")
