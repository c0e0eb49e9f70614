"""Opening picture files within limits, and telling a broken picture from a machine that is short of something."""

import contextlib
import errno
import functools
import io
import threading
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from engine.errors import UserError

MOST_PIXELS = 178_956_970
"""Pillow's own bound; what is larger is more likely an attack than a photograph."""

_LARGE_FROM = 16_000_000
_SCARCE = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EAGAIN, errno.ENOBUFS})
_one_large_at_a_time = threading.Lock()
Image.MAX_IMAGE_PIXELS = None  # checked here, in one way: Pillow warns on stderr between its bound and half of it


HEIF = frozenset({".heic", ".heif", ".hif"})
"""Suffixes of photographs that are read where the package pillow-heif is installed."""


@functools.cache
def has_heif() -> bool:
    """Whether the package pillow-heif is installed; Pillow knows of it from then on."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


@contextlib.contextmanager
def opened(content: bytes) -> Iterator[Image.Image]:
    """A picture file's content, opened. Of large pictures one is open at a time, because each takes gigabytes.

    Raises:
        ValueError: it has too many pixels.
        Exception: almost any kind, as Pillow's plug-ins do, when it is no picture.
    """
    with Image.open(io.BytesIO(content)) as picture:
        pixels = picture.width * picture.height
        if pixels > MOST_PIXELS:
            raise ValueError(f"{pixels / 1e6:,.0f} million pixels are more than {MOST_PIXELS / 1e6:,.0f} million")
        with _one_large_at_a_time if pixels > _LARGE_FROM else contextlib.nullcontext():
            yield picture


def check_resources(error: Exception, file: Path) -> None:
    """Refuse to go on where reading failed for lack of memory or open files: the picture may be sound.

    Raises:
        UserError: it did.
    """
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in _SCARCE or "memory" in str(error).lower():
        raise UserError(f"{file}: could not be read for lack of resources ({error or 'out of memory'}); the picture "
                        "may be sound, so it is not left out: free memory and try again") from error
