"""What ``evaluate`` tells of a detector."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from engine.boxes.predictions import BoxPredictions, save_predictions
from engine.cli.evaluations import DETECTION
from engine.config import parse_config
from engine.store import Conditions, Store
from tests.engine.boxes.drawn import CLASSES, drawn_detections, drawn_truth


def test_a_detectors_figures_as_a_line_and_as_json(home: Path) -> None:
    store = Store.open()
    run = store.runs.create(parse_config({"dataset": "Scenes"}), environment={}, git_commit=None, git_dirty=False)
    path = run.folder / "predictions-best-test.npz"
    drawn = BoxPredictions(np.arange(2), drawn_truth(), drawn_detections())
    store.evaluations.add(run.id, "best", "test", {"map": 0.25, "map50": 0.5, "map_large": math.nan}, path,
                          save_predictions(path, drawn))
    store.runs.update(run.id, resolved={"class_names": CLASSES})
    run = store.runs.get(run.id)
    told = DETECTION
    results = told.load(store, run, Conditions())
    row = dict(zip(told.columns, told.row(results), strict=True))
    assert row["pictures"] == "2 test"
    assert (row["mAP"], row["mAP@50"], row["large"]) == ("25.00 %", "50.00 %", "–")
    assert "F1 is highest at score 0.90, with precision 100.00 % of 1 boxes and recall 25.00 % of 4 objects" \
        in told.lines(store, run, results)[0]
    document = json.loads(json.dumps(told.document(store, run, results), allow_nan=False))
    assert document["metrics"]["map_large"] is None
    assert document["at_best_f1"]["recall"] == 0.25
    assert document["errors"]["missed"] == 3
    assert [row["name"] for row in document["per_class"]] == list(CLASSES)
