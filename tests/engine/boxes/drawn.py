"""A scene whose answers are seen at a glance: one case of everything that can become of a detection."""

from __future__ import annotations

import numpy as np

from engine.boxes.arrays import Annotations, Detections, concat_annotations, concat_detections
from engine.boxes.judging import Kind

CLASSES = ("Navicula lanceolata", "Navicula cryptotenella", "Diatoma mesodon")

# x1, y1, x2, y2, label, difficult; the second picture has nothing in it.
OBJECTS = ((0, 0, 20, 20, 0, False), (50, 0, 70, 20, 1, False), (0, 50, 20, 70, 0, False), (50, 50, 70, 70, 1, True),
           (80, 80, 100, 100, 1, False))

# x1, y1, x2, y2, label, score, what it is, which object it is about.
SAID = ((0, 0, 20, 20, 0, .9, Kind.FOUND, 0), (0, 2, 20, 22, 0, .8, Kind.DUPLICATE, 0),
        (50, 0, 70, 19, 0, .7, Kind.WRONG_CLASS, 1), (0, 50, 20, 58, 0, .6, Kind.MISPLACED, 2),
        (80, 80, 100, 88, 2, .5, Kind.BOTH, 4), (50, 50, 70, 70, 1, .4, Kind.NOT_JUDGED, 3),
        (30, 30, 40, 40, 2, .3, Kind.GHOST, -1))
ELSEWHERE = (5, 5, 15, 15, 1, .2, Kind.GHOST, -1)


def drawn_truth() -> Annotations:
    rows = np.array(OBJECTS)
    return concat_annotations([(rows[:, :4].astype(np.float32), rows[:, 4].astype(np.int64), rows[:, 5].astype(bool)),
                               (np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool))])


def drawn_detections() -> Detections:
    return concat_detections((np.array([row[:4] for row in rows], np.float32), np.array([row[4] for row in rows]),
                              np.array([row[5] for row in rows], np.float32)) for rows in (SAID, (ELSEWHERE,)))
