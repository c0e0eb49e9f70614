"""What a study can be judged by, each figure a row: its unit, which way is better, where a run holds it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.store.run import Run

Read = Callable[[Run, Mapping[str, float]], float | None]


@dataclass(frozen=True)
class Unit:
    """How people see a unit: a value times ``scale``, then ``suffix``; a difference of two with ``of_difference``."""

    scale: float = 1.0
    suffix: str = ""
    of_difference: str = ""


UNITS: dict[str, Unit] = {
    "fraction": Unit(100, " %", " points"),
    "number": Unit(),
    "nats": Unit(1, " nats", " nats"),
    "seconds": Unit(1, " s", " s"),
    "images/s": Unit(1, " images/s", " images/s"),
    "bytes": Unit(2.0**-20, " MB", " MB"),
}


@dataclass(frozen=True)
class StudyMetric:
    """One figure of a finished run.

    Attributes:
        title: what tables call it.
        unit: a key of :data:`UNITS`; accuracies are fractions.
        higher_is_better: otherwise lower is.
        digits: after the point of what is printed, once the unit's scale is applied.
        read: from the run and the metrics of its test; None where it is not known.
    """

    title: str
    unit: str
    higher_is_better: bool
    digits: int
    read: Read

    @property
    def shown(self) -> Unit:
        return UNITS[self.unit]


def _tested(name: str) -> Read:
    return lambda run, metrics: metrics.get(name)


def _or_complement(name: str, other: str) -> Read:
    """Accuracy and error are one figure; results from elsewhere hold only one of the two."""
    return lambda run, metrics: metrics.get(name, 1 - metrics[other] if other in metrics else None)


def _column(name: str) -> Read:
    return lambda run, metrics: getattr(run, name)


def _trained(name: str) -> Read:
    """A run that was trained elsewhere holds zeros where nothing was measured."""
    return lambda run, metrics: getattr(run, name) or None


COMPLEMENTS = {"top1": "top1_error", "top1_error": "top1", "top5": "top5_error", "top5_error": "top5"}

STUDY_METRICS: dict[str, StudyMetric] = {
    "top1": StudyMetric("Top-1", "fraction", True, 2, _or_complement("top1", "top1_error")),
    "top1_error": StudyMetric("Top-1 error", "fraction", False, 2, _or_complement("top1_error", "top1")),
    "top5": StudyMetric("Top-5", "fraction", True, 2, _or_complement("top5", "top5_error")),
    "top5_error": StudyMetric("Top-5 error", "fraction", False, 2, _or_complement("top5_error", "top5")),
    "macro_precision": StudyMetric("Precision (macro)", "fraction", True, 2, _tested("macro_precision")),
    "macro_recall": StudyMetric("Recall (macro)", "fraction", True, 2, _tested("macro_recall")),
    "macro_f1": StudyMetric("F1 (mean of classes)", "fraction", True, 2, _tested("macro_f1")),
    "f1_of_means": StudyMetric("F1 (of means)", "fraction", True, 2, _tested("f1_of_means")),
    "loss": StudyMetric("Test loss", "nats", False, 4, _tested("loss")),
    "ece": StudyMetric("ECE", "fraction", False, 2, _tested("ece")),
    "map": StudyMetric("mAP", "fraction", True, 2, _tested("map")),
    "map50": StudyMetric("mAP@50", "fraction", True, 2, _tested("map50")),
    "map75": StudyMetric("mAP@75", "fraction", True, 2, _tested("map75")),
    "val_accuracy": StudyMetric("Best validation accuracy", "fraction", True, 2, _column("best_val_accuracy")),
    "seconds": StudyMetric("Training time", "seconds", False, 1, _trained("seconds")),
    "images_per_second": StudyMetric("Speed", "images/s", True, 0, _column("images_per_second")),
    "peak_memory": StudyMetric("Peak memory", "bytes", False, 0, _column("memory_reached")),
    "parameters": StudyMetric("Parameters", "number", False, 0, _column("parameters")),
}


def measured(run: Run, tested: Mapping[str, float]) -> dict[str, float]:
    """All figures of a run that are known and finite, by name.

    Args:
        tested: the metrics of its test, as :func:`engine.evaluation.metrics.summary` names them.
    """
    found = {name: metric.read(run, tested) for name, metric in STUDY_METRICS.items()}
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}
