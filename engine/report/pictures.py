"""A picture that a report shows, with what is said below it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image

SIDE = 160
"""Longer side in pixels; a report needs no more."""


@dataclass(frozen=True)
class Picture:
    """A picture's PNG, its true class, what it was taken for, and with which confidence, in words."""

    content: bytes
    true: str
    predicted: str
    sure: str

    @property
    def uri(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.content).decode()}"


def png(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
