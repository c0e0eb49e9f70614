"""Pictures as text that goes into a page."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

EXACT = 64
"""Pixels of a side up to which every pixel is kept and shown as a crisp square; larger pictures are photographs."""


def data_uri(image: NDArray[np.uint8], side: int = 0) -> str:
    """uint8 [H, W, C] as a data URI; a picture larger than :data:`EXACT` and ``side`` is shrunk to ``side`` pixels."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    buffer = io.BytesIO()
    if side and max(picture.size) > max(side, EXACT):
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        picture.save(buffer, "WEBP", quality=88)
        return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    picture.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
