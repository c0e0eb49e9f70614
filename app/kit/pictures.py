"""Pictures as HTML: data URIs, tiles, strips and paginated grids."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from app.kit.address import remember

EXACT = 64
"""Largest side of a picture whose pixels are shown as crisp squares; larger pictures are resampled smoothly."""
Picture = NDArray[np.uint8]
_THUMBNAIL = 112


def data_uri(image: NDArray[np.uint8], side: int = 0) -> str:
    """Encode uint8 [H, W, C] as a data URI; a picture larger than :data:`EXACT` and ``side`` is shrunk to ``side``."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    buffer = io.BytesIO()
    if side and max(picture.size) > max(side, EXACT):
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        picture.save(buffer, "WEBP", quality=88)
        return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    picture.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


@dataclass(frozen=True)
class Tile:
    """A picture with its caption.

    Attributes:
        name, notes: a bold first line and lighter further lines.
        hint: tooltip.
        mark: CSS class.
        shares: fractions that sum to one, drawn as a bar.
        sources: the pictures it was mixed from, drawn small before the lines; surplus ones before the first line.
    """

    image: Picture
    name: str = ""
    notes: tuple[str, ...] = ()
    hint: str = ""
    mark: str = ""
    shares: tuple[float, ...] = ()
    sources: tuple[Picture, ...] = ()


def gallery_html(tiles: Iterable[Tile], *, wide: bool = False) -> str:
    """Return a grid of tiles as HTML; ``wide`` leaves room for longer lines."""
    drawn = [_figure(tile) for tile in tiles]
    return f'<div class="dr-gallery{" dr-wide" if wide else ""}" data-count="{len(drawn)}">{"".join(drawn)}</div>'


def img(image: Picture, hint: str = "") -> str:
    """Return one ``img`` element; large pictures are shrunk, small ones keep their pixels."""
    smooth = ' class="dr-smooth"' if max(image.shape[:2]) > EXACT else ""
    return f'<img{smooth} src="{data_uri(image, _THUMBNAIL)}" alt="{escape(hint)}" title="{escape(hint)}">'


def strip(images: Sequence[Picture], hints: Sequence[str]) -> str:
    """Return one line of pictures as HTML."""
    return f'<div class="dr-strip">{"".join(map(img, images, hints))}</div>'


def _figure(tile: Tile) -> str:
    mark = (f' class="{tile.mark}"' if tile.mark else "") + ' tabindex="0"'
    bar = "".join(f'<i style="width:{100 * share:.1f}%"></i>' for share in tile.shares)
    return (f"<figure{mark}>{img(tile.image, tile.hint or tile.name)}"
            + (f'<i class="dr-share dr-shares">{bar}</i>' if bar else "")
            + f"<figcaption>{_lines(tile)}</figcaption></figure>")


def _lines(tile: Tile) -> str:
    lines = [f"<b>{escape(tile.name)}</b>"] if tile.name else []
    lines += [f"<span>{escape(note)}</span>" for note in tile.notes]
    if not tile.sources or not lines:
        return "".join(lines)
    before = [list(tile.sources[line:line + 1]) for line in range(len(lines))]
    before[0] += tile.sources[len(lines):]
    return "".join(f'<div class="dr-source">{"".join(map(img, images))}{line}</div>'
                   for images, line in zip(before, lines, strict=True))


def page_at(key: str, count: int, size: int, name: str = "page") -> slice:
    """Return the slice of ``count`` pictures on the current page of the pagination with this key.

    ``name`` is what the address calls the page.
    """
    kept, pages = f"{key}_kept", range(1, _pages(count, size) + 1)
    if key in st.session_state:
        st.session_state[kept] = st.session_state[key]
    remember(name, kept, 1, pages)
    page = int(st.session_state[kept])
    return slice((page - 1) * size, page * size)


def turn_pages(key: str, count: int, size: int) -> None:
    """Draw the pagination if there is more than one page."""
    if _pages(count, size) > 1:
        # The pagination always has a default, so that a value set for it would be warned of.
        first = st.session_state.setdefault(f"{key}_first", st.session_state[f"{key}_kept"])
        st.pagination(_pages(count, size), default=min(first, _pages(count, size)), key=key, persist_state="session")


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))
