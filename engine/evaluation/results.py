"""A classifier's results, from stored predictions, without the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.boxes.confusion import most_confused
from engine.catalog.metrics import CLASS_METRICS, METRICS
from engine.data.facts import data_facts
from engine.errors import UserError
from engine.evaluation.calibration import Temperature, apply_temperature, fit_temperature
from engine.evaluation.leaks import leak_remark, leaked
from engine.evaluation.metrics import Floats, Ints, Predictions, per_class, remarks, summary
from engine.evaluation.predictions import load_predictions
from engine.evaluation.reliability import JudgedError, Reliability, judge_error, reliability
from engine.labels.imbalance import Imbalance
from engine.store import Conditions, Evaluation, Run, Store
from engine.tasks import TASKS


class Confused(NamedTuple):
    """``pictures`` of class ``true`` were predicted as ``predicted``: a ``share`` of that class."""

    true: int
    predicted: int
    pictures: int
    share: float


@dataclass(frozen=True, eq=False)
class Results:
    """Metrics, confusion and samples of one evaluation. Row indices refer to the arrays of ``predictions``.

    Attributes:
        leaked: positions of test pictures that are known to be among the training pictures.
    """

    classes: tuple[str, ...]
    predictions: Predictions
    evaluation: Evaluation
    leaked: frozenset[int] = frozenset()

    @property
    def split(self) -> str:
        return self.evaluation.split

    @property
    def checkpoint(self) -> str:
        return self.evaluation.checkpoint

    @cached_property
    def metrics(self) -> dict[str, float]:
        """Values by the keys of :data:`engine.catalog.metrics.METRICS`, without undefined ones."""
        kept = {key: value for key, value in self.evaluation.metrics.items()
                if key in METRICS and METRICS[key].from_plugin}
        return kept | summary(self.predictions)

    @cached_property
    def remarks(self) -> list[str]:
        """Remarks for the reader, in sentences."""
        return remarks(self.predictions, self.classes)

    @cached_property
    def without_leaks(self) -> Results | None:
        """The results without the leaked test pictures; None if there are none, or nothing else."""
        kept = ~np.isin(self.ids, sorted(self.leaked))
        if kept.all() or not kept.any():
            return None
        return replace(self, predictions=self.predictions.take(np.flatnonzero(kept)), leaked=frozenset())

    @property
    def leak_remarks(self) -> list[str]:
        """What the leaked test pictures change, in sentences; where the doctor speaks, it tells this already."""
        rest = self.without_leaks
        return [] if rest is None else [leak_remark("classification", len(self.ids), len(rest.ids),
                                                    self.metrics["top1"], rest.metrics["top1"])]

    def reliability(self, *, equal_mass: bool = False) -> Reliability:
        return reliability(self.predictions, equal_mass=equal_mass)

    @cached_property
    def calibration_error(self) -> JudgedError:
        """The ECE with its interval, and what of it is chance."""
        return judge_error(self.predictions)

    def at_temperature(self, temperature: float) -> Results:
        """Return the results with logits divided by ``temperature``."""
        return replace(self, predictions=apply_temperature(self.predictions, temperature))

    @cached_property
    def per_class(self) -> list[dict[str, Any]]:
        """For each class its ``name`` and the metrics of :data:`engine.catalog.metrics.CLASS_METRICS`; None: undefined.
        """
        return class_rows("classification", self.classes, self.predictions)

    @property
    def confusion(self) -> Ints:
        """int64 [K, K], rows true, columns predicted."""
        return self.predictions.confusion

    @property
    def ids(self) -> Ints:
        return self.predictions.ids

    @property
    def targets(self) -> Ints:
        return self.predictions.targets

    @property
    def predicted(self) -> Ints:
        return self.predictions.predicted

    @property
    def confidence(self) -> Floats:
        """Probability of the predicted class."""
        return self.predictions.confidence

    @property
    def losses(self) -> Floats:
        return self.predictions.losses

    def most_confused(self, count: int = 10) -> list[Confused]:
        """Return the pairs of classes with the most confused pictures."""
        totals = self.confusion.sum(axis=1)
        return [Confused(true, predicted, pictures, float(pictures / totals[true]))
                for true, predicted, pictures in most_confused(self.confusion, count)]

    def cell(self, true: int, predicted: int, sort: str = "confidence") -> Ints:
        """Return rows of the pictures in one cell of the confusion matrix, highest ``confidence`` or ``loss`` first."""
        return self._sorted((self.targets == true) & (self.predicted == predicted), sort)

    def misclassified(self, sort: str = "confidence", true: int | None = None, predicted: int | None = None) -> Ints:
        """Return rows of misclassified pictures, highest ``confidence`` or ``loss`` first, optionally of one class."""
        wrong = self.targets != self.predicted
        if true is not None:
            wrong &= self.targets == true
        if predicted is not None:
            wrong &= self.predicted == predicted
        return self._sorted(wrong, sort)

    def _sorted(self, chosen: NDArray[np.bool_], sort: str) -> Ints:
        rows = np.flatnonzero(chosen)
        key = {"confidence": self.confidence, "loss": self.losses}[sort]
        return rows[np.argsort(-key[rows], kind="stable")]


def load_results(store: Store, run: Run, conditions: Conditions | None = None) -> Results:
    """Load the results under these conditions, else those of the run's main evaluation.

    Raises:
        UserError: there is no such evaluation, or its predictions cannot be read.
    """
    evaluation = stored_evaluation(store, run, conditions)
    return Results(class_names(run), load_predictions(evaluation.predictions), evaluation, leaked(run, evaluation))


def stored_evaluation(store: Store, run: Run, conditions: Conditions | None = None) -> Evaluation:
    """Return the evaluation under these conditions, else the run's main evaluation.

    Raises:
        UserError: there is no such evaluation.
    """
    if run.is_imported:
        raise UserError(f"{run.name}: {run.lacks}")
    evaluations = store.evaluations.of(run.id)
    if not evaluations:
        raise UserError(f"{run.name}: has no results yet; they appear when the run has finished")
    chosen = evaluations if conditions is None else [found for found in evaluations if found.conditions == conditions]
    if not chosen:
        raise UserError(f"{run.name}: has no evaluation under these conditions; run `python -m engine evaluate`")
    return sort_by_precedence(chosen)[0]


_recomputed: dict[tuple[Path, str, str], float | None] = {}
"""By the file of predictions, its SHA-256, and the key of a metric."""


def recompute_metric(run: Run, evaluation: Evaluation, key: str) -> float | None:
    """Compute a metric that an older evaluation lacks; None if its predictions do not determine it."""
    place = evaluation.predictions, evaluation.sha256, key
    if place not in _recomputed:
        task, figures = TASKS[run.task], {}
        with suppress(UserError):
            figures = task.figures(run, task.load_predictions(evaluation.predictions))
        _recomputed[place] = figures.get(key)
    return _recomputed[place]


def sort_by_precedence(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """Sort evaluations: first the test that the config requests, then the best checkpoint before others."""
    return sorted(evaluations, key=_precedence)


def load_temperature(store: Store, run: Run, of: Conditions) -> Temperature | None:
    """Fit the temperature on the validation predictions of the same weights; None if there are none.

    Raises:
        UserError: its predictions cannot be read.
    """
    stored = {found.conditions: found for found in store.evaluations.of(run.id)}
    validated, tested = stored.get(replace(of, split="val", dataset="", data_path="")), stored.get(of)
    if validated is None or tested is None or validated.weights != tested.weights:
        return None
    return fit_temperature(load_predictions(validated.predictions))


def _precedence(evaluation: Evaluation) -> tuple[bool, ...]:
    return (evaluation.split != "test", bool(evaluation.conditions.dataset), not evaluation.asked,
            evaluation.checkpoint != "best", evaluation.checkpoint != "last")


def trained_on(run: Run) -> Imbalance:
    """Return the training pictures of each class, as recorded by the run; nothing of one that recorded none."""
    counts = run.resolved.get("class_counts") or ()
    names = class_names(run) if counts else ()
    return Imbalance(names, counts) if len(names) == len(counts) else Imbalance((), ())


def class_rows(task: str, classes: Sequence[str], predictions: Any) -> list[dict[str, Any]]:
    """Return for each class its ``name`` and the task's metrics of classes; None: undefined."""
    figures = per_class(predictions, task)
    return [{"name": name} | {key: _class_value(key, float(values[label])) for key, values in figures.items()}
            for label, name in enumerate(classes)]


def _class_value(key: str, value: float) -> float | None:
    if np.isnan(value):
        return None
    return round(value) if CLASS_METRICS[key].unit == "count" else value


def class_names(run: Run) -> tuple[str, ...]:
    """Return the class names in label order, as recorded by the run, or for older runs from the data set."""
    recorded = run.resolved.get("class_names")
    return tuple(recorded) if recorded else data_facts(str(run.config["dataset"]), str(run.config["data_path"])).classes
