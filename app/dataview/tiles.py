"""Pictures in rows and grids, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.pictures import EXACT, data_uri

Picture = NDArray[np.uint8]
_THUMBNAIL = 112


@dataclass(frozen=True)
class Tile:
    """A picture with its caption.

    Attributes:
        name, notes: a bold first line and quieter further ones.
        hint: appears when pointed at.
        mark: a class of the style sheet.
        shares: parts of one, drawn as a bar.
        sources: the pictures it was made of, drawn small, one before each line and what is left over before the first.
    """

    image: Picture
    name: str = ""
    notes: tuple[str, ...] = ()
    hint: str = ""
    mark: str = ""
    shares: tuple[float, ...] = ()
    sources: tuple[Picture, ...] = ()


def gallery_of(tiles: Iterable[Tile], *, wide: bool = False) -> str:
    """A grid of tiles; ``wide`` leaves room for longer lines."""
    drawn = [_figure(tile) for tile in tiles]
    return f'<div class="dr-gallery{" dr-wide" if wide else ""}" data-count="{len(drawn)}">{"".join(drawn)}</div>'


def img(image: Picture, hint: str = "") -> str:
    """One ``img``; photographs are shrunk, small pictures keep their pixels."""
    smooth = ' class="dr-smooth"' if max(image.shape[:2]) > EXACT else ""
    return f'<img{smooth} src="{data_uri(image, _THUMBNAIL)}" alt="{escape(hint)}" title="{escape(hint)}">'


def strip(images: Sequence[Picture], hints: Sequence[str]) -> str:
    """As many pictures as fit into one line."""
    return f'<div class="dr-strip">{"".join(map(img, images, hints))}</div>'


def _figure(tile: Tile) -> str:
    mark = f' class="{tile.mark}"' if tile.mark else ""
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
