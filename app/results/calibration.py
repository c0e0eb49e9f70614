"""Calibration: the reliability diagram and temperature scaling."""

import contextlib
from typing import Any

import streamlit as st

from app.charts import chart
from app.charts.chart import Figure
from app.kit import words
from app.kit.frame import definitions
from app.kit.store import store
from engine.errors import UserError
from engine.evaluation.calibration import Temperature
from engine.evaluation.metrics import Reliability
from engine.evaluation.results import Results, load_temperature
from engine.store import Conditions, Evaluation

_HEIGHT = 380
_NEAR = 0.01
_RIGHT, _OVERCONFIDENT, _UNDERCONFIDENT, _PICTURES = "#3a7bd0", "#d94a57", "#2c9a72", "#8a8178"


@st.cache_resource(show_spinner=False, max_entries=32)
def temperature_of(path: str, run_id: int, revision: int, conditions: Conditions) -> Temperature | None:
    """Return the temperature fitted on validation; None if validation itself is shown."""
    if conditions.split == "val":
        return None
    with contextlib.suppress(UserError):  # missing validation predictions must not hide the results
        return load_temperature(store(), store().runs.get(run_id), conditions)
    return None


def temperature_toggle(evaluation: Evaluation, fitted: Temperature | None) -> bool:
    """Choose whether to apply temperature scaling; the help text explains why it is disabled."""
    help = "Divides all logits by a temperature fitted on validation: confidence changes, predicted classes do not."
    if evaluation.split == "val":
        help = "The temperature is fitted on these pictures. Choose the test set to see its effect."
    elif fitted is None:
        help = "Fitting needs validation predictions of this checkpoint: Evaluate makes them."
    elif not fitted.determined:
        help = "Every validation picture is classified correctly, so no temperature can be fitted."
    usable = fitted is not None and fitted.determined
    label = f"Temperature {fitted.value:.2f}" if fitted and usable else "Temperature"
    return st.toggle(label, key=f"scaled_{evaluation.run_id}", disabled=not usable, help=help) and usable


def calibration(results: Results, plain: Results, fitted: Temperature | None) -> None:
    """Draw the reliability diagram, and its figures without and with temperature scaling."""
    st.subheader("Calibration", anchor=False)
    with st.container(key="split_calibration"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        chart(reliability_figure(results.reliability), key=f"reliability_{results.evaluation.run_id}")
    with right:
        definitions(_facts(results, plain, fitted))
        st.caption("Each bar is one range of confidence. Blue plus green is its accuracy, blue plus red its mean "
                   "confidence.")


def _facts(results: Results, plain: Results, fitted: Temperature | None) -> list[tuple[str, str, str]]:
    confidence, accuracy = float(results.confidence.mean()), results.metrics["top1"]
    facts = [("Mean confidence", words.percent(confidence), ""), ("Accuracy", words.percent(accuracy), ""),
             ("Overall", _verdict(confidence, accuracy), ""), ("ECE", words.percent(results.metrics["ece"]), "")]
    if fitted is None or not fitted.determined:
        return facts
    before, after = plain.metrics, plain.at_temperature(fitted.value).metrics
    return [*facts, ("Temperature", f"{fitted.value:.3f}", "fitted on validation"),
            ("Loss with it", words.number(after["loss"]), f"without {words.number(before['loss'])}"),
            ("ECE with it", words.percent(after["ece"]), f"without {words.percent(before['ece'])}")]


def _verdict(confidence: float, accuracy: float) -> str:
    if abs(confidence - accuracy) < _NEAR:
        return "well calibrated"
    return "overconfident" if confidence > accuracy else "underconfident"


def reliability_figure(found: Reliability) -> Figure:
    """Draw accuracy over confidence with the gaps between them, above a histogram of the pictures."""
    width = float(found.edges[1] - found.edges[0])
    filled = [place for place in range(len(found.pictures)) if found.pictures[place]]
    accuracy, confidence = ([float(column[place]) for place in filled] for column in (found.accuracy, found.confidence))
    lower = [min(pair) for pair in zip(accuracy, confidence, strict=True)]
    hover_texts = [f"confidence {found.confidence[place]:.1%}<br>accuracy {found.accuracy[place]:.1%}<br>"
                   f"{words.counted(int(found.pictures[place]), 'picture')}" for place in filled]
    bars: dict[str, Any] = {
        "type": "bar", "x": [float(found.edges[place]) + width / 2 for place in filled], "width": width * 0.92,
        "hovertext": hover_texts, "hoverinfo": "text"}
    gap = {**bars, "base": lower}
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": "perfect", "mode": "lines", "x": [0, 1], "y": [0, 1], "showlegend": False,
         "hoverinfo": "skip", "line": {"color": _PICTURES, "width": 1.2, "dash": "dot"}},
        {**bars, "uid": "right", "y": lower, "name": "accuracy", "marker": {"color": _RIGHT}},
        {**gap, "uid": "too-sure", "name": "overconfident", "marker": {"color": _OVERCONFIDENT, "opacity": 0.45},
         "y": [max(sure - right, 0) for right, sure in zip(accuracy, confidence, strict=True)]},
        {**gap, "uid": "not-sure-enough", "name": "underconfident",
         "marker": {"color": _UNDERCONFIDENT, "opacity": 0.55},
         "y": [max(right - sure, 0) for right, sure in zip(accuracy, confidence, strict=True)]},
        {**bars, "uid": "pictures", "y": [int(found.pictures[place]) for place in filled], "yaxis": "y2",
         "showlegend": False, "marker": {"color": _PICTURES, "opacity": 0.6}},
    ]
    share = {"tickformat": ".0%", "range": [0, 1], "fixedrange": True}
    layout = {
        "uirevision": "kept", "barmode": "overlay", "bargap": 0, "margin": {"l": 48, "r": 8, "t": 8, "b": 40},
        "xaxis": {**share, "title": {"text": "confidence"}, "anchor": "y2"},
        "yaxis": {**share, "title": {"text": "accuracy"}, "domain": [0.27, 1]},
        "yaxis2": {"domain": [0, 0.2], "showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 3,
                   "title": {"text": "pictures", "standoff": 8, "font": {"size": 12}}, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    return Figure(traces, layout, _HEIGHT, stamp=f"{found.error:.6f}")
