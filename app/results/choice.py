"""Choosing one of a run's evaluations, and the score of all of them over epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from app.charts import chart
from app.charts.chart import Figure
from app.kit.address import remember
from app.kit.looks import colour
from engine.evaluation.conditions import SPLITS, describe_checkpoint, describe_conditions
from engine.evaluation.results import sort_by_precedence
from engine.store import Conditions, Evaluation, Run

_HEIGHT = 250
_FEW = 2
_DASHES = {"test": "solid", "val": "dot"}
_NAMES = {"test": "Test", "val": "Validation"}


def choose_evaluation(run: Run, evaluations: Sequence[Evaluation]) -> Evaluation:
    """Choose one of a run's evaluations, by pictures, test-time augmentation and checkpoint."""
    ordered = sort_by_precedence(evaluations)
    pictures = _choice("Pictures", "pictures", run, [_pictures(found) for found in ordered])
    ordered = [found for found in ordered if _pictures(found) == pictures]
    views = [views_in_words(found.conditions) for found in ordered]
    chosen = _choice("Test-time augmentation", "augmented", run, views)
    ordered = [found for found in ordered if views_in_words(found.conditions) == chosen]
    return _checkpoint(run, ordered)


def views_in_words(conditions: Conditions) -> str:
    """Return the views of a picture that predictions are averaged over; empty without test-time augmentation."""
    return describe_conditions(conditions) if conditions.tta != "none" or conditions.scales else ""


def note(run: Run, evaluation: Evaluation, count: str) -> str:
    """Describe the evaluation of ``count`` pictures in a line of HTML."""
    conditions = evaluation.conditions
    pictures = f"{conditions.dataset} {conditions.data_path}".strip() or str(run.config["dataset"])
    split, views = SPLITS[evaluation.split].split()[0].lower(), views_in_words(conditions)
    return escape(f"{count} {split} pictures of {pictures} · "
                  f"{describe_checkpoint(evaluation)}{views and f' · test-time augmentation: {views}'}")


def over_epochs(run: Run, evaluations: Sequence[Evaluation], shown: Evaluation) -> None:
    """Draw the score of several checkpoints evaluated under the same conditions; a click chooses one."""
    by_split = {}
    for split in SPLITS:
        like = replace(shown.conditions, split=split)
        same = [found for found in evaluations if replace(found.conditions, checkpoint=like.checkpoint) == like]
        points = {found.epoch: found for found in same if found.epoch is not None}
        if len(points) > _FEW:
            by_split[split] = [points[epoch] for epoch in sorted(points)]
    if not by_split:
        return
    st.subheader("Over epochs", anchor=False)
    clicked = chart(checkpoints_figure(run, by_split, shown.epoch), key=f"epochs_{run.id}")
    if clicked and int(clicked.x) != shown.epoch:
        st.session_state[f"asked_epoch_{run.id}"] = int(clicked.x)
        st.rerun()


def _choice(label: str, name: str, run: Run, values: Sequence[str]) -> str:
    """Choose one of the values, by default the first; no widget if there is only one.

    ``name`` is what the address calls it.
    """
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return distinct[0]
    key = f"{name}_{run.id}"
    remember(name, key, distinct[0], distinct)
    return str(st.selectbox(label, distinct, key=key, format_func=_capitalized, width=220, persist_state="session"))


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:] or "None"


def _checkpoint(run: Run, ordered: Sequence[Evaluation]) -> Evaluation:
    """Choose a checkpoint, by epoch on a slider if there are many, else by name."""
    by_epoch = {found.epoch: found for found in reversed(ordered) if found.epoch is not None}
    if len(by_epoch) <= _FEW:
        by_name = {found.checkpoint: found for found in ordered}
        return by_name[_choice("Checkpoint", "checkpoint", run, list(by_name))]
    key, asked = f"epoch_{run.id}", st.session_state.pop(f"asked_epoch_{run.id}", None)
    if asked in by_epoch:
        st.session_state[key] = asked
    remember("epoch", key, ordered[0].epoch if ordered[0].epoch is not None else max(by_epoch), by_epoch)
    roles = {found.epoch: found.checkpoint for found in reversed(ordered) if found.checkpoint in ("best", "last")}
    epoch = st.select_slider("Checkpoint", sorted(by_epoch), key=key, width=320, persist_state="session",
                             format_func=lambda epoch: " · ".join(filter(None, (f"epoch {epoch}", roles.get(epoch)))))
    return by_epoch[epoch]


def _pictures(evaluation: Evaluation) -> str:
    conditions = evaluation.conditions
    return f"{conditions.dataset} {conditions.data_path}".strip() if conditions.dataset else SPLITS[evaluation.split]


def checkpoints_figure(run: Run, by_split: Mapping[str, Sequence[Evaluation]], chosen: int | None) -> Figure:
    """Draw a line per split, with the chosen epoch marked; a click on a point returns its epoch as ``x``."""
    score = run.score.test
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": split, "mode": "lines+markers", "name": _NAMES[split],
         "x": [found.epoch for found in evaluations], "y": [found.metrics.get(score) for found in evaluations],
         "marker": {"size": 7}, "hovertemplate": "%{y}",
         "line": {"color": colour(run.id), "width": 2.2, "dash": _DASHES[split]}}
        for split, evaluations in by_split.items()]
    mark = {"type": "line", "x0": chosen, "x1": chosen, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
            "line": {"color": "#8a8178", "width": 1, "dash": "dot"}}
    layout = {
        "uirevision": "kept", "hovermode": "x unified", "shapes": [] if chosen is None else [mark],
        "xaxis": {"title": {"text": "epoch"}, "unifiedhovertitle": {"text": "epoch %{x}"}, "tickformat": "d"},
        "yaxis": {"tickformat": ".0%", "hoverformat": ".2%"}, "margin": {"l": 44, "r": 8, "t": 8, "b": 36},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, "showlegend": True,
    }
    return Figure(traces, layout, _HEIGHT, stamp=f"{chosen} {[len(found) for found in by_split.values()]}")
