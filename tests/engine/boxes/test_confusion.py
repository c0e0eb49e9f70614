from __future__ import annotations

import numpy as np

from engine.boxes.arrays import relabel
from engine.boxes.confusion import confusion, genera
from engine.boxes.curves import rank
from engine.boxes.judging import Kind, judge
from tests.engine.boxes.drawn import CLASSES, drawn_detections, drawn_truth
from tests.engine.boxes.scenes import random_detections, random_truth


def test_the_matrix_as_drawn() -> None:
    found = confusion(judge(drawn_detections(), drawn_truth(), 0.5), 3)
    assert found.counts.tolist() == [[1, 0, 0, 1],
                                     [1, 0, 0, 1],
                                     [0, 0, 0, 0],
                                     [2, 1, 2, 0]]
    assert found.objects.tolist() == [2, 2, 0]
    np.testing.assert_allclose(found.shares, [[.5, 0, 0, .5], [.5, 0, 0, .5], [0] * 4, [.4, .2, .4, 0]])
    assert found.most_confused() == [(1, 0, 1)]


def test_a_cell_is_exactly_what_it_counts() -> None:
    truth = random_truth(pictures=60)
    found = confusion(judge(random_detections(truth), truth, 0.5), 4)
    seen = [found.cell(true, predicted) for true in range(5) for predicted in range(5)]
    assert [len(said) + len(missed) for said, missed in seen] == found.counts.ravel().tolist()
    said, missed = found.cell(2, 3)
    assert (found.judgement.detections.labels[said] == 3).all() and not len(missed)
    said, missed = found.cell(2, 4)
    assert (truth.labels[missed] == 2).all() and not len(said)
    said, _ = found.cell(4, 1)
    assert not np.isin(found.judgement.kinds[said], (Kind.FOUND, Kind.WRONG_CLASS)).any()


def test_columns_count_the_detections_and_the_diagonal_is_recall() -> None:
    truth = random_truth(pictures=60)
    said = random_detections(truth)
    found = confusion(judge(said, truth, 0.5), 4)
    judged = found.judgement.kinds != Kind.NOT_JUDGED
    assert found.counts[:, :4].sum(axis=0).tolist() == np.bincount(said.labels[judged]).tolist()
    recalls = [curve.at(0)[0] for curve in rank(said, truth).curves(4, 0.5)]
    np.testing.assert_allclose(found.shares.diagonal()[:4], recalls)


def test_by_genus_a_wrong_species_is_right() -> None:
    names, of_class = genera(CLASSES)
    assert names == ("Navicula", "Diatoma") and of_class.tolist() == [0, 0, 1]
    found = confusion(judge(relabel(drawn_detections(), of_class), relabel(drawn_truth(), of_class), 0.5), 2)
    assert found.counts.tolist() == [[2, 0, 2], [0, 0, 0], [3, 2, 0]]


def test_a_class_without_a_name_is_its_own_genus() -> None:
    assert genera(["", "a b", "a"])[1].tolist() == [0, 1, 1]
