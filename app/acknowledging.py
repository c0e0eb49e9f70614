"""A finding of the doctor as every page shows it: its sentence with a mark, and how it is let stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from app import words
from app.stored import store

_SEEN, _SERIOUS, _OTHER = ":gray[:material/check:]", ":red[:material/error:]", ":gray[:material/info:]"


def told(message: str, notes: Collection[str] | None, *, serious: bool, whose: str = "") -> str:
    """The finding as Markdown.

    Args:
        notes: why it was acknowledged, empty where nobody said; None while it is not.
        whose: Markdown before the message.
    """
    icon = _SEEN if notes is not None else _SERIOUS if serious else _OTHER
    line = f"{icon} {whose}{words.sentence(message)}"
    if notes is None:
        return line
    reasons = words.plain("; ".join(filter(None, notes)))
    return f"{line} :gray[Acknowledged{': ' + reasons if reasons else ''}.]"


def acknowledge(run_ids: Sequence[int], rule: str, *, seen: bool, serious: bool) -> None:
    """The button that lets a serious finding of these runs stand, or takes that back."""
    key = f"{run_ids[0]}_{rule}"
    if seen:
        if st.button("Take back", key=f"unsee_{key}", type="tertiary"):
            for run_id in run_ids:
                store().acknowledged.take_back(run_id, rule)
            st.rerun()
    elif serious:
        with st.popover("Acknowledge", key=f"see_{key}", type="tertiary",
                        help="Until then nothing is concluded from it in a study."):
            note = st.text_input("Why it may stand", key=f"note_{key}")
            if st.button("Let it stand", type="primary", key=f"seen_{key}"):
                for run_id in run_ids:
                    store().acknowledged.put(run_id, rule, note.strip())
                st.rerun()
