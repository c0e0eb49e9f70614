from __future__ import annotations

import numpy as np

from engine.boxes.arrays import concat_annotations, concat_detections, select

BOX = np.array([[0, 0, 10, 20]], np.float32)
NONE = np.zeros((0, 4), np.float32)


def test_pictures_without_a_box_keep_their_place() -> None:
    truth = concat_annotations([(NONE, np.zeros(0, np.int64), np.zeros(0, bool)),
                                (BOX.repeat(2, 0), np.array([3, 1]), np.array([False, True])),
                                (NONE, np.zeros(0, np.int64), np.zeros(0, bool))])
    assert truth.pictures == 3
    assert truth.picture.tolist() == [1, 1]
    assert truth.labels[truth.rows_of(1)].tolist() == [3, 1]
    assert truth.labels[truth.rows_of(0)].size == truth.labels[truth.rows_of(2)].size == 0
    assert truth.difficult.tolist() == [False, True]


def test_detections_are_sorted_by_score_within_a_picture() -> None:
    said = concat_detections([(np.concatenate([BOX, BOX + 1, BOX + 2]), np.array([0, 1, 2]), np.array([.2, .9, .9])),
                              (BOX, np.array([5]), np.array([.5]))])
    assert said.labels.tolist() == [1, 2, 0, 5]
    assert said.boxes[:, 0].tolist() == [1, 2, 0, 0]
    assert said.scores.dtype == np.float32


def test_a_split_without_any_box() -> None:
    said = concat_detections([(NONE, np.zeros(0, np.int64), np.zeros(0, np.float32))] * 2)
    assert (len(said), said.pictures, said.boxes.shape) == (0, 2, (0, 4))
    assert concat_detections([]).pictures == 0


def test_chosen_boxes_keep_the_pictures() -> None:
    said = concat_detections([(BOX, np.array([0]), np.array([.5])), (BOX, np.array([1]), np.array([.6]))])
    some = select(said, said.scores > .55)
    assert (some.labels.tolist(), some.picture.tolist(), some.pictures) == ([1], [1], 2)


def test_a_box_without_extent_has_no_area() -> None:
    reversed_box = BOX[:, [2, 3, 0, 1]]
    truth = concat_annotations([(np.concatenate([BOX, reversed_box]), np.array([0, 0]), np.zeros(2, bool))])
    assert truth.areas.tolist() == [200, 0]
