"""Evaluates checkpoints, at the end of a run or any time later, and stores every prediction."""

from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.errors import UserError
from engine.evaluation.checkpoints import checkpoint_folder, list_checkpoints
from engine.evaluation.conditions import is_requested_test, normalise_conditions, predictions_name, requested_test
from engine.evaluation.requests import moved_data_path, parse_request
from engine.evaluation.results import class_names
from engine.files import sha256_of
from engine.store import Conditions, Evaluation, Run, Store
from engine.tasks import TASKS
from engine.training.checkpoints import load_weights
from engine.training.devices import pick_device
from engine.training.setup import Setup


def evaluate(store: Store, run: Run, setup: Setup) -> dict[str, float]:
    """Evaluate the best checkpoint, else the last, on validation and test, plainly and as the config requests.

    Returns:
        The metrics of the test the config requests.

    Raises:
        UserError: the run has no checkpoint.
    """
    there = list_checkpoints(store.runs.get(run.id))
    which = "best" if "best" in there else "last"
    evaluator = Evaluator(store, store.runs.get(run.id), setup)
    tta, scales = requested_test(run.config_object())
    for split in ("val", "test"):
        evaluator.evaluate(Conditions(which, split))
        found = evaluator.evaluate(Conditions(which, split, tta, scales))
    return found.metrics


class Evaluator:
    """Evaluates checkpoints of one run; model and pictures are loaded once, and only if needed.

    Args:
        moved_to: new place of the run's own pictures; empty: unchanged.
    """

    def __init__(self, store: Store, run: Run, setup: Setup | None = None, moved_to: str = "") -> None:
        self._store, self._run, self._setup, self._config = store, run, setup, run.config_object()
        self._moved_to, self._task = moved_to, TASKS[run.task]
        self._pictures: dict[tuple[str, str, str], Any] = {}
        self._loaded = ""

    def evaluate(self, conditions: Conditions) -> Evaluation:
        """Evaluate under these conditions, or update the stored evaluation.

        Raises:
            UserError: the checkpoint or the pictures are missing, differ from the run's, or must not be mirrored.
        """
        conditions = normalise_conditions(conditions, self._config)
        if conditions.dataset and conditions.split != "test":
            raise UserError(f"split: another data set is evaluated on its test split only; choose test for "
                            f"{conditions.dataset}")
        weights = checkpoint_folder(self._run, conditions.checkpoint)
        path, predictions = self._predictions(conditions, weights)
        self._keep(conditions, weights, path, self._task.figures(self._run, predictions))
        found = self._store.evaluations.find(self._run.id, conditions)
        assert found is not None
        return found

    def _predictions(self, conditions: Conditions, weights: str) -> tuple[Path, Any]:
        """Return the predictions under these conditions, and their file."""
        pictures = self._load_pictures(conditions)
        path = self._run.folder / predictions_name(conditions, weights, pictures.dataset.fingerprint)
        return path, self._load_stored(path) or self._predict(conditions, weights, pictures, path)

    def _keep(self, conditions: Conditions, weights: str, path: Path, metrics: dict[str, float]) -> None:
        """Store the metrics, unless they are stored already."""
        before, digest = self._store.evaluations.find(self._run.id, conditions), sha256_of(path)
        if before and (before.metrics, before.sha256, before.weights) == (metrics, digest, weights):
            return
        self._store.evaluations.put(self._run.id, conditions, metrics, path, digest, weights=weights,
                                    asked=is_requested_test(conditions, self._config))

    def _load_pictures(self, conditions: Conditions) -> Any:
        key = conditions.dataset, conditions.data_path, conditions.split
        if key not in self._pictures:
            self._pictures[key] = self._task.other_pictures(self._run, *key[:2], class_names(self._run)) \
                if conditions.dataset else \
                self._task.own_pictures(self._run, conditions.split, self._dataset, self._moved_to)
        return self._pictures[key]

    def _load_stored(self, path: Path) -> Any:
        """Load stored predictions of these weights and pictures, if an evaluation has the file's checksum; else None.
        """
        checksums = {found.sha256 for found in self._store.evaluations.of(self._run.id) if found.predictions == path}
        if not path.exists() or sha256_of(path) not in checksums:
            return None
        return self._task.load_predictions(path)

    def _predict(self, conditions: Conditions, weights: str, pictures: Any, path: Path) -> Any:
        if self._loaded != weights:
            load_weights(self._run.folder / "checkpoints" / weights, self._model)
            self._loaded = weights
        predictions = self._task.predict(self._run, self._model, pictures, conditions, self._device)
        if self._task.decided:
            predictions = self._task.decided(self._run, predictions, self._validation(conditions, weights, predictions))
        self._task.save_predictions(path, predictions)
        return predictions

    def _validation(self, conditions: Conditions, weights: str, predictions: Any) -> Any:
        """Return the run's validation predictions of the same weights, seen in the same way."""
        if conditions.split == "val":
            return predictions
        validation = replace(conditions, split="val", dataset="", data_path="")
        path, found = self._predictions(validation, weights)
        self._keep(validation, weights, path, self._task.figures(self._run, found))
        return found

    @property
    def _dataset(self) -> Any:
        return self._setup.dataset if self._setup else None

    @cached_property
    def _device(self) -> torch.device:
        return self._setup.device if self._setup else _device_of(self._run)

    @cached_property
    def _model(self) -> nn.Module:
        if self._setup:
            return self._setup.evaluated
        restored: nn.Module = self._task.restored_model(self._run, self._device)
        return restored


def evaluate_request(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``evaluate`` for ``run``, an id; other keys as in :func:`engine.evaluation.requests.parse_request`. Every
    evaluation is stored at once, so that pages show them one by one."""
    store = Store.open()
    run = store.runs.get(int(request["run"]))
    evaluator = Evaluator(store, run, moved_to=moved_data_path(request))
    return {"evaluations": [asdict(evaluator.evaluate(conditions).conditions) for conditions in
                            parse_request(run, request)]}


def _device_of(run: Run) -> torch.device:
    """Return the run's device if this machine has it, else the default device."""
    try:
        return pick_device(run.config_object().device)
    except UserError:
        return pick_device("auto")
