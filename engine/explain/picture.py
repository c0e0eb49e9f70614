"""A picture that somebody brings, made into one like those of a run's data. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import ImageOps

from engine.data.dataset import Pictures
from engine.data.facts import data_facts
from engine.data.readers.picture_files import decoded, flat
from engine.data.readers.picture_opening import opened
from engine.errors import UserError
from engine.files import read_regular
from engine.store import Run


def brought_picture(content: bytes, name: str, run: Run, *, invert: bool = False) -> Pictures:
    """A file's content at the size and with the channels of the run's data, as pictures in folders are read.

    From there on it is treated as the data's own pictures are, so that what was small in training is as coarse here.
    Where the data are gone, it gets the size that the model sees.

    Args:
        name: what to call it in errors.
        invert: exchange light and dark, for data drawn light on dark.

    Returns:
        uint8 [1, S, S, C].

    Raises:
        UserError: it cannot be read as a picture.
    """
    try:
        size = data_facts(str(run.config["dataset"]), str(run.config["data_path"])).size
    except UserError:
        size = int(run.resolved["image_size"])
    try:
        picture = decoded(content, size, int(run.resolved["channels"]))[None]
    except Exception as error:  # a broken file makes Pillow raise almost anything
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None
    return 255 - picture if invert else picture


def brought_file(path: Path, run: Run, *, invert: bool = False) -> Pictures:
    """As :func:`brought_picture`.

    Raises:
        UserError: also when there is no such file.
    """
    return brought_picture(_content(path), path.name, run, invert=invert)


def whole_picture(content: bytes, name: str, *, invert: bool = False) -> Pictures:
    """A file's content as large as it is, for those who look for something in it: uint8 [H, W, 3].

    Raises:
        UserError: it cannot be read as a picture.
    """
    try:
        with opened(content) as found:
            picture = np.asarray(flat(ImageOps.exif_transpose(found), "RGB"), np.uint8)
    except Exception as error:  # a broken file makes Pillow raise almost anything
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None
    return 255 - picture if invert else picture


def whole_file(path: Path, *, invert: bool = False) -> Pictures:
    """As :func:`whole_picture`.

    Raises:
        UserError: also when there is no such file.
    """
    return whole_picture(_content(path), path.name, invert=invert)


def _content(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None


def likeliest(probabilities: Sequence[float], count: int = 5) -> list[int]:
    """The labels with the highest probabilities, best first; the lower label first among equals."""
    return sorted(range(len(probabilities)), key=lambda label: (-probabilities[label], label))[:count]
