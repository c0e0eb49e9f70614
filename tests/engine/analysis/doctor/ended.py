"""Ended runs with the curves and test predictions that a test asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config import with_name
from engine.config.parse import parse_options
from engine.evaluation.metrics import Predictions, figures_of_task, summary
from engine.evaluation.predictions import save_predictions
from engine.labels.predictions import LabelPredictions
from engine.labels.predictions import save_predictions as save_label_predictions
from engine.store import Recorder, Run, Store

PICTURES, CLASSES = 1000, 10


def ended_run(store: Store, curves: Mapping[str, Sequence[float]] | None = None, *, accuracy: float | None = None,
              predicted: NDArray[np.int64] | None = None, status: str = "finished", fingerprint: str = "same",
              epochs: int = 0, true: NDArray[np.int64] | None = None, **options: Any) -> Run:
    """A run that has recorded each curve, a value a step, and was tested on pictures of these true classes.

    Without them, on 1,000 pictures of ten classes.
    """
    curves, true = curves or {}, targets() if true is None else true
    limit = options.pop("limit", 0) or epochs or max(map(len, curves.values()), default=1)
    run = store.runs.create(with_name(parse_options({"epochs": limit, **options})), status=status, environment={},
                            git_commit=None, git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        for step in range(max(map(len, curves.values()), default=0)):
            values = {name: float(curve[step]) for name, curve in curves.items() if step < len(curve)}
            recorder.log(step + 1, values, step + 1)
    store.runs.update(run.id, dataset_fingerprint=fingerprint, epoch=epochs or limit,
                      resolved={"test_pictures": len(true), "val_pictures": 500, "classes": CLASSES})
    if accuracy is not None:
        predicted = true.copy()
        wrong = round((1 - accuracy) * len(true))
        predicted[:wrong] = (predicted[:wrong] + 1) % CLASSES
    if predicted is not None:
        _test(store, run, predicted, true)
    return store.runs.get(run.id)


def targets() -> NDArray[np.int64]:
    return np.arange(PICTURES) % CLASSES


def _test(store: Store, run: Run, predicted: NDArray[np.int64], true: NDArray[np.int64]) -> None:
    logits = np.zeros((len(true), CLASSES), np.float32)
    logits[np.arange(len(true)), predicted] = 5
    predictions = Predictions(np.arange(len(true)), true, logits)
    path = run.folder / "predictions-best-test.npz"
    store.evaluations.add(run.id, "best", "test", summary(predictions), path, save_predictions(path, predictions))


def labels_run(store: Store, signal: float, thresholds: Sequence[float], validated: int) -> Run:
    """A run for three classes whose logits have so much signal, evaluated on 600 pictures for validation and test.

    Args:
        validated: validation pictures with the last class, which are predicted for sure.
    """
    run = store.runs.create(with_name(parse_options({"dataset": "DigitGroups", "epochs": 1})), status="finished",
                            environment={}, git_commit=None, git_dirty=False)
    store.runs.update(run.id, epoch=1, resolved={"class_names": ["a", "b", "c"], "classes": 3})
    run = store.runs.get(run.id)
    for seed, split in enumerate(("val", "test")):
        random = np.random.default_rng(seed)
        targets = (random.random((600, 3)) < (0.5, 0.3, 0.2)).astype(np.int64)
        logits = (signal * (2 * targets - 1) + random.standard_normal((600, 3))).astype(np.float32)
        if split == "val":
            targets[:, 2], logits[:, 2] = np.arange(600) < validated, np.where(np.arange(600) < validated, 9, -9)
        found = LabelPredictions(np.arange(600), targets, logits, np.array(thresholds))
        path = run.folder / f"predictions-best-{split}.npz"
        store.evaluations.add(run.id, "best", split, figures_of_task(run, found), path,
                              save_label_predictions(path, found))
    return store.runs.get(run.id)
