"""A study's figures in the units that people use: accuracies in %."""

from __future__ import annotations

from engine.study.metrics import STUDY_METRICS, StudyMetric


def in_words(value: float, metric: StudyMetric, *, unit: bool = True) -> str:
    """``97.50 %``, ``12.4 s``."""
    return f"{value * metric.shown.scale:,.{metric.digits}f}{metric.shown.suffix if unit else ''}"


def title_of(metric: str) -> str:
    """The figure's title; its name where it is no figure of a study."""
    return STUDY_METRICS[metric].title if metric in STUDY_METRICS else metric
