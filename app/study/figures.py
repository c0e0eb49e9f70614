"""What people call a study's figures."""

from __future__ import annotations

from engine.catalog.metrics import METRICS, of_studies


def title_of(metric: str) -> str:
    """The figure's title; its name where it is no figure of a study."""
    return METRICS[metric].title if metric in of_studies() else metric
