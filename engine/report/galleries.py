"""What runs of a study get wrong, as pictures that stand inside the report."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from engine.data.loading import pictures
from engine.errors import UserError
from engine.evaluation.results import load_results
from engine.report.words import word
from engine.store import Run, Store
from engine.tasks import TASKS

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


PICTURES = 16


@dataclass(frozen=True)
class Gallery:
    title: str
    pictures: tuple[Picture, ...]


def galleries(store: Store, runs: Sequence[Run], language: str) -> list[Gallery]:
    """The pictures that each run got wrong most surely; a run without predictions or pictures has no gallery."""
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
    """The misclassified pictures that a classifier is surest of."""
    results = load_results(store, run)
    rows = results.misclassified("confidence")[:most]
    images = pictures(run.config["dataset"], run.config["data_path"], results.split, results.ids[rows])
    return tuple(Picture(png(_small(Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image))),
                         results.classes[results.targets[row]], results.classes[results.predicted[row]],
                         f"{results.confidence[row]:.0%}")
                 for image, row in zip(images, rows, strict=True))


def _small(picture: Image.Image) -> Image.Image:
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture
