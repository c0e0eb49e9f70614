"""A detector's figures: COCO's, and those at the chosen thresholds."""

from __future__ import annotations

import streamlit as st

from app import words
from engine.boxes.judging import Kind
from engine.catalog.metrics import METRICS, computed
from engine.evaluation.box_results import DetectionResults, View, own_nms
from engine.store import Run


def coco_figures(run: Run, results: DetectionResults) -> None:
    """What the evaluation measured, whatever the thresholds."""
    metrics, rows = results.evaluation.metrics, computed("detection")
    with st.grid(len(rows), min_column_width=88, gap="small", key="box_metrics"):
        for key, row in rows.items():
            st.metric(row.heading, row.cell(metrics.get(key)), help=row.help)
    st.caption(f"COCO's figures: boxes of every score, suppressed at {own_nms(run):g}, at most a hundred of a class in "
               f"a picture.{_unmeasured(metrics)}")


def _unmeasured(metrics: dict[str, float]) -> str:
    absent = [METRICS[key].word for key in ("map_small", "map_medium", "map_large")
              if metrics.get(key) != metrics.get(key)]
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
