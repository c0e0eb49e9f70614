"""A study's figures in the units that people use: accuracies in %, their differences in points."""

from __future__ import annotations

from engine.study.metrics import STUDY_METRICS, StudyMetric


def in_words(value: float, metric: StudyMetric, *, unit: bool = True) -> str:
    """``97.50 %``, ``12.4 s``."""
    return f"{value * metric.shown.scale:,.{metric.digits}f}{metric.shown.suffix if unit else ''}"


def difference_in_words(value: float, metric: StudyMetric) -> str:
    """``+1.25 points``, ``−3.1 s``."""
    return _signed(f"{value * metric.shown.scale:+,.{metric.digits}f}") + metric.shown.of_difference


def ratio_in_words(logarithm: float) -> str:
    """``×1.08``: what a difference of logarithms multiplies by."""
    return f"×{2.718281828459045 ** logarithm:.3g}"


def title_of(metric: str) -> str:
    """The figure's title; its name where it is no figure of a study."""
    return STUDY_METRICS[metric].title if metric in STUDY_METRICS else metric


def _signed(text: str) -> str:
    return text.replace("-", "−")
