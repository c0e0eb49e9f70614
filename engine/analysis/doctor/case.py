"""A run under examination: its curves, metrics, stored predictions, and the runs it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.catalog.datasets import DATASETS
from engine.data.facts import data_facts
from engine.errors import UserError
from engine.evaluation.box_results import (
    DetectionResults,
    Suppressed,
    leak_remarks,
    load_detection_results,
    own_nms,
)
from engine.evaluation.label_results import LabelResults, load_label_results
from engine.evaluation.metrics import Floats, Predictions
from engine.evaluation.predictions import load_predictions
from engine.evaluation.results import Results, load_results, sort_by_precedence
from engine.store import Evaluation, Run, Store, Summary


@dataclass(frozen=True)
class Case:
    """A run with lazily read data.

    Attributes:
        group: the runs it may be compared with, possibly including itself.
        curves: the values of each epoch, float64 [epochs] by metric, of a run that still trains; None: those recorded.
    """

    store: Store
    run: Run
    group: Sequence[Run] = ()
    curves: Mapping[str, Floats] | None = None

    @cached_property
    def test(self) -> Evaluation | None:
        """The test evaluation that counts for the run."""
        tests = [found for found in self.store.evaluations.of(self.run.id) if found.split == "test"]
        return next(iter(sort_by_precedence(tests)), None)

    @cached_property
    def figures(self) -> dict[str, float]:
        """The metrics of that evaluation, shares as fractions."""
        return self.test.metrics if self.test else {}

    @cached_property
    def predictions(self) -> Predictions | None:
        """A classifier's predictions; None for imported runs, and if the file is missing."""
        if self.test is None or self.run.is_imported:
            return None
        try:
            return load_predictions(self.test.predictions)
        except UserError:
            return None

    @cached_property
    def results(self) -> Results | None:
        """A classifier's results; None like ``predictions``."""
        if self.predictions is None or self.test is None:
            return None
        return load_results(self.store, self.run, self.test.conditions)

    @cached_property
    def box_results(self) -> DetectionResults | None:
        """A detector's results; None like ``predictions``."""
        if self.test is None or self.run.is_imported:
            return None
        try:
            return load_detection_results(self.store, self.run, self.test.conditions)
        except UserError:
            return None

    @cached_property
    def boxes(self) -> Suppressed | None:
        """A detector's boxes after its own NMS; None like ``predictions``."""
        return self.box_results.suppressed(own_nms(self.run)) if self.box_results else None

    @cached_property
    def label_results(self) -> LabelResults | None:
        """The results for pictures with any number of classes; None like ``predictions``."""
        if self.test is None or self.run.is_imported:
            return None
        try:
            return load_label_results(self.store, self.run, self.test.conditions)
        except UserError:
            return None

    @property
    def leak_remarks(self) -> list[str]:
        """What test pictures that are known to leak change; empty without any, or without predictions."""
        found = self.results or self.label_results
        if found:
            return found.leak_remarks
        return leak_remarks(self.run, self.box_results) if self.box_results else []

    @property
    def balanced_classes(self) -> int:
        """The number of classes if the test set is known to be balanced; else 0."""
        row = DATASETS.get(str(self.run.config["dataset"]))
        return len(row.classes) if row and row.balanced else 0

    @cached_property
    def _summaries(self) -> dict[str, Summary]:
        return self.store.metrics.summary(self.run.id)

    def curve(self, name: str) -> Floats:
        """Return all values of a metric, in order."""
        if self.curves is None:
            return self.store.metrics.since(self.run.id, name, -1)[1]
        return self.curves.get(name, np.zeros(0))

    def nonfinite(self, name: str) -> tuple[int, int]:
        """Return how many values of a metric are NaN or infinite, and how many there are."""
        if self.curves is None:
            found = self._summaries.get(name)
            return (found.nonfinite, found.count) if found else (0, 0)
        values = self.curve(name)
        return int(np.count_nonzero(~np.isfinite(values))), len(values)

    def rounding(self, metric: str) -> float:
        """Return half of the last printed digit of an imported metric; 0 if measured here."""
        return float(self.run.origin.get("rounding", {}).get(metric, 0.0))

    @property
    def accuracy(self) -> float | None:
        return self.run.test_accuracy

    @cached_property
    def test_pictures(self) -> int | None:
        return pictures_of(self.run, "test")

    @cached_property
    def validation_pictures(self) -> int | None:
        return pictures_of(self.run, "val")


def pictures_of(run: Run, split: str) -> int | None:
    """Return the number of validation (``val``) or test (``test``) pictures of a run; None if unknown."""
    recorded = run.resolved.get(f"{split}_pictures")
    if recorded:
        return int(recorded)
    try:
        facts = data_facts(str(run.config["dataset"]), str(run.config.get("data_path", "")))
    except (UserError, KeyError):
        return None
    held_back = round(facts.train * float(run.config.get("val_fraction", 0.0)))
    return (facts.test if split == "test" else held_back) or None


def standard_error(share: float, pictures: int | None) -> float:
    """Return the binomial standard error of a share of ``pictures``; 0 if their number is unknown."""
    return float(np.sqrt(max(share * (1 - share), 0.0) / pictures)) if pictures else 0.0
