"""Decodes uploaded pictures like those of a run's data. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import ImageOps

from engine.data.dataset import Pictures
from engine.data.facts import data_facts
from engine.data.readers.picture_files import decode_square, to_mode
from engine.data.readers.picture_opening import opened
from engine.errors import UserError
from engine.files import read_regular
from engine.store import Run


def decode_upload(content: bytes, name: str, run: Run, *, invert: bool = False) -> Pictures:
    """Decode a picture at the size and channels of the run's data, so that it is as coarse as those in training.

    If the data are gone, the model's input size is used.

    Args:
        name: its name in errors.
        invert: invert brightness, for data drawn light on dark.

    Returns:
        uint8 [1, S, S, C].

    Raises:
        UserError: it is not a readable picture.
    """
    try:
        size = data_facts(str(run.config["dataset"]), str(run.config["data_path"])).size
    except UserError:
        size = int(run.resolved["image_size"])
    try:
        picture = decode_square(content, size, int(run.resolved["channels"]))[None]
    except Exception as error:  # Pillow raises almost anything for a damaged file
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None
    return 255 - picture if invert else picture


def decode_whole_upload(content: bytes, name: str, *, invert: bool = False) -> Pictures:
    """Decode a picture at full size, for detection: uint8 [H, W, 3].

    Raises:
        UserError: it is not a readable picture.
    """
    try:
        with opened(content) as found:
            picture = np.asarray(to_mode(ImageOps.exif_transpose(found), "RGB"), np.uint8)
    except Exception as error:  # Pillow raises almost anything for a damaged file
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None
    return 255 - picture if invert else picture


def read_upload(path: Path) -> bytes:
    """Read a picture file.

    Raises:
        UserError: it is missing or cannot be read.
    """
    try:
        return read_regular(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None


def likeliest(probabilities: Sequence[float], count: int = 5) -> list[int]:
    """Return the labels with the highest probabilities, best first; the lower label first among equals."""
    return sorted(range(len(probabilities)), key=lambda label: (-probabilities[label], label))[:count]
