"""A finished run's results, read from its stored predictions; no model is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.data.facts import data_facts
from engine.errors import UserError
from engine.evaluation.metrics import Floats, Ints, Predictions, per_class, summary
from engine.evaluation.predictions import load_predictions
from engine.store import Evaluation, Run, Store


class ClassRow(NamedTuple):
    """One class's test metrics, fractions of 0–1; ``support`` is its number of pictures."""

    name: str
    support: int
    precision: float
    recall: float
    f1: float
    top5: float
    loss: float


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
    checkpoint: str
    split: str

    @cached_property
    def metrics(self) -> dict[str, float]:
        """top1, top5, loss, macro_precision, macro_recall, macro_f1."""
        return summary(self.predictions)

    @cached_property
    def per_class(self) -> list[ClassRow]:
        rows = per_class(self.predictions.confusion)
        by_class = [self.predictions.targets == label for label in range(len(self.classes))]
        return [
            ClassRow(name, int(rows.support[label]), float(rows.precision[label]), float(rows.recall[label]),
                     float(rows.f1[label]), *self._top5_and_loss(by_class[label]))
            for label, name in enumerate(self.classes)
        ]

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

    def _top5_and_loss(self, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[float, float]:
        if not rows.any():
            return 0.0, 0.0
        chosen = Predictions(self.ids[rows], self.targets[rows], self.predictions.logits[rows])
        return chosen.top(5), float(chosen.losses.mean())


def load_results(store: Store, run: Run) -> Results:
    """The latest evaluation of a run.

    Raises:
        UserError: it was not evaluated yet, or its predictions cannot be read.
    """
    evaluations: list[Evaluation] = store.evaluations.of(run.id)
    if not evaluations:
        raise UserError(f"{run.name}: has no results yet; they appear when the run has finished")
    latest = evaluations[-1]
    return Results(class_names(run), load_predictions(latest.predictions), latest.checkpoint, latest.split)


def class_names(run: Run) -> tuple[str, ...]:
    """The names in label order, as the run saw them; a run older than their being recorded asks the data set."""
    recorded = run.resolved.get("class_names")
    return tuple(recorded) if recorded else data_facts(str(run.config["dataset"]), str(run.config["data_path"])).classes
