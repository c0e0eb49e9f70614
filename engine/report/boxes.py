"""Errors of a detector as cropped pictures with ground truth and prediction drawn in."""

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

TRUE_COLOUR, PREDICTED_COLOUR = "#2cc08a", "#ff8c2e"
_THICK, _THIN = 4, 2  # so that overlapping boxes are both visible
_FALSE = (Kind.WRONG_CLASS, Kind.BOTH, Kind.GHOST)
_CONTEXT, _MIN_SIDE = 2.0, 32
_Show = Callable[[int, Floats | None, Floats | None], bytes]


def wrong_boxes(store: Store, run: Run, most: int) -> tuple[Picture, ...]:
    """Return the false positives with the highest scores, half of ``most``, and the largest missed objects.

    The score threshold is that of the highest F1 at an IoU of 0.5.

    Raises:
        UserError: predictions or pictures are missing, or the data has changed.
    """
    results = load_detection_results(store, run)
    view = best_view(run, results)
    dataset = load_detection(str(run.config["dataset"]), str(run.config["data_path"]))
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"{run.name}: the files of {dataset.name} have changed since this run")
    show = _make_show(dataset, results.evaluation.split, results.predictions.ids)
    judgement = view.judgement
    false = np.flatnonzero(np.isin(judgement.kinds, _FALSE))
    false = false[np.argsort(-judgement.detections.scores[false], kind="stable")]
    missed = judgement.rows_of(Kind.MISSED)[:max(most // 2, most - len(false))]
    return (*(_false(judgement, view.classes, int(row), show) for row in false[:most - len(missed)]),
            *(_missed(judgement, view.classes, int(row), show) for row in missed))


def _false(judgement: Judgement, classes: tuple[str, ...], row: int, show: _Show) -> Picture:
    detections, truth, place = judgement.detections, judgement.truth, int(judgement.objects[row])
    matched = place != NO_MATCH
    return Picture(show(int(detections.picture[row]), truth.boxes[place] if matched else None, detections.boxes[row]),
                   classes[truth.labels[place]] if matched else BACKGROUND, classes[detections.labels[row]],
                   f"{detections.scores[row]:.0%}")


def _missed(judgement: Judgement, classes: tuple[str, ...], row: int, show: _Show) -> Picture:
    truth = judgement.truth
    return Picture(show(int(truth.picture[row]), truth.boxes[row], None), classes[truth.labels[row]], BACKGROUND, "")


def _make_show(dataset: DetectionDataset, split: str, ids: Ints) -> _Show:
    """Return a function that draws a picture of an evaluation, cropped around a true and a predicted box."""
    def show(place: int, true: Floats | None, predicted: Floats | None) -> bytes:
        image = Image.fromarray(dataset.picture(split, int(ids[place])))
        lines = (true, TRUE_COLOUR, _THICK), (predicted, PREDICTED_COLOUR, _THIN)
        drawn = [(box, colour, width) for box, colour, width in lines if box is not None]
        return png(_crop(image, drawn))
    return show


def _crop(image: Image.Image, drawn: list[tuple[Floats, str, int]]) -> Image.Image:
    """Crop the square around some boxes, clipped to the picture, and draw the boxes."""
    corners = np.array([box for box, _, _ in drawn])
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    half = max(_CONTEXT * float((high - low).max()), _MIN_SIDE) / 2
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
