"""A detector's batch: every picture with the boxes that are to be found in it, after all that happens to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.data.batch import Sight, batch_line, seen
from app.kit.boxes import Drawn, Part, hue, named_labels, panes, tiles_of
from app.kit.pictures import data_uri
from engine.data import DetectionDataset

_SIDE = 420


def _read(folder: Path) -> dict[str, Any]:
    with np.load(folder / "pictures.npz") as arrays:
        return {"seen": [arrays[str(place)] for place in range(len(arrays.files))]}


def _show(made: dict[str, Any]) -> None:
    sides = sorted({f"{image.shape[1]} × {image.shape[0]}" for image in made["seen"]})
    shape = f"{len(made['seen'])} of 3 × " + (sides[0] if len(sides) == 1 else f"{sides[0]} and other sizes")
    st.html(batch_line(made, shape))
    st.html(tiles_of(_tile(made, place) for place in range(len(made["seen"]))))


def _tile(made: dict[str, Any], place: int) -> str:
    image, labels = made["seen"][place], made["labels"][place]
    height, width = image.shape[:2]
    drawn = [Drawn(box, made["classes"][label], hue(label))
             for box, label in zip(made["boxes"][place], labels, strict=True)]
    return (f'<figure>{panes(data_uri(image, _SIDE), Part(0, 0, width, height), (drawn,))}<figcaption>'
            f'{named_labels(made["classes"], labels)}<span>{width} × {height} px</span></figcaption></figure>')


_SIGHT = Sight("preview", ("augmentation", "image_size", "batch_size", "empty_pictures", "unreadable",
                                "train_fraction", "seed"), _read, _show)


def pictures(dataset: DetectionDataset, folder: str) -> None:
    """A batch of pictures with the boxes to be found in them."""
    seen(dataset, folder, _SIGHT)
