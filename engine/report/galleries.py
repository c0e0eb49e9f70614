"""Galleries of wrong predictions, as inline pictures."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.loading import pictures
from engine.errors import UserError
from engine.evaluation.label_results import load_label_results
from engine.evaluation.results import load_results
from engine.labels.targets import place_texts
from engine.report.words import word
from engine.store import Run, Store
from engine.tasks import TASKS

SIDE = 160
"""Longer side of a picture in the report, in pixels."""


@dataclass(frozen=True)
class Picture:
    """A picture as PNG with its true class, predicted class, and confidence as text."""

    content: bytes
    true: str
    predicted: str
    confidence: str

    @property
    def uri(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.content).decode()}"


def png(picture: Image.Image) -> bytes:
    """Encode the picture as PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


PICTURES = 16


@dataclass(frozen=True)
class Gallery:
    title: str
    pictures: tuple[Picture, ...]


def galleries(store: Store, runs: Sequence[Run], language: str) -> list[Gallery]:
    """Return the wrong predictions with the highest confidence for each run with predictions and pictures."""
    found = []
    for run in runs:
        task = TASKS[run.task]
        try:
            shown = task.gallery(store, run, PICTURES)
        except UserError:
            continue
        if shown:
            found.append(Gallery(word(task.gallery_note, language, name=run.name, run=run.id), shown))
    return found


def wrong_pictures(store: Store, run: Run, most: int) -> tuple[Picture, ...]:
    """Return the misclassified pictures with the highest confidence."""
    results = load_results(store, run)
    rows = results.misclassified("confidence")[:most]
    return tuple(Picture(image, results.classes[results.targets[row]], results.classes[results.predicted[row]],
                         f"{results.confidence[row]:.0%}")
                 for image, row in zip(_images(run, results.split, results.ids[rows]), rows, strict=True))


def wrong_labels(store: Store, run: Run, most: int) -> tuple[Picture, ...]:
    """Return the pictures with the highest loss of which a class is missed or added."""
    results = load_label_results(store, run)
    found, rows = results.predictions, results.wrong()[:most]
    true, predicted = (place_texts(labels, results.classes) for labels in (
        found.targets[rows], found.predicted[rows].astype(np.int64)))
    return tuple(Picture(image, there, said, f"{loss:.2f}") for image, there, said, loss in zip(
        _images(run, results.split, found.ids[rows]), true, predicted, found.losses[rows], strict=True))


def _images(run: Run, split: str, ids: NDArray[np.int64]) -> list[bytes]:
    """Return pictures of a run's data as PNG."""
    return [png(_small(Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)))
            for image in pictures(run.config["dataset"], run.config["data_path"], split, ids)]


def _small(picture: Image.Image) -> Image.Image:
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture
