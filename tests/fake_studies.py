"""Finished runs of a study without training: of Digits' test pictures as many are wrong as a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.data import load_dataset
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.predictions import save_predictions
from engine.store import Recorder, Run, Store
from engine.study.configs import cell_config
from engine.study.factors import CellKey
from engine.study.study import Study


def run_all(store: Store, study: Study, wrong: Mapping[CellKey, Sequence[int]]) -> list[Run]:
    """A finished run for each cell and each of its first seeds, with so many of 360 pictures wrong."""
    return [add_tested(store, study, cell, seed, count) for cell, counts in wrong.items()
            for seed, count in zip(study.seeds, counts, strict=False)]


def add_tested(store: Store, study: Study, cell: CellKey, seed: int, wrong: int) -> Run:
    """A finished run with curves and test predictions; its first ``wrong`` pictures are taken for the next class."""
    run = store.runs.create(cell_config(study, cell, seed), status="finished", environment={"torch": "9.9"},
                            git_commit="abcdef0123456", git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        for epoch in (1, 2):
            recorder.log(5 * epoch, {"train_loss": 1 / epoch, "val_accuracy": 0.9 + epoch / 100}, epoch)
    store.runs.update(run.id, steps_per_epoch=5, trained_seconds=61.0)
    targets = np.asarray(load_dataset("Digits").test_targets)
    logits = np.zeros((len(targets), 10), np.float32)
    logits[np.arange(len(targets)), (targets + (np.arange(len(targets)) < wrong)) % 10] = 5
    predictions = Predictions(np.arange(len(targets)), targets, logits)
    path = run.folder / "best.npz"
    store.evaluations.add(run.id, "best", "test", summary(predictions), path, save_predictions(path, predictions))
    return store.runs.get(run.id)
