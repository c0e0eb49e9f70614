"""Pictures, or parts of them, with boxes drawn on them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from app.kit.looks import PALETTE
from app.kit.pictures import data_uri
from engine.data import DetectionDataset

Picture = NDArray[np.uint8]
_AROUND, _LEAST = 1.9, 48
_NAMED = 4


class Part(NamedTuple):
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Drawn:
    """A box as it is drawn.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the original picture.
        told: what pointing at it says.
        mark: classes of the style sheet.
    """

    box: Sequence[float]
    told: str
    mark: str = ""


def around(boxes: Iterable[Sequence[float]], width: int, height: int) -> Part:
    """The square around some boxes with room beside them, as far as the picture reaches."""
    corners = np.array(list(boxes), dtype=float)
    (left, top), (right, bottom) = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    side = max(_AROUND * (right - left), _AROUND * (bottom - top), _LEAST)
    (start, across), (begin, down) = (_within((left + right) / 2, side, width),
                                      _within((top + bottom) / 2, side, height))
    return Part(start, begin, across, down)


def _within(middle: float, side: float, whole: int) -> tuple[int, int]:
    """Start and length of a stretch around ``middle`` that lies inside the picture."""
    length = min(round(side), whole)
    return round(min(max(middle - length / 2, 0), whole - length)), length


def scaled_part(image: Picture, part: Part, width: int, height: int, side: int) -> str:
    """A part of a picture as a data URI, ``side`` pixels at most.

    Args:
        image: uint8 [H, W, 3], the whole picture at any scale.
        width, height: of the original, in whose pixels the part is.
    """
    across, down = image.shape[1] / width, image.shape[0] / height
    box = (part.left * across, part.top * down, (part.left + part.width) * across, (part.top + part.height) * down)
    longest = max(part.width * across, part.height * down)
    zoom = min(side / longest, 4.0) if longest else 1.0
    size = max(round((box[2] - box[0]) * zoom), 1), max(round((box[3] - box[1]) * zoom), 1)
    cut = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS, box=box)
    return data_uri(np.asarray(cut), side)


def panes(uri: str, part: Part, sides: Iterable[Iterable[Drawn]]) -> str:
    """The part of a picture once for each side, each with its boxes."""
    drawn = "".join(_pane(part, boxes) for boxes in sides)
    return f'<div class="dr-panes" style="--picture:url({uri})">{drawn}</div>'


def _pane(part: Part, boxes: Iterable[Drawn]) -> str:
    shape = f"aspect-ratio:{part.width}/{part.height};" + ("width:100%" if part.width >= part.height else "height:100%")
    rectangles = "".join(_rectangle(part, drawn) for drawn in boxes)
    return f'<div class="dr-pane"><div style="{shape}">{rectangles}</div></div>'


def _rectangle(part: Part, drawn: Drawn) -> str:
    """An element, for the page takes no SVG; in shares of the part, so that lines are equally thin at any scale."""
    left, top, right, bottom = (float(edge) for edge in drawn.box)
    across, down = 100 / part.width, 100 / part.height
    return (f'<i class="{drawn.mark}" title="{escape(drawn.told)}" style="left:{(left - part.left) * across:.2f}%;'
            f'top:{(top - part.top) * down:.2f}%;width:{max(right - left, 0) * across:.2f}%;'
            f'height:{max(bottom - top, 0) * down:.2f}%"></i>')


def tiles_of(drawn: Iterable[str], *, large: bool = False) -> str:
    """A grid of tiles."""
    listed = list(drawn)
    return (f'<div class="dr-boxes dr-single{" dr-whole" if large else ""}" data-count="{len(listed)}">'
            f'{"".join(listed)}</div>')


def tile(dataset: DetectionDataset, split: str, place: int, side: int, *, part: Part | None = None,
         focus: Sequence[int] = ()) -> str:
    """A picture, or a part of it, with the boxes that are written of it; the caption names their classes.

    Args:
        side: of the picture, in pixels at most.
        focus: rows of written boxes that stand out.
    """
    shown = dataset.split(split)
    height, width = (int(length) for length in shown.sizes[place])
    part = part or Part(0, 0, width, height)
    boxes = shown.written.annotations
    rows = range(*boxes.rows_of(place).indices(len(boxes)))
    drawn = [Drawn(boxes.boxes[row].tolist(), dataset.classes[boxes.labels[row]],
                   _mark(int(boxes.labels[row]), bool(boxes.difficult[row]), row in focus)) for row in rows]
    uri = part_of(dataset, split, place, part, side)
    labels = [int(boxes.labels[row]) for row in rows]
    return (f'<figure data-picture="{split} {place}">{panes(uri, part, (drawn,))}<figcaption>'
            f'{named_labels(dataset.classes, labels)}<span>{escape(shown.names[place])}</span></figcaption></figure>')


def hue(label: int) -> str:
    """A class of the style sheet that gives a class of the data its colour."""
    return f"dr-hue{label % len(PALETTE)}"


def _mark(label: int, difficult: bool, focus: bool) -> str:
    return " ".join([hue(label)] + ["dr-difficult"] * difficult + ["dr-focus"] * focus)


def named_labels(classes: Sequence[str], labels: Sequence[int]) -> str:
    """The classes of some boxes with their colours and numbers, the most frequent first, as HTML."""
    if not labels:
        return "<span>no box</span>"
    counts = Counter(labels).most_common()
    shown = counts if len(counts) == _NAMED + 1 else counts[:_NAMED]
    named = [f'<u class="{hue(label)}"></u>{escape(classes[label])}' + (f" × {count}" if count > 1 else "")
             for label, count in shown]
    return "<br>".join(named) + (f"<br>and {len(counts) - _NAMED} others" if len(counts) > len(shown) else "")


def part_of(dataset: DetectionDataset, split: str, place: int, part: Part, side: int) -> str:
    """A part of one picture as a data URI, its longer side ``side`` pixels at most."""
    return str(_part((dataset.fingerprint, split, place), part, side, dataset))


@st.cache_data(show_spinner=False, max_entries=4000)
def _part(key: tuple[str, str, int], part: Part, side: int, _dataset: DetectionDataset) -> str:
    _, split, place = key
    height, width = (int(length) for length in _dataset.split(split).sizes[place])
    longest = round(max(width, height) * min(2 * side / max(part.width, part.height), 1))
    return scaled_part(_dataset.picture(split, place, longest), part, width, height, side)
