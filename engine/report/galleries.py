"""What runs of a study get wrong, as pictures that stand inside the report."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.loading import pictures
from engine.errors import UserError
from engine.evaluation.results import Results, load_results
from engine.report.words import word
from engine.store import Run, Store

PICTURES = 16
_SIDE = 160


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


@dataclass(frozen=True)
class Gallery:
    title: str
    pictures: tuple[Picture, ...]


def galleries(store: Store, runs: Sequence[Run], language: str) -> list[Gallery]:
    """The pictures that each run got wrong most surely; a run without predictions or pictures has no gallery."""
    found = []
    for run in runs:
        try:
            shown = _wrong(run, load_results(store, run))
        except UserError:
            continue
        if shown:
            found.append(Gallery(word("errors_note", language, name=run.name, run=run.id), shown))
    return found


def _wrong(run: Run, results: Results) -> tuple[Picture, ...]:
    rows = results.misclassified("confidence")[:PICTURES]
    images = pictures(run.config["dataset"], run.config["data_path"], results.split, results.ids[rows])
    return tuple(Picture(_png(image), results.classes[results.targets[row]], results.classes[results.predicted[row]],
                         f"{results.confidence[row]:.0%}")
                 for image, row in zip(images, rows, strict=True))


def _png(image: NDArray[np.uint8]) -> bytes:
    """uint8 [H, W, C] as a PNG, made smaller where a report needs no more."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
