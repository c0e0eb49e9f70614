"""Calibration: the reliability diagram and temperature scaling."""

import contextlib
from typing import Any

import streamlit as st

from app.charts import chart
from app.charts.chart import Figure
from app.kit import words
from app.kit.address import remember
from app.kit.frame import definitions
from app.kit.store import store
from engine.errors import UserError
from engine.evaluation.calibration import Temperature
from engine.evaluation.reliability import Reliability
from engine.evaluation.results import Results, load_temperature
from engine.store import Conditions, Evaluation

_HEIGHT = 380
_NEAR = 0.01
_BINS = ("equal width", "equal mass")
EXPLAINED = "Each bar is one range of {0}. Blue plus green is its {1}, blue plus red its mean {0}."
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
        help = fitted.reason
    usable = fitted is not None and fitted.determined
    label = f"Temperature {fitted.value:.2f}" if fitted and usable else "Temperature"
    key = f"scaled_{evaluation.run_id}"
    remember("scaled", key, default=False)
    return st.toggle(label, key=key, disabled=not usable, help=help, persist_state="session") and usable


def calibration(results: Results, plain: Results, fitted: Temperature | None) -> None:
    """Draw the reliability diagram, and its figures without and with temperature scaling."""
    st.subheader("Calibration", anchor=False)
    with st.container(key="split_calibration"):
        left, right = st.columns([3, 2], gap="large")
    run = results.evaluation.run_id
    with left:
        remember("bins", f"bins_{run}", _BINS[0], _BINS)
        equal_mass = st.segmented_control("Bins", _BINS, key=f"bins_{run}", required=True,
                                          persist_state="session") == _BINS[1]
        chart(reliability_figure(results.reliability(equal_mass=equal_mass), "confidence", "accuracy", "pictures"),
              key=f"reliability_{run}")
    with right:
        definitions(_facts(results, plain, fitted))
        st.caption(EXPLAINED.format("confidence", "accuracy"))


def _facts(results: Results, plain: Results, fitted: Temperature | None) -> list[tuple[str, str, str]]:
    confidence, accuracy = float(results.confidence.mean()), results.metrics["top1"]
    facts = [("Mean confidence", words.percent(confidence), ""), ("Accuracy", words.percent(accuracy), ""),
             ("Overall", verdict(confidence, accuracy), ""), *_errors(results)]
    if fitted is None or not fitted.determined:
        return facts
    before, after = plain.metrics, plain.at_temperature(fitted.value).metrics
    return [*facts, ("Temperature", f"{fitted.value:.3f}", "fitted on validation"),
            ("Loss with it", words.number(after["loss"]), f"without {words.number(before['loss'])}"),
            ("ECE with it", words.percent(after["ece"]), f"without {words.percent(before['ece'])}")]


def _errors(results: Results) -> list[tuple[str, str, str]]:
    judged = results.calibration_error
    interval = f"95 % interval {100 * judged.low:.2f} to {words.percent(judged.high)}"
    floor = f"up to {words.percent(judged.ceiling)} in 95 % of cases, so the ECE is " \
            f"{'within' if judged.is_chance else 'more than'} chance"
    return [("ECE", words.percent(judged.value), interval),
            ("Perfectly calibrated", words.percent(judged.floor), floor),
            ("ECE, equal mass", words.percent(results.metrics["ece_adaptive"]), "bins with as many pictures each"),
            ("ECE, by class", words.percent(results.metrics["ece_classwise"]), "mean over the classes' probabilities")]


def verdict(confidence: float, accuracy: float) -> str:
    if abs(confidence - accuracy) < _NEAR:
        return "well calibrated"
    return "overconfident" if confidence > accuracy else "underconfident"


def reliability_figure(found: Reliability, sure: str, right: str, of: str) -> Figure:
    """Draw how often predictions are right over how sure they are, with the gaps between, above a histogram.

    Args:
        sure, right: what confidence and accuracy are called.
        of: what is counted, in the plural.
    """
    filled = [place for place in range(len(found.pictures)) if found.pictures[place]]
    accuracy, confidence = ([float(column[place]) for place in filled] for column in (found.accuracy, found.confidence))
    lower = [min(pair) for pair in zip(accuracy, confidence, strict=True)]
    hover_texts = [f"{sure} {found.confidence[place]:.1%}<br>{right} {found.accuracy[place]:.1%}<br>"
                   f"{int(found.pictures[place]):,} {of}" for place in filled]
    bounds = [(float(found.edges[place]), float(found.edges[place + 1])) for place in filled]
    bars: dict[str, Any] = {
        "type": "bar", "x": [(low + high) / 2 for low, high in bounds],
        "width": [0.92 * (high - low) for low, high in bounds],
        "hovertext": hover_texts, "hoverinfo": "text"}
    gap = {**bars, "base": lower}
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": "perfect", "mode": "lines", "x": [0, 1], "y": [0, 1], "showlegend": False,
         "hoverinfo": "skip", "line": {"color": _PICTURES, "width": 1.2, "dash": "dot"}},
        {**bars, "uid": "right", "y": lower, "name": right, "marker": {"color": _RIGHT}},
        {**gap, "uid": "too-sure", "name": "overconfident", "marker": {"color": _OVERCONFIDENT, "opacity": 0.45},
         "y": [max(above - below, 0) for below, above in zip(accuracy, confidence, strict=True)]},
        {**gap, "uid": "not-sure-enough", "name": "underconfident",
         "marker": {"color": _UNDERCONFIDENT, "opacity": 0.55},
         "y": [max(below - above, 0) for below, above in zip(accuracy, confidence, strict=True)]},
        {**bars, "uid": "pictures", "y": [int(found.pictures[place]) for place in filled], "yaxis": "y2",
         "showlegend": False, "marker": {"color": _PICTURES, "opacity": 0.6}},
    ]
    share = {"tickformat": ".0%", "range": [0, 1], "fixedrange": True}
    layout = {
        "uirevision": "kept", "barmode": "overlay", "bargap": 0, "margin": {"l": 48, "r": 8, "t": 8, "b": 40},
        "xaxis": {**share, "title": {"text": sure}, "anchor": "y2"},
        "yaxis": {**share, "title": {"text": right}, "domain": [0.27, 1]},
        "yaxis2": {"domain": [0, 0.2], "showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 3,
                   "title": {"text": of, "standoff": 8, "font": {"size": 12}}, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    return Figure(traces, layout, _HEIGHT, stamp=f"{found.error:.6f}")
