"""How far confidence can be believed, and what temperature scaling makes of it."""

from __future__ import annotations

import contextlib

import streamlit as st

from app import words
from app.charts import chart
from app.charts.reliability import reliability_figure
from app.stored import store
from engine.errors import UserError
from engine.evaluation.calibration import Temperature
from engine.evaluation.results import Results, load_temperature
from engine.store import Conditions, Evaluation

_NEAR = 0.01


@st.cache_resource(show_spinner=False, max_entries=32)
def temperature_of(path: str, run_id: int, revision: int, conditions: Conditions) -> Temperature | None:
    """The temperature fitted on validation, where what is shown is not validation itself."""
    if conditions.split == "val":
        return None
    with contextlib.suppress(UserError):  # lost validation predictions hide no result
        return load_temperature(store(), store().runs.get(run_id), conditions)
    return None


def temperature_toggle(evaluation: Evaluation, fitted: Temperature | None) -> bool:
    """Whether to show what temperature scaling makes of the predictions; says why where it cannot."""
    help = "Divides all logits by one number, fitted on validation: what is predicted stays, how surely changes."
    if evaluation.split == "val":
        help = "The temperature is fitted on these very pictures: see it at work on the test set."
    elif fitted is None:
        help = "There are no validation predictions of this checkpoint to fit it on: Evaluate makes them."
    elif not fitted.determined:
        help = "Every validation picture is right, so that nothing tells how sure is sure enough."
    usable = fitted is not None and fitted.determined
    label = f"Temperature {fitted.value:.2f}" if fitted and usable else "Temperature"
    return st.toggle(label, key=f"scaled_{evaluation.run_id}", disabled=not usable, help=help) and usable


def calibration(results: Results, plain: Results, fitted: Temperature | None) -> None:
    """The reliability diagram, and what it and temperature scaling say in words."""
    st.subheader("Calibration", anchor=False)
    with st.container(key="split_calibration"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        chart(reliability_figure(results.reliability), key=f"reliability_{results.evaluation.run_id}")
    with right:
        facts = _facts(results, plain, fitted)
        st.html('<dl class="dr-facts">' + "".join(f"<dt>{term}</dt><dd>{said}</dd>" for term, said in facts.items())
                + "</dl>")
        st.caption("Each bar holds the pictures of one range of confidence: blue and green together end at the "
                   "share of them that is right, blue and red at what confidence says.")


def _facts(results: Results, plain: Results, fitted: Temperature | None) -> dict[str, str]:
    sure, right = float(results.confidence.mean()), results.metrics["top1"]
    facts = {"Mean confidence": words.percent(sure), "Right": words.percent(right),
             "On the whole": _verdict(sure, right), "ECE": words.percent(results.metrics["ece"])}
    if fitted is None or not fitted.determined:
        return facts
    before, after = plain.metrics, plain.at_temperature(fitted.value).metrics
    return facts | {
        "Temperature": f"{fitted.value:.3f}<small>fitted on validation</small>",
        "Loss with it": f"{words.number(after['loss'])}<small>without {words.number(before['loss'])}</small>",
        "ECE with it": f"{words.percent(after['ece'])}<small>without {words.percent(before['ece'])}</small>"}


def _verdict(sure: float, right: float) -> str:
    if abs(sure - right) < _NEAR:
        return "as sure as it is right"
    return "surer than it is right" if sure > right else "less sure than it is right"
