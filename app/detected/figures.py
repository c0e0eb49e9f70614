"""A detector's figures: COCO's, and those at the chosen thresholds."""

from __future__ import annotations

import streamlit as st

from app import words
from engine.boxes.judging import Kind
from engine.boxes.metrics import METRICS
from engine.evaluation.box_results import DetectionResults, View, own_nms
from engine.store import Run

_COCO = {"map": "mAP", "map50": "mAP@50", "map75": "mAP@75", "map_small": "Small", "map_medium": "Medium",
         "map_large": "Large", "mar100": "Recall@100"}


def coco_figures(run: Run, results: DetectionResults) -> None:
    """What the evaluation measured, whatever the thresholds."""
    metrics = results.evaluation.metrics
    with st.grid(len(_COCO), min_column_width=88, gap="small", key="box_metrics"):
        for name, title in _COCO.items():
            st.metric(title, words.percent(metrics.get(name)), help=METRICS[name])
    st.caption(f"COCO's figures: boxes of every score, suppressed at {own_nms(run):g}, at most a hundred of a class in "
               f"a picture.{_unmeasured(metrics)}")


def _unmeasured(metrics: dict[str, float]) -> str:
    absent = [_COCO[name].lower() for name in ("map_small", "map_medium", "map_large")
              if metrics.get(name) != metrics.get(name)]
    return f" There are no {' or '.join(absent)} objects to measure." if absent else ""


def view_figures(view: View) -> None:
    """What is right and found at the chosen thresholds."""
    totals, counts = view.totals, view.judgement.counts
    shown = (("Precision", words.percent(totals.precision, 1), "Of the boxes, the share that found an object."),
             ("Recall", words.percent(totals.recall, 1), "Of the objects, the share that was found."),
             ("F1", words.percent(totals.f1, 1), "Harmonic mean of the two."),
             (f"mAP@{100 * view.overlap:.0f}", words.percent(view.average_precision, 1),
              "Mean average precision at this overlap and suppression; the score threshold does not matter to it."),
             ("Objects", words.count(totals.objects), "That are to be found; difficult ones are not."),
             ("Boxes", words.count(totals.boxes), "That are judged: those on difficult objects are not."),
             ("Not found", words.count(totals.objects - counts[Kind.FOUND]), "Objects without a box of their class."))
    with st.grid(len(shown), min_column_width=88, gap="small", key="view_metrics"):
        for title, text, help in shown:
            st.metric(title, text, help=help)
