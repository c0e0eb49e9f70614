"""Two detectors that differ by chance only: intervals of the difference of their mAP, and how often it is claimed."""

from __future__ import annotations

import os
import tempfile
from functools import partial

import numpy as np

from engine.analysis.box_pairs import compare_boxes
from engine.config import parse_config
from engine.store import Run, Store
from tests.engine.analysis.test_box_pairs import results
from tests.engine.boxes.scenes import random_detections, random_truth
from tests.simulate.scenario import Count, Scenario

_PICTURES, _RESAMPLES = 300, 200


def _run() -> Run:
    """Return a run of a home that is gone already: only its config is read."""
    before = os.environ.get("DARKROOM_HOME")
    with tempfile.TemporaryDirectory() as home:
        os.environ["DARKROOM_HOME"] = home
        try:
            return Store.open().runs.create(parse_config({"dataset": "Scenes"}), environment={}, git_commit=None,
                                            git_dirty=False)
        finally:
            os.environ.pop("DARKROOM_HOME")
            if before is not None:
                os.environ["DARKROOM_HOME"] = before


def _counted(claims: bool, random: np.random.Generator, studies: int) -> Count:
    run, hits = _run(), 0
    for _ in range(studies):
        seeds = random.integers(1 << 31, size=3)
        truth = random_truth(int(seeds[0]), _PICTURES)
        pair = [results(truth, random_detections(truth, int(seed))) for seed in seeds[1:]]
        found = compare_boxes((run, run), pair, _RESAMPLES).map
        hits += found.p < 0.05 if claims else found.low <= 0 <= found.high
    return Count(hits, studies)


SCENARIOS = [
    Scenario(f"the interval of two equal detectors' mAP covers: {_PICTURES} pictures", 0.94, 0.99, 150,
             partial(_counted, False)),
    Scenario(f"a difference of two equal detectors' mAP is claimed: {_PICTURES} pictures", 0.0, 0.055, 150,
             partial(_counted, True))]
