"""Pictures, or crops of them, with boxes drawn on them."""

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
_CONTEXT, _MIN_SIDE = 1.9, 48
_MAX_NAMES = 4


class Crop(NamedTuple):
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Drawn:
    """A box to draw.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the original picture.
        tooltip: text shown on hover.
        mark: CSS classes.
    """

    box: Sequence[float]
    tooltip: str
    mark: str = ""


def crop_around(boxes: Iterable[Sequence[float]], width: int, height: int) -> Crop:
    """Return the square around some boxes with a margin, clipped to the picture."""
    corners = np.array(list(boxes), dtype=float)
    (left, top), (right, bottom) = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    side = max(_CONTEXT * (right - left), _CONTEXT * (bottom - top), _MIN_SIDE)
    (start, across), (begin, down) = (_within((left + right) / 2, side, width),
                                      _within((top + bottom) / 2, side, height))
    return Crop(start, begin, across, down)


def _within(middle: float, side: float, whole: int) -> tuple[int, int]:
    """Return start and length of an interval around ``middle`` inside the picture."""
    length = min(round(side), whole)
    return round(min(max(middle - length / 2, 0), whole - length)), length


def scaled_crop(image: Picture, crop: Crop, width: int, height: int, side: int) -> str:
    """Return a crop as a data URI, at most ``side`` pixels wide and high.

    Args:
        image: uint8 [H, W, 3], the whole picture at any scale.
        width, height: size of the original picture, in whose pixels the crop is given.
    """
    across, down = image.shape[1] / width, image.shape[0] / height
    box = (crop.left * across, crop.top * down, (crop.left + crop.width) * across, (crop.top + crop.height) * down)
    longest = max(crop.width * across, crop.height * down)
    zoom = min(side / longest, 4.0) if longest else 1.0
    size = max(round((box[2] - box[0]) * zoom), 1), max(round((box[3] - box[1]) * zoom), 1)
    cut = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS, box=box)
    return data_uri(np.asarray(cut), side)


def panes(uri: str, crop: Crop, sides: Iterable[Iterable[Drawn]]) -> str:
    """Return the crop as HTML, once for each set of boxes."""
    drawn = "".join(_pane(crop, boxes) for boxes in sides)
    return f'<div class="dr-panes" style="--picture:url({uri})">{drawn}</div>'


def _pane(crop: Crop, boxes: Iterable[Drawn]) -> str:
    shape = f"aspect-ratio:{crop.width}/{crop.height};" + ("width:100%" if crop.width >= crop.height else "height:100%")
    rectangles = "".join(_rectangle(crop, drawn) for drawn in boxes)
    return f'<div class="dr-pane"><div style="{shape}">{rectangles}</div></div>'


def _rectangle(crop: Crop, drawn: Drawn) -> str:
    """Return a box as an HTML element: pages accept no SVG. Percentages keep lines equally thin at any scale."""
    left, top, right, bottom = (float(edge) for edge in drawn.box)
    across, down = 100 / crop.width, 100 / crop.height
    return (f'<i class="{drawn.mark}" title="{escape(drawn.tooltip)}" style="left:{(left - crop.left) * across:.2f}%;'
            f'top:{(top - crop.top) * down:.2f}%;width:{max(right - left, 0) * across:.2f}%;'
            f'height:{max(bottom - top, 0) * down:.2f}%"></i>')


def tiles_of(drawn: Iterable[str], *, large: bool = False) -> str:
    """Return a grid of tiles as HTML."""
    listed = list(drawn)
    return (f'<div class="dr-boxes dr-single{" dr-whole" if large else ""}" data-count="{len(listed)}">'
            f'{"".join(listed)}</div>')


def tile(dataset: DetectionDataset, split: str, place: int, side: int, *, crop: Crop | None = None,
         focus: Sequence[int] = ()) -> str:
    """Return a picture, or a crop of it, with its annotated boxes; the caption names their classes.

    Args:
        side: largest width and height, in pixels.
        focus: rows of annotated boxes to highlight.
    """
    shown = dataset.split(split)
    height, width = (int(length) for length in shown.sizes[place])
    crop = crop or Crop(0, 0, width, height)
    boxes = shown.written.annotations
    rows = range(*boxes.rows_of(place).indices(len(boxes)))
    drawn = [Drawn(boxes.boxes[row].tolist(), dataset.classes[boxes.labels[row]],
                   _mark(int(boxes.labels[row]), bool(boxes.difficult[row]), row in focus)) for row in rows]
    uri = crop_uri(dataset, split, place, crop, side)
    labels = [int(boxes.labels[row]) for row in rows]
    return (f'<figure data-picture="{split} {place}">{panes(uri, crop, (drawn,))}<figcaption>'
            f'{named_labels(dataset.classes, labels)}<span>{escape(shown.names[place])}</span></figcaption></figure>')


def hue(label: int) -> str:
    """Return the CSS class that gives a class of the data its colour."""
    return f"dr-hue{label % len(PALETTE)}"


def _mark(label: int, difficult: bool, focus: bool) -> str:
    return " ".join([hue(label)] + ["dr-difficult"] * difficult + ["dr-focus"] * focus)


def named_labels(classes: Sequence[str], labels: Sequence[int]) -> str:
    """Return the classes of some boxes with colours and counts as HTML, most frequent first."""
    if not labels:
        return "<span>no box</span>"
    counts = Counter(labels).most_common()
    shown = counts if len(counts) == _MAX_NAMES + 1 else counts[:_MAX_NAMES]
    named = [f'<u class="{hue(label)}"></u>{escape(classes[label])}' + (f" × {count}" if count > 1 else "")
             for label, count in shown]
    return "<br>".join(named) + (f"<br>and {len(counts) - _MAX_NAMES} others" if len(counts) > len(shown) else "")


def crop_uri(dataset: DetectionDataset, split: str, place: int, crop: Crop, side: int) -> str:
    """Return a crop of one picture as a cached data URI, its longer side at most ``side`` pixels."""
    return str(_crop((dataset.fingerprint, split, place), crop, side, dataset))


@st.cache_data(show_spinner=False, max_entries=4000)
def _crop(key: tuple[str, str, int], crop: Crop, side: int, _dataset: DetectionDataset) -> str:
    _, split, place = key
    height, width = (int(length) for length in _dataset.split(split).sizes[place])
    longest = round(max(width, height) * min(2 * side / max(crop.width, crop.height), 1))
    return scaled_crop(_dataset.picture(split, place, longest), crop, width, height, side)
