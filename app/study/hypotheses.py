"""The hypotheses of a study: as widgets, and in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.kit.words import plain
from engine.study.hypothesis import KINDS, changes_of

_EXPECTED = {"higher": "is above zero", "lower": "is below zero", "none": "is within the margin of zero"}
Levels = Mapping[str, Sequence[str]]
"""The labels of each factor's levels."""

Claim = dict[str, Any]

_KINDS = {"difference": "Difference", "interaction": "Difference in differences", "trend": "Trend",
          "ordering": "Ordering", "best": "Best of all"}
_EXPECT = {"higher": "above zero", "lower": "below zero", "none": "within the margin of zero"}
_BEYOND = {"higher": "higher than", "lower": "lower than"}
_AVERAGED, _EACH = "averaged over", "at each level"
_COMPARED = ("between", "order", "best")
_KEPT = ("name", "claim", "kind", "at", "each", "expect", "metric", "margin", "ratio_margin")


def hypotheses_form(claims: Sequence[Claim], levels: Levels, key: str) -> list[Claim]:
    """Draw the hypotheses and return the edited ones, without a removed one.

    Args:
        key: prefix of the widgets' keys; a new prefix resets them to ``claims``.
    """
    made = []
    for place, claim in enumerate(claims):
        with st.container(border=True, key=f"{key}_claim_{place}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                edited = _name_and_kind(claim, f"{key}_{place}")
                removed = st.button("Remove", icon=":material/close:", key=f"icon_{key}_{place}_unclaim",
                                    type="tertiary")
            edited = _compared(edited, levels, f"{key}_{place}")
            if not removed:
                made.append(edited)
    return made


def new_hypothesis(levels: Levels, taken: Sequence[str]) -> Claim:
    """Return a hypothesis: the first factor's last level minus its first is above zero."""
    name = next(f"H{number}" for number in range(1, len(taken) + 2) if f"H{number}" not in taken)
    factor, labels = next(((factor, labels) for factor, labels in levels.items() if len(labels) > 1),
                          next(iter(levels.items()), ("", [""])))
    return {"name": name, "kind": "difference", "between": {factor: [labels[-1], labels[0]]}}


def _name_and_kind(claim: Claim, key: str) -> Claim:
    name = st.text_input("Name", str(claim.get("name", "")), key=f"{key}_claim_name", width=90)
    words = st.text_input("In your words", str(claim.get("claim", "")), key=f"{key}_claim_words",
                          placeholder="What you expect, and why it matters. For readers only.")
    kind = st.selectbox("Kind", list(_KINDS), _index(list(_KINDS), claim.get("kind")), key=f"{key}_kind", width=230,
                        format_func=lambda kind: _KINDS.get(kind, kind), help=" ".join(
                            f"**{_KINDS[name]}**: {kind.help}" for name, kind in KINDS.items()))
    edited = {**claim, "name": name, "claim": words, "kind": kind}
    return edited if kind == claim.get("kind") else {field: edited[field] for field in _KEPT if field in edited}


def _compared(claim: Claim, levels: Levels, key: str) -> Claim:
    """Draw what the claim compares; a claim over several factors is shown but cannot be edited here."""
    if any(len(pattern) > 1 for pattern in _patterns(claim)):
        st.caption(f"{plain(hypothesis_in_words(claim))} :gray[It compares several factors: edit it in the YAML view.]")
        return claim
    grid = st.grid(6, min_column_width=120, gap="small")
    edited = _WIDGETS[claim["kind"]](grid, claim, levels, f"{key}_{claim['kind']}")
    used = {factor for pattern in _patterns(edited) for factor in pattern} | {edited.get("over", "")}
    words = _BEYOND if claim["kind"] in ("ordering", "best") else _EXPECT
    with grid.cell(column_span=2):
        edited["expect"] = st.selectbox("Expected", list(words), _index(list(words), claim.get("expect")),
                                        key=f"{key}_expect_{len(words)}", format_func=lambda expect: words[expect])
    edited = _conditions(grid, edited, {name: labels for name, labels in levels.items() if name not in used}, key)
    st.caption(plain(hypothesis_in_words(edited)))
    return edited


def _patterns(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is compared, by factor."""
    return [claim.get(field) or {} for field in _COMPARED] + changes_of(claim)


def _difference(grid: Any, claim: Claim, levels: Levels, key: str) -> Claim:
    return {**claim, "between": _pair(grid, claim.get("between"), levels, key, ("Of", "Level", "minus"))}


def _interaction(grid: Any, claim: Claim, levels: Levels, key: str) -> Claim:
    between = _pair(grid, claim.get("between"), levels, f"{key}_between", ("Of", "Level", "minus"))
    others = {name: labels for name, labels in levels.items() if name not in between}
    declared, changes, nothing = changes_of(claim), [], "nothing more"
    for place in range(len(levels)):
        change = declared[place] if place < len(declared) else {}
        if place:
            current = next(iter(change), nothing)
            title = "and how that differs over" if place == 1 else "and over"
            factor = _pick(grid, title, [nothing, *others], current, f"{key}_more_{place}")
            if factor == nothing:
                break
            offered, titles = {factor: others.get(factor, ())}, ("", "At", "with at")
        else:
            offered, titles = others, ("Compared over", "At", "with at")
        changes.append(_pair(grid, change, offered, f"{key}_change_{place}", titles))
        others = {name: labels for name, labels in others.items() if name not in changes[-1]}
    return {**claim, "between": between, "change": changes[0] if len(changes) == 1 else changes}


def _trend(grid: Any, claim: Claim, levels: Levels, key: str) -> Claim:
    over = _pick(grid, "Slope over", list(levels), claim.get("over"), f"{key}_over")
    scale = _pick(grid, "Axis", ["linear", "log"], claim.get("scale"), f"{key}_scale")
    others = {name: labels for name, labels in levels.items() if name != over}
    nothing = "the metric itself"
    asked = next(iter(claim.get("between") or {}), nothing)
    of = _pick(grid, "Of", [nothing, *others], asked, f"{key}_of")
    edited = {**claim, "over": over, "scale": scale, "between": {}}
    if of != nothing:
        edited["between"] = _pair(grid, claim.get("between"), {of: others.get(of, ())}, key, ("", "Level", "minus"))
    return edited


def _ordering(grid: Any, claim: Claim, levels: Levels, key: str) -> Claim:
    factor, labels = _first(claim.get("order"), levels)
    factor = _pick(grid, "Of", list(levels), factor, f"{key}_factor")
    offered = list(levels.get(factor, ()))
    chosen = [str(label) for label in labels if str(label) in offered] or offered
    with grid.cell(column_span=3):
        order = st.multiselect("Levels, the first beyond the next", offered, chosen, key=f"{key}_order_{factor}")
    return {**claim, "order": {factor: order}}


def _best(grid: Any, claim: Claim, levels: Levels, key: str) -> Claim:
    factor, labels = _first(claim.get("best"), levels)
    factor = _pick(grid, "Of", list(levels), factor, f"{key}_factor")
    label = _pick(grid, "Level", list(levels.get(factor, ())), labels[0] if labels else None, f"{key}_{factor}")
    return {**claim, "best": {factor: label}}


_WIDGETS = {"difference": _difference, "interaction": _interaction, "trend": _trend, "ordering": _ordering,
            "best": _best}


def _pair(grid: Any, pair: Mapping[str, Any] | None, levels: Levels, key: str,
          titles: tuple[str, str, str]) -> dict[str, list[str]]:
    """Choose a factor and two of its levels; without a title for the factor, use the first."""
    factor, labels = _first(pair, levels)
    if titles[0]:
        factor = _pick(grid, titles[0], list(levels), factor, f"{key}_factor")
    offered = list(levels.get(factor, ()))
    first = _pick(grid, titles[1], offered, labels[0] if labels else offered[-1:], f"{key}_{factor}_a")
    second = _pick(grid, titles[2], offered, labels[1] if len(labels) > 1 else None, f"{key}_{factor}_b")
    return {factor: [first, second]}


def _conditions(grid: Any, claim: Claim, others: Levels, key: str) -> Claim:
    """Choose for every other factor whether to average over its levels, judge each, or hold some."""
    at, each = {name: list(labels) if isinstance(labels, list | tuple) else [labels]
                for name, labels in (claim.get("at") or {}).items()}, list(claim.get("each") or ())
    held, judged = {}, []
    for factor, labels in others.items():
        several = ", ".join(map(str, at.get(factor, ())))
        current = _EACH if factor in each else several or _AVERAGED
        picked = _pick(grid, factor, [_AVERAGED, _EACH, *labels], current, f"{key}_at_{factor}")
        if picked == _EACH:
            judged.append(factor)
        elif picked != _AVERAGED:
            held[factor] = at[factor] if picked == several else [picked]
    return {**claim, "at": held, "each": judged}


def _first(pair: Mapping[str, Any] | None, levels: Levels) -> tuple[str, Sequence[Any]]:
    """Return the factor and the labels that a claim names, else the first factor without labels."""
    for factor, labels in (pair or {}).items():
        return factor, labels if isinstance(labels, list | tuple) else [labels]
    return next(iter(levels), ""), ()


def _pick(grid: Any, title: str, offered: Sequence[str], current: Any, key: str) -> str:
    """Choose one option; a declared value that is not offered stays listed, so that its mistake can be shown."""
    text = str(current[0] if isinstance(current, list) and current else current or "")
    listed = [*offered, text] if text and text not in offered else list(offered)
    with grid.cell():
        return st.selectbox(title, listed, _index(listed, text), key=key) or ""


def _index(offered: Sequence[str], current: Any) -> int:
    return list(offered).index(current) if current in offered else 0


def hypothesis_in_words(claim: Mapping[str, Any]) -> str:
    """``cutmix − none of mixing, at model resnet18, is above zero.``"""
    beyond = {"higher": "higher", "lower": "lower"}.get(str(claim.get("expect", "higher")), "different")
    kind = claim.get("kind")
    if kind == "best":
        return f"{_levels_named(claim.get('best'))} is {beyond} than every other{_where(claim).rstrip(',')}."
    if kind == "ordering":
        rows = " and ".join(f"{', '.join(_several(labels))} of {factor}"
                            for factor, labels in (claim.get("order") or {}).items())
        return f"{rows}, each {beyond} than the next{_where(claim).rstrip(',')}."
    difference = " and ".join(f"{a} − {b} of {factor}" for factor, (a, b) in _pairs(claim.get("between")))
    expected = _EXPECTED[str(claim.get("expect", "higher"))]
    if kind == "trend":
        of = difference or "the metric"
        return f"The slope of {of} over {claim.get('over')}{_where(claim)} {expected}."
    if kind == "interaction":
        return f"{difference}{_where(claim)} {_changes_in_words(claim)}."
    return f"{difference}{_where(claim)} {expected}."


def _changes_in_words(claim: Mapping[str, Any]) -> str:
    """``is larger at a than at b (model), and that by more at c than at d (weights)``"""
    expect = str(claim.get("expect", "higher"))
    more, than = {"higher": ("larger at", "than at"), "lower": ("smaller at", "than at"),
                  "none": ("the same, within the margin, at", "as at")}[expect]
    places = [_pairs(change) for change in changes_of(claim)]
    *inner, last = [" and ".join(f"{c} {{than}} {d} ({factor})" for factor, (c, d) in pairs) for pairs in places]
    if not inner:
        return f"is {more} {last.format(than=than)}"
    differs = "; of that, what differs ".join(text.format(than="and at") for text in inner)
    return f"differs at {differs}, and this difference is {more} {last.format(than=than)}"


def _pairs(pairs: Mapping[str, Any] | None) -> list[tuple[str, tuple[Any, Any]]]:
    return [(factor, (pair[0], pair[1])) for factor, pair in (pairs or {}).items() if len(pair) == 2]


def _levels_named(levels: Mapping[str, Any] | None) -> str:
    return " with ".join(f"{label} ({factor})" for factor, label in (levels or {}).items())


def _several(labels: Any) -> list[str]:
    return [str(label) for label in labels] if isinstance(labels, list | tuple) else [str(labels)]


def _where(claim: Mapping[str, Any]) -> str:
    held = [f"{factor} {' or '.join(_several(labels))}" for factor, labels in (claim.get("at") or {}).items()]
    each = [f"each {factor}" for factor in claim.get("each") or ()]
    return f", at {' and '.join([*held, *each])}," if held or each else ""
