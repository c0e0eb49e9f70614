"""The results of a detector, at adjustable thresholds."""

from collections.abc import Sequence

import streamlit as st

from app.kit import words
from app.kit.address import remember, steps
from app.kit.guard import guarded
from app.kit.looks import title
from app.kit.store import store
from app.results.boxes.calibration import box_calibration
from app.results.boxes.charts import curves, per_class
from app.results.boxes.errors import errors
from app.results.choice import choose_evaluation, note, over_epochs
from app.results.slices import slices_section
from engine.boxes.judging import Kind
from engine.boxes.metrics import DetectionOutcome
from engine.boxes.predictions import HIGHEST_NMS, LOWEST_SCORE
from engine.catalog.metrics import METRICS, computed_metrics
from engine.evaluation.box_results import (
    DetectionResults,
    Suppressed,
    View,
    load_detection_results,
    measured,
    own_nms,
    own_score,
)
from engine.store import Conditions, Evaluation, Run

_OVERLAP = 0.5


def detection_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """Draw one of a detector's evaluations: its metrics, and its errors at the chosen thresholds."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
    results = results_of(str(store().path), run.id, run.revision, chosen.conditions)
    truth = results.predictions.truth
    counted = f"{len(truth):,} objects in {truth.pictures:,}"
    st.html(f'<div class="dr-head">{title(run)}<span class="dr-note">{note(run, chosen, counted)}</span></div>')
    coco_figures(run, results)
    over_epochs(run, evaluations, chosen)
    _at_thresholds(run, results)
    slices_section(run, chosen, results.predictions.ids, _measured(_key(run, results), run, results))


@st.fragment
def _at_thresholds(run: Run, results: DetectionResults) -> None:
    """Draw everything that depends on thresholds, as a fragment."""
    with guarded():
        view = choose_view(run, results)
        view_figures(view)
        errors(run, view, results)
        curves(run, results, view)
        box_calibration(run, view)
        st.subheader("Per class", anchor=False)
        per_class(view)


def coco_figures(run: Run, results: DetectionResults) -> None:
    """Draw the evaluation's metrics, which do not depend on thresholds."""
    metrics, rows = results.evaluation.metrics, computed_metrics(run.task)
    with st.grid(len(rows), min_column_width=88, gap="small", key="box_metrics"):
        for key, row in rows.items():
            st.metric(row.heading, row.cell(metrics.get(key)), help=row.help)
    st.caption(f"COCO metrics: boxes of every score after NMS at {own_nms(run):g}, at most 100 per class and "
               f"picture.{_unmeasured(metrics)}")


def _unmeasured(metrics: dict[str, float]) -> str:
    absent = [METRICS[key].word for key in ("map_small", "map_medium", "map_large")
              if metrics.get(key) != metrics.get(key)]
    return f" There are no {' or '.join(absent)} objects." if absent else ""


def view_figures(view: View) -> None:
    """Draw precision, recall and counts at the chosen thresholds."""
    totals, counts = view.totals, view.judgement.counts
    shown = (("Precision", words.percent(totals.precision), "Share of the boxes that found an object."),
             ("Recall", words.percent(totals.recall), "Share of the objects that were found."),
             ("F1", words.percent(totals.f1), "Harmonic mean of precision and recall."),
             (f"mAP@{100 * view.overlap:.0f}", words.percent(view.average_precision),
              "Mean average precision at these IoU and NMS thresholds. It does not depend on the score threshold."),
             ("Objects", words.count(totals.objects), "Ground-truth objects, without difficult ones."),
             ("Boxes", words.count(totals.boxes), "Predicted boxes, without those on difficult objects."),
             ("Not found", words.count(totals.objects - counts[Kind.FOUND]), "Objects without a box of their class."))
    with st.grid(len(shown), min_column_width=88, gap="small", key="view_metrics"):
        for title, text, help in shown:
            st.metric(title, text, help=help)


@st.cache_resource(show_spinner=False, max_entries=8)
def results_of(path: str, run_id: int, revision: int, conditions: Conditions) -> DetectionResults:
    """Return a run's results, cached until the run changes."""
    return load_detection_results(store(), store().runs.get(run_id), conditions)


@st.cache_resource(show_spinner=False, max_entries=8)
def _measured(key: tuple[object, ...], _run: Run, _results: DetectionResults) -> DetectionOutcome:
    return measured(_run, _results.predictions)


def _key(run: Run, results: DetectionResults) -> tuple[object, ...]:
    return str(store().path), run.id, run.revision, results.evaluation.conditions


@st.cache_resource(show_spinner=False, max_entries=24)
def _suppressed(key: tuple[object, ...], nms: float, by_genus: bool, _results: DetectionResults) -> Suppressed:
    return _results.suppressed(nms, by_genus)


@st.cache_resource(show_spinner=False, max_entries=64)
def _view(key: tuple[object, ...], score: float, overlap: float, _suppressed: Suppressed) -> View:
    return _suppressed.at(score, overlap)


def choose_view(run: Run, results: DetectionResults) -> View:
    """Choose the thresholds for score, IoU and NMS, and whether to merge genera; return the results there."""
    key = _key(run, results)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="thresholds"):
        score = _slider("Score", "score", run, LOWEST_SCORE, 1.0, 0.01, own_score(run),
                        "Boxes with a lower score are dropped.")
        overlap = _slider("Overlap (IoU)", "overlap", run, 0.1, 0.95, 0.05, _OVERLAP,
                          "A box covers an object if their IoU is at least this.")
        nms = _slider("NMS", "nms", run, 0.05, HIGHEST_NMS, 0.05, own_nms(run),
                      "If two boxes of one class overlap by more than this, the one with the lower score is dropped. "
                      f"The run's stored metrics use {own_nms(run):g}.")
        genus = results.has_genera and _merge_genera(run)
        suppressed = _suppressed(key, nms, genus, results)
        best = suppressed.best_score(overlap)
        st.button(f"Best F1 at {best:.2f}", type="tertiary", icon=":material/tune:", disabled=score == best,
                  key=f"best_score_{run.id}", on_click=_set, args=(f"score_{run.id}", best),
                  help="The score threshold with the best F1 on these pictures.")
    return _view((*key, nms, genus), score, overlap, suppressed)


def _set(key: str, value: float) -> None:
    st.session_state[key] = value


def _merge_genera(run: Run) -> bool:
    remember("genus", f"genus_{run.id}", default=False)
    return st.toggle("By genus", key=f"genus_{run.id}", persist_state="session", help=(
        "Merge classes whose names begin with the same word: another species of the right genus counts as correct."))


def _slider(label: str, name: str, run: Run, low: float, high: float, step: float, default: float, help: str) -> float:
    key, offered = f"{name}_{run.id}", steps(low, high, step)
    remember(name, key, min(offered, key=lambda value: abs(value - default)), offered)
    return float(st.slider(label, low, high, step=step, key=key, help=help, width=230, persist_state="session"))
