"""Decodes an uploaded picture like a photograph of a run's data, with its own aspect ratio."""

import numpy as np

from engine.config.steps import kept_side
from engine.data.dataset import Pictures
from engine.data.photographs.files import decode_photograph
from engine.data.photographs.source import reduced
from engine.data.readers.picture_files import upright
from engine.data.readers.picture_opening import opened
from engine.errors import UserError
from engine.explain.picture import values_of
from engine.store import Run


def decode_as_photograph(content: bytes, name: str, run: Run, *, invert: bool = False) -> Pictures:
    """Decode a picture as the run reads its files: uint8 [1, H, W, C].

    Args:
        name: its name in errors.
        invert: invert brightness, for data drawn light on dark.

    Raises:
        UserError: it is not a readable picture.
    """
    config = run.config_object()
    try:
        with opened(content) as found:
            width, height = upright(found).size
        sides = reduced(np.array([[height, width]]), kept_side(config))[0].tolist()
        picture = decode_photograph(content, (sides[0], sides[1]), int(run.resolved["channels"]), values_of(run),
                                    config.interpolation)[None]
    except Exception as error:  # Pillow raises almost anything for a damaged file
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None
    return 255 - picture if invert else picture
