"""How far confidence can be believed, and what temperature scaling makes of it."""

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

_NEAR = 0.01
_RIGHT, _TOO_SURE, _NOT_SURE, _PICTURES = "#3a7bd0", "#d94a57", "#2c9a72", "#8a8178"


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
        definitions(_facts(results, plain, fitted))
        st.caption("Each bar holds the pictures of one range of confidence: blue and green together end at the "
                   "share of them that is right, blue and red at what confidence says.")


def _facts(results: Results, plain: Results, fitted: Temperature | None) -> list[tuple[str, str, str]]:
    sure, right = float(results.confidence.mean()), results.metrics["top1"]
    facts = [("Mean confidence", words.percent(sure), ""), ("Right", words.percent(right), ""),
             ("On the whole", _verdict(sure, right), ""), ("ECE", words.percent(results.metrics["ece"]), "")]
    if fitted is None or not fitted.determined:
        return facts
    before, after = plain.metrics, plain.at_temperature(fitted.value).metrics
    return [*facts, ("Temperature", f"{fitted.value:.3f}", "fitted on validation"),
            ("Loss with it", words.number(after["loss"]), f"without {words.number(before['loss'])}"),
            ("ECE with it", words.percent(after["ece"]), f"without {words.percent(before['ece'])}")]


def _verdict(sure: float, right: float) -> str:
    if abs(sure - right) < _NEAR:
        return "as sure as it is right"
    return "surer than it is right" if sure > right else "less sure than it is right"


def reliability_figure(found: Reliability, height: int = 380) -> Figure:
    """The share that is right over confidence, with what confidence says too much or too little, above pictures."""
    width = float(found.edges[1] - found.edges[0])
    filled = [place for place in range(len(found.pictures)) if found.pictures[place]]
    right, sure = ([float(column[place]) for place in filled] for column in (found.accuracy, found.confidence))
    lower = [min(pair) for pair in zip(right, sure, strict=True)]
    told = [f"confidence {found.confidence[place]:.1%}<br>right {found.accuracy[place]:.1%}<br>"
            f"{found.pictures[place]:,} pictures" for place in filled]
    bars: dict[str, Any] = {
        "type": "bar", "x": [float(found.edges[place]) + width / 2 for place in filled], "width": width * 0.92,
        "hovertext": told, "hoverinfo": "text"}
    gap = {**bars, "base": lower}
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": "perfect", "mode": "lines", "x": [0, 1], "y": [0, 1], "showlegend": False,
         "hoverinfo": "skip", "line": {"color": _PICTURES, "width": 1.2, "dash": "dot"}},
        {**bars, "uid": "right", "y": lower, "name": "right", "marker": {"color": _RIGHT}},
        {**gap, "uid": "too-sure", "name": "too sure", "marker": {"color": _TOO_SURE, "opacity": 0.45},
         "y": [max(confidence - share, 0) for share, confidence in zip(right, sure, strict=True)]},
        {**gap, "uid": "not-sure-enough", "name": "right, but not sure enough",
         "marker": {"color": _NOT_SURE, "opacity": 0.55},
         "y": [max(share - confidence, 0) for share, confidence in zip(right, sure, strict=True)]},
        {**bars, "uid": "pictures", "y": [int(found.pictures[place]) for place in filled], "yaxis": "y2",
         "showlegend": False, "marker": {"color": _PICTURES, "opacity": 0.6}},
    ]
    share = {"tickformat": ".0%", "range": [0, 1], "fixedrange": True}
    layout = {
        "uirevision": "kept", "barmode": "overlay", "bargap": 0, "margin": {"l": 48, "r": 8, "t": 8, "b": 40},
        "xaxis": {**share, "title": {"text": "confidence"}, "anchor": "y2"},
        "yaxis": {**share, "title": {"text": "right"}, "domain": [0.27, 1]},
        "yaxis2": {"domain": [0, 0.2], "showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 3,
                   "title": {"text": "pictures", "standoff": 8, "font": {"size": 12}}, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    return Figure(traces, layout, height, stamp=f"{found.error:.6f}")
