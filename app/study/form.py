"""The declaration as a form: what is asked, what varies, what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from app.study.draft import Declared, Draft, replaced
from app.study.factors_form import factors_form, new_factor
from app.study.figures import title_of
from app.study.hypotheses_form import hypotheses_form, new_hypothesis
from app.study.settings_form import settings_form
from app.study.typed import scalar, texts
from engine.catalog.metric import Unit
from engine.catalog.metrics import METRICS, of_studies
from engine.study.labels import label_of


def form(draft: Draft) -> Declared:
    """Draw the form; the declaration that its widgets now make."""
    made = dict(draft.declared)
    key = draft.key
    with _section("Question"):
        made["question"] = st.text_area("What is asked", str(made.get("question", "")), key=f"{key}_question",
                                        height=80, placeholder="Does stronger augmentation help a small network?",
                                        label_visibility="collapsed")
    with _section("What varies"):
        made["factors"] = factors_form(made["factors"], key)
        if st.button("Another factor", icon=":material/add:", type="tertiary", key=f"{key}_more_factors"):
            _begin_anew(draft, made | {"factors": {**made["factors"], **new_factor(made["factors"])}})
    with _section("What stays"):
        made["settings"] = settings_form(made.get("settings") or {}, set(made["factors"]), key)
    with _section("Repeats and measure"):
        made |= _measure(made, key)
    levels = levels_of(made)
    with _section("Hypotheses"):
        made["hypotheses"] = hypotheses_form(made.get("hypotheses") or (), levels, key)
        if st.button("Another hypothesis", icon=":material/add:", type="tertiary", key=f"{key}_more_claims"):
            claims = made["hypotheses"]
            new = new_hypothesis(levels, [str(claim.get("name")) for claim in claims])
            _begin_anew(draft, made | {"hypotheses": [*claims, new]})
    if _rows(made) != _rows(draft.declared):
        _begin_anew(draft, made)
    return made


def levels_of(declared: Declared) -> dict[str, list[str]]:
    """The labels of each factor's levels."""
    return {name: [label_of(level) for level in levels] for name, levels in declared["factors"].items()}


def _measure(made: Declared, key: str) -> dict[str, Any]:
    """Seeds, metric and margin, which people give in points where the metric is a share."""
    grid = st.grid(3, min_column_width=170, gap="small")
    with grid.cell():
        seeds = st.text_input("Seeds", ", ".join(map(str, made.get("seeds", (0, 1, 2)))), key=f"{key}_seeds",
                              live="400ms", help="Every cell is trained once with each. Three or more can show a "
                                                 "difference between recipes; one never can.")
    with grid.cell():
        declared = str(made.get("metric", "top1"))
        names = list(dict.fromkeys([*of_studies(), declared]))
        metric = st.selectbox("Metric", names, names.index(declared), key=f"{key}_metric", format_func=title_of,
                              help="Of the best checkpoint on the test set, unless the metric says otherwise.")
    unit = METRICS[metric].as_unit if metric in of_studies() else Unit()
    with grid.cell():
        margin = st.number_input(f"Smallest difference that matters{unit.of_difference and ','}{unit.of_difference}",
                                 0.0, None, float(made.get("margin", 0.0)) * unit.scale, key=f"{key}_margin_{metric}",
                                 help="Smaller differences count as none. Leave it at zero to ask for any difference.")
    return {"seeds": [scalar(seed) for seed in texts(seeds)], "metric": metric, "margin": margin / unit.scale}


def _begin_anew(draft: Draft, declared: Declared) -> None:
    replaced(draft, declared)
    st.rerun()


def _rows(declared: Declared) -> tuple[list[str], int]:
    """What decides which widgets there are: after a change of it, their keys belong to others."""
    return list(declared["factors"]), len(declared.get("hypotheses") or ())


@contextmanager
def _section(title: str) -> Iterator[None]:
    with st.container(key=f"section_{title.split()[-1].lower()}", gap=None):
        name, body = st.columns([1, 5], gap="medium")
        name.markdown(f"**{title}**")
        with body:
            yield
