"""Statistics of a data set's boxes: classes, sizes, shapes and places."""

from typing import Any

import numpy as np

from engine.boxes.arrays import Floats, Ints
from engine.data.audits.suspects import suspect_to_dict, suspects
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset

MAP_COLUMNS, MAP_ROWS = 48, 36  # of the grid in :func:`coverage`


def counts(split: AnnotatedSplit, classes: int) -> tuple[Ints, Ints]:
    """Return the boxes of each class, and the pictures that show it: int64 [classes] each."""
    boxes = split.annotations
    pairs = np.unique(np.stack([boxes.picture, boxes.labels]), axis=1)
    return np.bincount(boxes.labels, minlength=classes), np.bincount(pairs[1], minlength=classes)


def objects_per_picture(split: AnnotatedSplit) -> Ints:
    """Return the number of boxes in each picture: int64 [N]."""
    return np.bincount(split.annotations.picture, minlength=len(split)).astype(np.int64)


def aspect_ratios(split: AnnotatedSplit) -> Floats:
    """Return each box's width over its height: float32 [M]."""
    boxes = split.annotations.boxes
    ratios: Floats = (boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1])
    return ratios


def coverage(split: AnnotatedSplit, label: int | None = None) -> Floats:
    """Return how many boxes cover each cell of a grid over all pictures: float32 [rows, columns].

    Args:
        label: count only this class.
    """
    boxes = split.annotations
    chosen = np.ones(len(boxes), bool) if label is None else boxes.labels == label
    sides = split.sizes[boxes.picture[chosen]][:, [1, 0, 1, 0]]
    cells = boxes.boxes[chosen] / sides * (MAP_COLUMNS, MAP_ROWS, MAP_COLUMNS, MAP_ROWS)
    first, last = np.floor(cells[:, :2] + 1e-6).astype(int), np.ceil(cells[:, 2:] - 1e-6).astype(int)
    steps = np.zeros((MAP_ROWS + 1, MAP_COLUMNS + 1))
    # A two-dimensional difference array: its cumulative sums along both axes are the counts.
    for rows, columns, step in ((first[:, 1], first[:, 0], 1), (last[:, 1], last[:, 0], 1),
                                (first[:, 1], last[:, 0], -1), (last[:, 1], first[:, 0], -1)):
        np.add.at(steps, (rows, columns), step)
    found: Floats = steps.cumsum(0).cumsum(1)[:MAP_ROWS, :MAP_COLUMNS].astype(np.float32)
    return found


def report(dataset: DetectionDataset) -> dict[str, Any]:
    """Return the statistics as plain data: boxes and pictures per class and split, sizes, and suspected mistakes."""
    splits = {"train": dataset.train, "test": dataset.test}
    by_class = {split: counts(part, len(dataset.classes)) for split, part in splits.items()}
    return {
        "dataset": dataset.name, "train": len(dataset.train), "test": len(dataset.test),
        "classes": list(dataset.classes), "fingerprint": dataset.fingerprint, "mean": list(dataset.mean),
        "std": list(dataset.std),
        "boxes": {split: len(part.annotations) for split, part in splits.items()},
        "boxes_by_class": {split: boxes.tolist() for split, (boxes, _) in by_class.items()},
        "pictures_by_class": {split: pictures.tolist() for split, (_, pictures) in by_class.items()},
        "without_boxes": {split: int(part.without_boxes.sum()) for split, part in splits.items()},
        "objects_per_picture": {split: float(objects_per_picture(part).mean()) for split, part in splits.items()},
        "picture_sizes": [{"width": int(width), "height": int(height), "pictures": int(count)}
                          for (height, width), count in picture_sizes(dataset)],
        "box_area": _five_number_summary(np.concatenate([part.annotations.areas for part in splits.values()])),
        "aspect_ratio": _five_number_summary(np.concatenate([aspect_ratios(part) for part in splits.values()])),
        "suspects": [suspect_to_dict(dataset, each) for each in suspects(dataset)],
    }


def picture_sizes(dataset: DetectionDataset) -> list[tuple[tuple[int, int], int]]:
    """Return each (height, width) with its number of pictures, most frequent first."""
    sizes, numbers = np.unique(np.concatenate((dataset.train.sizes, dataset.test.sizes)), axis=0, return_counts=True)
    order = np.argsort(-numbers, kind="stable")
    return [((int(sizes[place, 0]), int(sizes[place, 1])), int(numbers[place])) for place in order]


def _five_number_summary(values: Floats) -> dict[str, float]:
    if not len(values):
        return {}
    return dict(zip(("least", "lower", "median", "upper", "most"),
                    map(float, np.quantile(values, (0, 0.25, 0.5, 0.75, 1))), strict=True))
