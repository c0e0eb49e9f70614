"""A run's results, read from its stored predictions; no model is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.catalog.metrics import CLASS_METRICS, METRICS
from engine.data.facts import data_facts
from engine.errors import UserError
from engine.evaluation.calibration import Temperature, fit_temperature, scaled
from engine.evaluation.metrics import Floats, Ints, Predictions, Reliability, per_class, reliability, remarks, summary
from engine.evaluation.predictions import load_predictions
from engine.store import Conditions, Evaluation, Run, Store


class Confused(NamedTuple):
    """``pictures`` of class ``true`` were taken for ``predicted``: a ``share`` of that class."""

    true: int
    predicted: int
    pictures: int
    share: float


@dataclass(frozen=True, eq=False)
class Results:
    """Metrics, confusion and samples of one evaluation. Row indices point into the arrays of ``predictions``."""

    classes: tuple[str, ...]
    predictions: Predictions
    evaluation: Evaluation

    @property
    def split(self) -> str:
        return self.evaluation.split

    @property
    def checkpoint(self) -> str:
        return self.evaluation.checkpoint

    @cached_property
    def metrics(self) -> dict[str, float]:
        """Figures by the keys of :data:`engine.catalog.metrics.METRICS`; those that mean nothing are missing."""
        kept = {key: value for key, value in self.evaluation.metrics.items()
                if key in METRICS and METRICS[key].is_of_a_plugin}
        return kept | summary(self.predictions)

    @cached_property
    def remarks(self) -> list[str]:
        """What a reader of the figures should know, in sentences."""
        return remarks(self.predictions, self.classes)

    @cached_property
    def reliability(self) -> Reliability:
        return reliability(self.predictions)

    def at_temperature(self, temperature: float) -> Results:
        """The same results with logits divided by ``temperature``."""
        return replace(self, predictions=scaled(self.predictions, temperature))

    @cached_property
    def per_class(self) -> list[dict[str, Any]]:
        """For each class its ``name`` and the metrics of :data:`engine.catalog.metrics.CLASS_METRICS`; None is what
        means nothing."""
        figures = per_class(self.predictions)
        return [{"name": name} | {key: _of_class(key, float(values[label])) for key, values in figures.items()}
                for label, name in enumerate(self.classes)]

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
        """Probability given to the predicted class."""
        return self.predictions.confidence

    @property
    def losses(self) -> Floats:
        return self.predictions.losses

    def most_confused(self, count: int = 10) -> list[Confused]:
        """The pairs of classes taken for each other most often, by number of pictures."""
        errors = self.confusion.copy()
        np.fill_diagonal(errors, 0)
        order = np.argsort(-errors, axis=None, kind="stable")[:count]
        cells = [(int(cell) // len(self.classes), int(cell) % len(self.classes)) for cell in order]
        totals = self.confusion.sum(axis=1)
        return [Confused(true, predicted, int(errors[true, predicted]), float(errors[true, predicted] / totals[true]))
                for true, predicted in cells if errors[true, predicted]]

    def cell(self, true: int, predicted: int) -> Ints:
        """Row indices of the pictures in one cell of the confusion matrix, least confident first."""
        rows = np.flatnonzero((self.targets == true) & (self.predicted == predicted))
        return rows[np.argsort(self.confidence[rows], kind="stable")]

    def misclassified(self, sort: str = "confidence", true: int | None = None, predicted: int | None = None) -> Ints:
        """Row indices of the wrong pictures, highest ``confidence`` or ``loss`` first, of one class if wanted."""
        wrong = self.targets != self.predicted
        if true is not None:
            wrong &= self.targets == true
        if predicted is not None:
            wrong &= self.predicted == predicted
        rows = np.flatnonzero(wrong)
        key = {"confidence": self.confidence, "loss": self.losses}[sort]
        return rows[np.argsort(-key[rows], kind="stable")]


def load_results(store: Store, run: Run, conditions: Conditions | None = None) -> Results:
    """The results under these conditions, else those by which the run is judged.

    Raises:
        UserError: it was not evaluated so, or its predictions cannot be read.
    """
    judged = stored_evaluation(store, run, conditions)
    return Results(class_names(run), load_predictions(judged.predictions), judged)


def stored_evaluation(store: Store, run: Run, conditions: Conditions | None = None) -> Evaluation:
    """The evaluation under these conditions, else that by which the run is judged.

    Raises:
        UserError: it was not evaluated so.
    """
    if run.is_imported:
        raise UserError(f"{run.name}: {run.lacks}")
    evaluations = store.evaluations.of(run.id)
    if not evaluations:
        raise UserError(f"{run.name}: has no results yet; they appear when the run has finished")
    chosen = evaluations if conditions is None else [found for found in evaluations if found.conditions == conditions]
    if not chosen:
        raise UserError(f"{run.name}: was not evaluated so")
    return by_precedence(chosen)[0]


@lru_cache(maxsize=4096)
def measured_again(predictions: Path, sha256: str, key: str) -> float | None:
    """A metric that a classifier's test lacks, for being older; None where its predictions do not tell it.

    Args:
        sha256: of the file, so that another one is read anew.
    """
    try:
        value = float(METRICS[key].of(load_predictions(predictions)))
    except UserError:
        return None
    return None if np.isnan(value) else value


def by_precedence(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """Those by which a run is judged first: the test that its config asks for, the best checkpoint before others."""
    return sorted(evaluations, key=_precedence)


def load_temperature(store: Store, run: Run, of: Conditions) -> Temperature | None:
    """The temperature fitted on validation as the same weights see it; None when that was not evaluated.

    Raises:
        UserError: its predictions cannot be read.
    """
    stored = {found.conditions: found for found in store.evaluations.of(run.id)}
    validated, judged = stored.get(replace(of, split="val", dataset="", data_path="")), stored.get(of)
    if validated is None or judged is None or validated.weights != judged.weights:
        return None
    return fit_temperature(load_predictions(validated.predictions))


def _precedence(evaluation: Evaluation) -> tuple[bool, ...]:
    return (evaluation.split != "test", bool(evaluation.conditions.dataset), not evaluation.asked,
            evaluation.checkpoint != "best", evaluation.checkpoint != "last")


def _of_class(key: str, value: float) -> float | None:
    if np.isnan(value):
        return None
    return round(value) if CLASS_METRICS[key].unit == "count" else value


def class_names(run: Run) -> tuple[str, ...]:
    """The names in label order, as the run saw them; a run older than their being recorded asks the data set."""
    recorded = run.resolved.get("class_names")
    return tuple(recorded) if recorded else data_facts(str(run.config["dataset"]), str(run.config["data_path"])).classes
