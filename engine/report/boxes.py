"""What a detector got wrong, as the parts of pictures around it with what is there and what was said drawn in."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from engine.boxes.arrays import Floats, Ints
from engine.boxes.confusion import BACKGROUND
from engine.boxes.judging import Judgement, Kind
from engine.boxes.matching import NO_MATCH
from engine.data import DetectionDataset, load_detection
from engine.errors import UserError
from engine.evaluation.box_results import best_view, load_detection_results
from engine.report.galleries import SIDE, Picture, png
from engine.store import Run, Store

THERE, SAID = "#2cc08a", "#ff8c2e"
_THICK, _THIN = 4, 2  # so that both are seen where they lie on each other
_FALSE = (Kind.WRONG_CLASS, Kind.BOTH, Kind.GHOST)
_AROUND, _LEAST = 2.0, 32
_Show = Callable[[int, Floats | None, Floats | None], bytes]


def wrong_boxes(store: Store, run: Run, most: int) -> tuple[Picture, ...]:
    """The surest boxes that name what is not there, half of ``most``, and the largest objects that were missed.

    Boxes are those of the score where F1 is highest at an overlap of one half.

    Raises:
        UserError: there are no predictions or pictures, or the data has changed since.
    """
    results = load_detection_results(store, run)
    view = best_view(run, results)
    dataset = load_detection(str(run.config["dataset"]), str(run.config["data_path"]))
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"{run.name}: the files of {dataset.name} have changed since this run")
    show = _shower(dataset, results.evaluation.split, results.predictions.ids)
    judgement = view.judgement
    said = np.flatnonzero(np.isin(judgement.kinds, _FALSE))
    said = said[np.argsort(-judgement.detections.scores[said], kind="stable")]
    missed = judgement.rows_of(Kind.MISSED)[:max(most // 2, most - len(said))]
    return (*(_false(judgement, view.classes, int(row), show) for row in said[:most - len(missed)]),
            *(_missed(judgement, view.classes, int(row), show) for row in missed))


def _false(judgement: Judgement, classes: tuple[str, ...], row: int, show: _Show) -> Picture:
    said, truth, place = judgement.detections, judgement.truth, int(judgement.objects[row])
    there = place != NO_MATCH
    return Picture(show(int(said.picture[row]), truth.boxes[place] if there else None, said.boxes[row]),
                   classes[truth.labels[place]] if there else BACKGROUND, classes[said.labels[row]],
                   f"{said.scores[row]:.0%}")


def _missed(judgement: Judgement, classes: tuple[str, ...], row: int, show: _Show) -> Picture:
    truth = judgement.truth
    return Picture(show(int(truth.picture[row]), truth.boxes[row], None), classes[truth.labels[row]], BACKGROUND, "")


def _shower(dataset: DetectionDataset, split: str, ids: Ints) -> _Show:
    """What draws a picture, by its position in an evaluation, around a box that is there and one that was said."""
    def show(place: int, there: Floats | None, said: Floats | None) -> bytes:
        image = Image.fromarray(dataset.picture(split, int(ids[place])))
        lines = (there, THERE, _THICK), (said, SAID, _THIN)
        drawn = [(box, colour, width) for box, colour, width in lines if box is not None]
        return png(_close(image, drawn))
    return show


def _close(image: Image.Image, drawn: list[tuple[Floats, str, int]]) -> Image.Image:
    """The square around some boxes, as far as the picture reaches, with them drawn in."""
    corners = np.array([box for box, _, _ in drawn])
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    half = max(_AROUND * float((high - low).max()), _LEAST) / 2
    middle = (low + high) / 2
    begin = np.clip(middle - half, 0, image.size)
    size = np.clip(middle + half, 0, image.size) - begin
    scale = SIDE / float(size.max())
    cut = image.resize((max(round(float(size[0]) * scale), 1), max(round(float(size[1]) * scale), 1)),
                       Image.Resampling.BILINEAR, box=(*begin.tolist(), *(begin + size).tolist()))
    pen = ImageDraw.Draw(cut)
    for box, colour, width in drawn:
        pen.rectangle(((box - np.tile(begin, 2)) * scale).tolist(), outline=colour, width=width)
    return cut
