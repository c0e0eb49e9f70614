"""Pictures in arrays: the order of their dimensions, and the range of their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import load_dataset
from tests.engine.data.readers.test_npy import refused
from tests.engine.data.sources import RAMP, arrays

TURNED = {
    "as usual": ("NHWC", lambda images: images),
    "channels first": ("NCHW", lambda images: images.transpose(0, 3, 1, 2)),
    "numbers last": ("HWCN", lambda images: images.transpose(1, 2, 3, 0)),
    "grey": ("NHW", lambda images: images[..., 0]),
    "grey, numbers last": ("HWN", lambda images: images[..., 0].transpose(1, 2, 0)),
}


@pytest.mark.parametrize("said", [False, True])
@pytest.mark.parametrize("order", TURNED)
def test_the_order_of_dimensions_is_recognised_and_told(home: Path, order: str, said: bool) -> None:
    axes, turn = TURNED[order]
    images = RAMP.astype(np.uint8)
    root = arrays(home / "mine", train_images=turn(images[:40]), test_images=turn(images[40:]))
    dataset = load_dataset("npy", f"{root}?axes={axes}" if said else str(root))
    assert np.array_equal(dataset.train_images, images[:40, ..., :len(dataset.mean)])
    assert np.array_equal(dataset.test_images, images[40:, ..., :len(dataset.mean)])
    assert any(f"are {axes}" in note for note in dataset.notes) == (axes not in ("NHWC", "NHW"))


def test_axes_that_do_not_fit_are_refused(home: Path) -> None:
    root = arrays(home / "mine")
    assert "(40, 16, 16, 3) is not pictures [N, C, H, W]" in refused(Path(f"{root}?axes=NCHW"))
    assert "axes=NHWC or NCHW" in refused(Path(f"{root}?axes=CHW"))


SCALES = {
    "shares": (np.float32, 1 / 255, 0.0, (0, 1)), "shares, half": (np.float16, 1 / 255, 0.0, (0, 1)),
    "centred": (np.float64, 2 / 255, -1.0, (-1, 1)), "bytes as floats": (np.float32, 1, 0.0, (0, 255)),
    "bytes as int64": (np.int64, 1, 0.0, (0, 255)), "bytes as uint16": (np.uint16, 1, 0.0, (0, 255)),
    "12 bits": (np.uint16, 16, 0.0, (0, 4080)), "16 bits": (np.uint16, 257, 0.0, (0, 65535)),
    "signed": (np.int16, 10, -1024.0, (-1024, 1526)), "standardised": (np.float32, 0.02, -2.0, (-2, 3.1)),
}


@pytest.mark.parametrize("kind", SCALES)
def test_values_are_scaled_by_one_range_which_is_told(home: Path, kind: str) -> None:
    dtype, step, start, values = SCALES[kind]
    images = (RAMP * step + start).astype(dtype)
    root = arrays(home / "mine", train_images=images[:40], test_images=images[40:])
    dataset = load_dataset("npy", str(root))
    assert np.abs(np.asarray(dataset.train_images).astype(int) - RAMP[:40]).max() <= 1
    assert np.abs(np.asarray(dataset.test_images).astype(int) - RAMP[40:]).max() <= 1
    assert dataset.ledger.values == pytest.approx(values, rel=1e-6)
    assert any("are black to white, because the values of train_images.npy" in note for note in dataset.notes)


def test_the_range_of_arrays_can_be_said(home: Path) -> None:
    root = arrays(home / "mine", train_images=RAMP[:40] * 16, test_images=RAMP[40:].astype(float))
    assert "two scales" in refused(root)
    dataset = load_dataset("npy", f"{root}?range=0:8160")
    assert np.asarray(dataset.train_images).max() == 128 and np.asarray(dataset.test_images).max() == 8
    assert dataset.ledger.values == (0, 8160) and not any("are black to white" in note for note in dataset.notes)
    assert "two rising numbers" in refused(Path(f"{root}?range=9:3"))


@pytest.mark.parametrize(("images", "brightest", "said"), [
    (RAMP > 128, 255, "0 to 1 are black to white"), ((RAMP % 17).astype(np.uint8), 16, "255 is white"),
    (np.where(RAMP == 9, np.nan, RAMP / 255), 255, "0 to 1 are black to white"),
])
def test_masks_dark_bytes_and_holes_are_told(home: Path, images: np.ndarray, brightest: int, said: str) -> None:
    dataset = load_dataset("npy", str(arrays(home / "mine", train_images=images[:40], test_images=images[40:])))
    assert np.asarray(dataset.train_images).max() == brightest and any(said in note for note in dataset.notes)
