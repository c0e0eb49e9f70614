"""Decodes uploaded pictures like those of a run's data. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.confined.client import confined
from engine.data.dataset import Pictures
from engine.data.facts import data_facts
from engine.data.readers.depth import SIXTEEN_BITS, Values
from engine.data.readers.picture_files import decode_square, to_mode, upright
from engine.data.readers.picture_opening import opened
from engine.errors import UserError
from engine.files import read_regular
from engine.launch.jobs import job_folder
from engine.store import Run

_FILE, _DECODED = "picture", "picture.npy"


def decode_confined(content: bytes, name: str, run: Run, *, whole: bool = False, invert: bool = False) -> Pictures:
    """Decode a picture as :func:`decode_upload`, or whole as :func:`decode_whole_upload`, in a confined process: for
    pages, whose process must outlive it."""
    with job_folder() as folder:
        file = folder / _FILE
        file.write_bytes(content)
        try:
            confined("engine.explain.picture:decode_request", {
                "folder": str(folder), "name": name, "shape": None if whole else shape_for(run),
                "values": values_of(run), "invert": invert})
        except UserError as error:
            raise UserError(str(error).replace(str(file), name)) from None
        decoded: Pictures = np.load(folder / _DECODED)
        return decoded


def decode_request(request: dict[str, Any]) -> None:
    """Decode the picture in ``folder`` to an array beside it."""
    file, name, invert = Path(request["folder"], _FILE), request["name"], request["invert"]
    content = read_regular(file)
    picture = _square(content, name, tuple(request["shape"]), invert) if request["shape"] else \
        decode_whole_upload(content, name, tuple(request["values"]), invert=invert)
    np.save(file.with_name(_DECODED), picture)


def decode_upload(content: bytes, name: str, run: Run, *, invert: bool = False) -> Pictures:
    """Decode a picture at the size and channels of the run's data, so that it is as coarse as those in training.

    Args:
        name: its name in errors.
        invert: invert brightness, for data drawn light on dark.

    Returns:
        uint8 [1, S, S, C].

    Raises:
        UserError: it is not a readable picture.
    """
    return _square(content, name, shape_for(run), invert)


def shape_for(run: Run) -> tuple[int, int, Values]:
    """Return side, channels, black and white of the run's pictures; the model's side if the data are gone."""
    try:
        size = data_facts(str(run.config["dataset"]), str(run.config["data_path"])).size
    except UserError:
        size = int(run.resolved["image_size"])
    return size, int(run.resolved["channels"]), values_of(run)


def values_of(run: Run) -> Values:
    """Return what is black and white in the run's pictures of more than 8 bits."""
    low, high = run.resolved.get("ledger", {}).get("values") or SIXTEEN_BITS
    return low, high


def _square(content: bytes, name: str, shape: tuple[int, int, Values], invert: bool) -> Pictures:
    try:
        picture = decode_square(content, *shape)[None]
    except Exception as error:  # Pillow raises almost anything for a damaged file
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None
    return 255 - picture if invert else picture


def decode_whole_upload(content: bytes, name: str, values: Values = SIXTEEN_BITS, *, invert: bool = False) -> Pictures:
    """Decode a picture at full size, for detection: uint8 [H, W, 3].

    Raises:
        UserError: it is not a readable picture.
    """
    try:
        with opened(content) as found:
            picture = np.asarray(to_mode(upright(found), "RGB", values), np.uint8)
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


def likeliest(probabilities: Sequence[float]) -> list[int]:
    """Return the five labels with the highest probabilities, best first; the lower label first among equals."""
    return sorted(range(len(probabilities)), key=lambda label: (-probabilities[label], label))[:5]
