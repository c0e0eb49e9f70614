"""Evaluating checkpoints, during a run's end or any time later, and keeping every prediction."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.errors import UserError
from engine.evaluation.checkpoints import checkpoint_folder, kept_checkpoints
from engine.evaluation.conditions import asked, in_normal_form, is_asked, predictions_name
from engine.evaluation.requests import place_of_own, requested
from engine.evaluation.restored import device_of
from engine.evaluation.results import class_names
from engine.store import Conditions, Evaluation, Run, Store
from engine.tasks import TASKS
from engine.training.checkpoints import load_weights
from engine.training.setup import Setup


def evaluate(store: Store, run: Run, setup: Setup) -> dict[str, float]:
    """Validate and test the best checkpoint, else the last, plainly and as the config asks for.

    Returns:
        The figures of the test the config asks for.

    Raises:
        UserError: the run has no checkpoint.
    """
    there = kept_checkpoints(store.runs.get(run.id))
    which = "best" if "best" in there else "last"
    evaluator = Evaluator(store, store.runs.get(run.id), setup)
    tta, scales = asked(run.config_object())
    for split in ("val", "test"):
        evaluator.evaluate(Conditions(which, split))
        found = evaluator.evaluate(Conditions(which, split, tta, scales))
    return found.metrics


def evaluate_checkpoint(
    store: Store, run: Run, setup: Setup | None, checkpoint: str = "best", split: str = "test", *, tta: str = "none",
    scales: Sequence[int] = (), dataset: str = "", data_path: str = "",
) -> dict[str, float]:
    """The figures of a checkpoint on a split; its predictions are made and stored unless they are stored already.

    Args:
        setup: of the trainer that has just trained the run; None: the model is built anew.
        checkpoint: ``best``, ``last``, or ``epoch-0003``.
        split: ``test`` or ``val``; another data set has only ``test``.
        tta, scales: what the softmax is averaged over, see :func:`engine.data.views.views`.
        dataset, data_path: another data set whose classes have the same names; empty: the run's own.

    Raises:
        UserError: the checkpoint or the pictures are not there, are others than the run's, or must not be mirrored.
    """
    conditions = Conditions(checkpoint, split, tta, tuple(scales), dataset, data_path)
    return Evaluator(store, run, setup).evaluate(conditions).metrics


class Evaluator:
    """Evaluates checkpoints of one run; model and pictures are made once, and only if something is not stored yet.

    Args:
        moved_to: where the run's own pictures are now; empty: where they were.
    """

    def __init__(self, store: Store, run: Run, setup: Setup | None = None, moved_to: str = "") -> None:
        self._store, self._run, self._setup, self._config = store, run, setup, run.config_object()
        self._moved_to, self._task = moved_to, TASKS[run.task]
        self._pictures: dict[tuple[str, str, str], Any] = {}
        self._loaded = ""

    def evaluate(self, conditions: Conditions) -> Evaluation:
        """Evaluate under these conditions, or bring what is stored up to date.

        Raises:
            UserError: as :func:`evaluate_checkpoint`.
        """
        conditions = in_normal_form(conditions, self._config)
        if conditions.dataset and conditions.split != "test":
            raise UserError(f"split: {conditions.dataset} is looked at for its test pictures only")
        weights = checkpoint_folder(self._run, conditions.checkpoint)
        pictures = self._looked(conditions)
        fingerprint = pictures.dataset.fingerprint
        path = self._run.folder / predictions_name(conditions, weights, fingerprint)
        predictions = self._stored(path) or self._predicted(conditions, weights, pictures, path)
        self._keep(conditions, weights, path, self._task.figures(self._run, predictions))
        found = self._store.evaluations.find(self._run.id, conditions)
        assert found is not None
        return found

    def _keep(self, conditions: Conditions, weights: str, path: Path, metrics: dict[str, float]) -> None:
        """Store the figures, unless the very same are stored."""
        before, digest = self._store.evaluations.find(self._run.id, conditions), _sha256(path)
        if before and (before.metrics, before.sha256, before.weights) == (metrics, digest, weights):
            return
        self._store.evaluations.put(self._run.id, conditions, metrics, path, digest, weights=weights,
                                    asked=is_asked(conditions, self._config))

    def _looked(self, conditions: Conditions) -> Any:
        key = conditions.dataset, conditions.data_path, conditions.split
        if key not in self._pictures:
            self._pictures[key] = self._task.other_pictures(self._run, *key[:2], class_names(self._run)) \
                if conditions.dataset else \
                self._task.own_pictures(self._run, conditions.split, self._dataset, self._moved_to)
        return self._pictures[key]

    def _stored(self, path: Path) -> Any:
        """What these weights said of these pictures before, if a row vouches for the file; else None."""
        vouched = {found.sha256 for found in self._store.evaluations.of(self._run.id) if found.predictions == path}
        if not path.exists() or _sha256(path) not in vouched:
            return None
        return self._task.load_predictions(path)

    def _predicted(self, conditions: Conditions, weights: str, pictures: Any, path: Path) -> Any:
        if self._loaded != weights:
            load_weights(self._run.folder / "checkpoints" / weights, self._model)
            self._loaded = weights
        predictions = self._task.predict(self._run, self._model, pictures, conditions, self._device)
        self._task.save_predictions(path, predictions)
        return predictions

    @property
    def _dataset(self) -> Any:
        return self._setup.dataset if self._setup else None

    @cached_property
    def _device(self) -> torch.device:
        return self._setup.device if self._setup else device_of(self._run)

    @cached_property
    def _model(self) -> nn.Module:
        if self._setup:
            return self._setup.evaluated
        restored: nn.Module = self._task.restored_model(self._run, self._device)
        return restored


def evaluate_request(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``evaluate``: of ``run``, an id, everything :func:`engine.evaluation.requests.requested` says.

    Every evaluation is stored as soon as it is made, so that whoever watches the run sees them come.
    """
    store = Store.open()
    run = store.runs.get(int(request["run"]))
    evaluator = Evaluator(store, run, moved_to=place_of_own(request))
    return {"evaluations": [asdict(evaluator.evaluate(conditions).conditions) for conditions in
                            requested(run, request)]}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
