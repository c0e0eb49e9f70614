"""A model's predictions for one picture with any number of classes, each beside its threshold."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from app.kit import words
from app.trying.classes import Shown, choose_shown, show_beside
from engine.explain.picture import likeliest
from engine.labels.targets import NO_CLASS
from engine.store import Run


def choose_picture(run: Run) -> Callable[[str, str], None] | None:
    """Choose a picture; return a function that draws a checkpoint's answer, None until there is a picture."""
    shown = choose_shown(run)
    return partial(_show_answer, run, shown) if shown else None


def _show_answer(run: Run, shown: Shown, checkpoint: str, weights: str) -> None:
    """Draw the predicted classes and the most likely ones, and the picture beside its saliency map."""
    answer = shown.explain(checkpoint, weights, None)
    probabilities, names, thresholds = answer["pictures"][0]["probabilities"], answer["classes"], answer["thresholds"]
    predicted = [label for label in range(len(names)) if probabilities[label] >= thresholds[label]]
    st.markdown(f"**{words.plain(', '.join(names[label] for label in predicted) or NO_CLASS)}**")
    if answer["note"]:
        st.caption(words.plain(answer["note"]))
    top = list(dict.fromkeys([*likeliest(probabilities), *predicted]))
    st.html(_bars([(names[label], probabilities[label], thresholds[label], label) for label in top], shown.true))
    show_beside(run, shown, checkpoint, weights, answer, top)


def _bars(rows: list[tuple[str, float, float, int]], true: frozenset[int] | None) -> str:
    """Return a bar for each class as HTML, beside its threshold."""
    def mark(probability: float, threshold: float, label: int) -> str:
        if true is None:
            return ""
        right = (probability >= threshold) == (label in true)
        return "" if right and label not in true else "dr-right" if right else "dr-wrong"

    return '<div class="dr-odds">' + "".join(
        f'<b class="{mark(probability, threshold, label)}">{escape(name)}</b>'
        f'<i><u style="width:{100 * probability:.2f}%"></u></i>'
        f"<span>{words.percent(probability)} {'≥' if probability >= threshold else '&lt;'} "
        f"{words.percent(threshold)}</span>"
        for name, probability, threshold, label in rows) + "</div>"
