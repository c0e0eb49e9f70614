"""The results for pictures with any number of classes, from stored predictions, without the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.catalog.metrics import METRICS
from engine.errors import UserError
from engine.evaluation.leaks import leak_remark, leaked
from engine.evaluation.metrics import figures_of_task
from engine.evaluation.results import class_names, class_rows, stored_evaluation
from engine.labels.metrics import remarks
from engine.labels.predictions import LabelPredictions, load_predictions
from engine.labels.ranking import Floats
from engine.labels.targets import Bools, Ints, co_occurrence
from engine.labels.thresholds import UNDECIDED
from engine.store import Conditions, Evaluation, Run, Store

TASK = "multi-label"
KINDS = {
    "missed": "The picture has the class; its probability is below the threshold.",
    "added": "The picture has not the class; its probability is not below the threshold.",
    "found": "The picture has the class, and it is predicted.",
}
"""What can become of a class in a picture."""


@dataclass(frozen=True, eq=False)
class LabelResults:
    """Metrics, errors and co-occurrence of one evaluation. Row indices refer to the arrays of ``predictions``.

    Attributes:
        leaked: positions of test pictures that are known to be among the training pictures.
        said: the run's option ``thresholds``.
    """

    classes: tuple[str, ...]
    predictions: LabelPredictions
    evaluation: Evaluation
    leaked: frozenset[int]
    said: str

    @property
    def split(self) -> str:
        return self.evaluation.split

    @cached_property
    def metrics(self) -> dict[str, float]:
        """Values by the keys of :data:`engine.catalog.metrics.METRICS`, without undefined ones."""
        kept = {key: value for key, value in self.evaluation.metrics.items()
                if key in METRICS and METRICS[key].from_plugin}
        return kept | figures_of_task(TASK, self.predictions)

    @cached_property
    def per_class(self) -> list[dict[str, Any]]:
        """For each class its ``name`` and the task's metrics of classes; None: undefined."""
        return class_rows(TASK, self.classes, self.predictions)

    @property
    def remarks(self) -> list[str]:
        """Remarks for the reader, in sentences."""
        return [self.thresholds_note, *remarks(self.predictions, self.classes)]

    @property
    def thresholds_note(self) -> str:
        """Where the thresholds come from, in a sentence."""
        chosen = self.predictions.thresholds
        if self.said != "validation":
            return f"Every class has the threshold {float(self.said):g}, as the option thresholds says."
        lowest, highest = chosen.min(), chosen.max()
        own = ", which are these same pictures, so that F1 is somewhat optimistic" if self.split == "val" else ""
        return (f"Each class has the threshold with the highest F1 on validation{own}: from {lowest:.2f} to "
                f"{highest:.2f}; the option thresholds overrules them.")

    @cached_property
    def without_leaks(self) -> LabelResults | None:
        """The results without the leaked test pictures; None if there are none, or nothing else."""
        kept = ~np.isin(self.predictions.ids, sorted(self.leaked))
        if kept.all() or not kept.any():
            return None
        return replace(self, predictions=self.predictions.take(np.flatnonzero(kept)), leaked=frozenset())

    @property
    def leak_remarks(self) -> list[str]:
        """What the leaked test pictures change, in sentences."""
        rest = self.without_leaks
        if rest is None or not {"label_map"} <= self.metrics.keys() & rest.metrics.keys():
            return []
        return [leak_remark(TASK, len(self.predictions.ids), len(rest.predictions.ids), self.metrics["label_map"],
                            rest.metrics["label_map"])]

    @cached_property
    def co_occurrence(self) -> Ints:
        """int64 [K, K], pictures that have both of two classes."""
        return co_occurrence(self.predictions.targets)

    @cached_property
    def predicted_together(self) -> Ints:
        """int64 [K, K], pictures that are predicted to have both of two classes."""
        return co_occurrence(self.predictions.predicted.astype(np.int64))

    @property
    def margins(self) -> Floats:
        """float64 [N, K], by how much each probability is at or above its threshold."""
        found: Floats = self.predictions.probabilities - self.predictions.thresholds
        return found

    def wrong(self, label: int | None = None, kind: str = "") -> Ints:
        """Return rows with errors, highest loss first; or those of a class, a key of :data:`KINDS`, the clearest first.
        """
        if label is None:
            rows = np.flatnonzero(self.predictions.wrong.any(axis=1))
            return rows[np.argsort(-self.predictions.losses[rows], kind="stable")]
        rows = np.flatnonzero(self._of(kind, label))
        sign = -1 if kind == "missed" else 1
        return rows[np.argsort(-sign * self.margins[rows, label], kind="stable")]

    def _of(self, kind: str, label: int) -> Bools:
        there, predicted = self.predictions.targets[:, label] > 0, self.predictions.predicted[:, label]
        found: Bools = {"missed": there & ~predicted, "added": ~there & predicted, "found": there & predicted}[kind]
        return found


def load_label_results(store: Store, run: Run, conditions: Conditions | None = None) -> LabelResults:
    """Load the results under these conditions, else those of the run's main evaluation.

    Raises:
        UserError: there is no such evaluation, or its predictions cannot be read.
    """
    evaluation = stored_evaluation(store, run, conditions)
    return LabelResults(class_names(run), load_predictions(evaluation.predictions), evaluation,
                        leaked(run, evaluation), str(run.config.get("thresholds", "validation")))


def stored_thresholds(store: Store, run: Run, weights: str) -> tuple[Floats, str]:
    """Return the thresholds that were stored with a checkpoint's predictions, and a sentence if there are none.

    Args:
        weights: the checkpoint's folder name.
    """
    said = str(run.config.get("thresholds", "validation"))
    if said != "validation":
        return np.full(len(class_names(run)), float(said)), ""
    for evaluation in store.evaluations.of(run.id):
        if evaluation.weights == weights and not evaluation.conditions.dataset:
            try:
                return load_predictions(evaluation.predictions).thresholds, ""
            except UserError:
                continue
    return np.full(len(class_names(run)), UNDECIDED), \
        f"This checkpoint was not evaluated, so every class has the threshold {UNDECIDED:g}."
