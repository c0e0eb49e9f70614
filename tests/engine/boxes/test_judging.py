from __future__ import annotations

import numpy as np
import pytest

from engine.boxes.arrays import select
from engine.boxes.judging import Kind, judge
from tests.engine.boxes.drawn import ELSEWHERE, SAID, drawn_detections, drawn_truth
from tests.engine.boxes.scenes import random_detections, random_truth


def test_each_kind_as_drawn() -> None:
    found = judge(drawn_detections(), drawn_truth(), 0.5)
    cases = [*SAID, ELSEWHERE]
    assert [Kind(kind) for kind in found.kinds] == [case[6] for case in cases]
    assert found.objects.tolist() == [case[7] for case in cases]
    np.testing.assert_allclose(found.overlaps, [1, 18 / 22, .95, .4, .4, 1, 0, 0], atol=1e-6)
    assert found.rows_of(Kind.MISSED).tolist() == [2, 4]
    assert found.found.tolist() == [True, False, False, True, False]
    assert found.counts[Kind.GHOST] == 2


def test_a_lower_overlap_lets_misplaced_boxes_find() -> None:
    found = judge(drawn_detections(), drawn_truth(), 0.4)
    assert Kind(found.kinds[3]) is Kind.FOUND
    assert Kind(found.kinds[4]) is Kind.WRONG_CLASS
    assert not found.missed.any()


def test_the_surer_box_finds() -> None:
    said = drawn_detections()
    without_first = select(said, np.arange(1, len(said)))
    assert Kind(judge(without_first, drawn_truth(), 0.5).kinds[0]) is Kind.FOUND


@pytest.mark.parametrize("seed", range(3))
def test_every_object_is_found_once_taken_for_another_or_missed(seed: int) -> None:
    truth = random_truth(seed, pictures=60)
    found = judge(random_detections(truth, seed + 1), truth, 0.5)
    finders = found.objects[found.kinds == Kind.FOUND]
    assert len(np.unique(finders)) == len(finders) > 20
    assert not truth.difficult[finders].any()
    mistaken = np.isin(np.arange(len(truth)), found.objects[found.kinds == Kind.WRONG_CLASS])
    assert (found.found | mistaken | found.missed | truth.difficult).all()
    assert not (found.missed & (found.found | mistaken)).any()
    assert found.missed.any() and mistaken.any()
