"""Pictures with their boxes drawn, each class in its colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from app.colours import PALETTE
from app.detected.scene import Drawn, Part, panes, scaled_part
from engine.data import DetectionDataset

_NAMED = 4


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
    rows = range(*boxes.of(place).indices(len(boxes)))
    drawn = [Drawn(boxes.boxes[row].tolist(), dataset.classes[boxes.labels[row]],
                   _mark(int(boxes.labels[row]), bool(boxes.difficult[row]), row in focus)) for row in rows]
    uri = _part((dataset.fingerprint, split, place), part, side, dataset)
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


@st.cache_data(show_spinner=False, max_entries=4000)
def _part(key: tuple[str, str, int], part: Part, side: int, _dataset: DetectionDataset) -> str:
    _, split, place = key
    height, width = (int(length) for length in _dataset.split(split).sizes[place])
    longest = round(max(width, height) * min(2 * side / max(part.width, part.height), 1))
    return scaled_part(_dataset.picture(split, place, longest), part, width, height, side)
