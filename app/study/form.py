"""The declaration as a form: question, factors, settings, seeds and metric, hypotheses."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st

from app.form.fields import Field, fields, text_of
from app.kit.words import title_of
from app.study.draft import Declared, Draft, replace_declaration, scalar, texts
from app.study.factors import factors_form, new_factor
from app.study.hypotheses import hypotheses_form, new_hypothesis
from engine.catalog.metric import Unit
from engine.catalog.metrics import METRICS, study_metrics
from engine.config import Section, with_ranges
from engine.study.factors import label_of

_WIDE = {"model", "data_path", "weights_path"}


def form(draft: Draft) -> Declared:
    """Draw the form and return the declaration that its widgets make."""
    made = dict(draft.declared)
    key = draft.key
    with _section("Question"):
        made["question"] = st.text_area("Question", str(made.get("question", "")), key=f"{key}_question",
                                        height=80, placeholder="Does stronger augmentation help a small network?",
                                        label_visibility="collapsed")
    with _section("What varies"):
        made["factors"] = factors_form(made["factors"], key)
        if st.button("Add a factor", icon=":material/add:", type="tertiary", key=f"{key}_more_factors"):
            _reset(draft, made | {"factors": {**made["factors"], **new_factor(made["factors"])}})
    with _section("What stays"):
        made["settings"] = settings_form(made.get("settings") or {}, set(made["factors"]), key)
    with _section("Repeats and measure"):
        made |= _measure(made, key)
    levels = levels_of(made)
    with _section("Hypotheses"):
        made["hypotheses"] = hypotheses_form(made.get("hypotheses") or (), levels, key)
        if st.button("Add a hypothesis", icon=":material/add:", type="tertiary", key=f"{key}_more_claims"):
            claims = made["hypotheses"]
            new = new_hypothesis(levels, [str(claim.get("name")) for claim in claims])
            _reset(draft, made | {"hypotheses": [*claims, new]})
    if _rows(made) != _rows(draft.declared):
        _reset(draft, made)
    return made


def levels_of(declared: Declared) -> dict[str, list[str]]:
    """Return the labels of each factor's levels."""
    return {name: [label_of(level) for level in levels] for name, levels in declared["factors"].items()}


def _measure(made: Declared, key: str) -> dict[str, Any]:
    """Choose seeds, metric, margins (in points if the metric is a share) and the sets."""
    grid = st.grid(4, min_column_width=170, gap="small")
    with grid.cell():
        seeds = st.text_input("Seeds", ", ".join(map(str, made.get("seeds", (0, 1, 2)))), key=f"{key}_seeds",
                              live="400ms", help="Every cell is trained once with each seed. Three or more can show a "
                                                 "difference between recipes; one never can. 0-4 is five seeds.")
    with grid.cell():
        declared = str(made.get("metric", "top1"))
        names = list(dict.fromkeys([*study_metrics(), declared]))
        metric = st.selectbox("Metric", names, names.index(declared), key=f"{key}_metric", format_func=title_of,
                              help="Of the best checkpoint on the test set, unless the metric says otherwise.")
    unit = METRICS[metric].as_unit if metric in study_metrics() else Unit()
    with grid.cell():
        margin = st.number_input(f"Margin{unit.difference_suffix and ','}{unit.difference_suffix}",
                                 0.0, None, float(made.get("margin", 0.0)) * unit.scale, key=f"{key}_margin_{metric}",
                                 help="The smallest difference that matters: smaller ones count as none. Zero: any "
                                      "difference counts, and no number of further seeds can be promised to decide.")
    with grid.cell():
        ratio = st.number_input("Margin of ratios", 1.0, None, float(made.get("ratio_margin", 1.0)),
                                key=f"{key}_ratio_margin", disabled=not margin, step=0.01,
                                help="The smallest ratio that matters, such as 1.05: then ×0.96 counts as none. One: "
                                     "ratios get no verdict beside a margin of differences.")
    with grid.cell():
        factors = ["", *made["factors"]]
        declared = str(made.get("across", ""))
        across = st.selectbox("Rank recipes over", factors, factors.index(declared) if declared in factors else 0,
                              key=f"{key}_across_{factors}", format_func=lambda name: name or "Data sets, if they vary",
                              help="The factor whose levels are the sets that recipes are ranked over, beside the "
                                   "hypotheses: data sets, tasks or sizes.")
    return {"across": across, "seeds": [scalar(seed) for seed in with_ranges(texts(seeds))], "metric": metric,
            "margin": margin / unit.scale, "ratio_margin": ratio if margin else 1.0}


def _reset(draft: Draft, declared: Declared) -> None:
    replace_declaration(draft, declared)
    st.rerun()


def _rows(declared: Declared) -> tuple[list[str], int]:
    """Return what decides which widgets exist; if it changes, all keys must change."""
    return list(declared["factors"]), len(declared.get("hypotheses") or ())


@contextmanager
def _section(title: str) -> Iterator[None]:
    with st.container(key=f"section_{title.split()[-1].lower()}", gap=None):
        name, body = st.columns([1, 5], gap="medium")
        name.markdown(f"**{title}**")
        with body:
            yield


def settings_form(settings: Mapping[str, Any], varied: Collection[str], key: str) -> dict[str, Any]:
    """Draw the settings and return the edited ones.

    Args:
        varied: options that a factor sets; they are not offered.
        key: prefix of the widgets' keys; a new prefix resets them to ``settings``.
    """
    known = {field.name: field for field in fields() if field.option.section is not Section.RUN
             or field.name in settings or field.name == "device"}
    offered = [name for name in known if name in settings or name not in varied]
    chosen = st.multiselect("Options that all runs share", offered, [name for name in settings if name in known],
                            key=f"{key}_settings", format_func=lambda name: known[name].label,
                            placeholder="All options have their defaults",
                            help="Options that are not listed have their defaults, as in the launch form.")
    grid = st.grid(4, min_column_width=150, gap="small")
    made = {name: value for name, value in settings.items() if name not in known}
    for name in chosen:
        with grid.cell(column_span=2 if name in _WIDE else 1):
            made[name] = _value(known[name], settings.get(name), key)
    return made


def _value(field: Field, value: Any, key: str) -> Any:
    text = field.default if value is None else text_of(value)
    if field.choices:
        offered = list(dict.fromkeys([*field.choices, text]))
        picked = st.selectbox(field.label, offered, offered.index(text), key=f"{key}_set_{field.name}",
                              help=field.option.explanation, accept_new_options=field.option.spell is not None)
        return scalar(picked or "")
    typed = st.text_input(field.label, text, key=f"{key}_set_{field.name}", help=field.option.explanation, live="400ms")
    return value if typed == text and value is not None else scalar(typed)
