"""What the comparisons of two runs share: which runs, in which order, and their names."""

import re
from collections.abc import Sequence

import streamlit as st

from app.kit import words
from app.kit.address import remember
from app.kit.looks import label
from engine.errors import UserError
from engine.evaluation.conditions import describe_checkpoint
from engine.store import Evaluation, Run

_PAIR = 2
_COMPARISON = re.compile(r"^(compare|errors|ensemble|predictions): ")
_SWAPPED = "errors_swapped"


def tested_pair(runs: Sequence[Run], title: str) -> Sequence[Run]:
    """Return the two runs in the chosen order, below a subheader; none, with the reason, if they cannot be compared.

    Nothing is drawn unless exactly two runs of one task are selected.
    """
    if len(runs) != _PAIR or len({run.task for run in runs}) > 1:
        return ()
    st.subheader(title, anchor=False)
    without = next((run for run in runs if run.is_imported or run.test_score is None), None)
    if without is not None:
        why = "was imported and has no stored predictions" if without.is_imported else "was not evaluated yet"
        st.caption(f"{words.plain(label(without))} {why}.")
        return ()
    remember("swapped", _SWAPPED, default=False)
    return runs[::-1] if st.session_state[_SWAPPED] else runs


def show_refusal(error: UserError) -> None:
    """Draw why runs cannot be compared; what the command line calls the comparison is left out."""
    st.caption(f":orange[:material/warning: {words.sentence(_COMPARISON.sub('', str(error)))}]")


def pair_head(runs: Sequence[Run], evaluations: Sequence[Evaluation]) -> None:
    """Name both checkpoints, beside a switch that swaps them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        names = " to ".join(f"**{words.plain(label(run))}**, {describe_checkpoint(evaluation)},"
                            for run, evaluation in zip(runs, evaluations, strict=True)).rstrip(",")
        st.markdown(f"From {names}", width="content")
        st.toggle("Swap the runs", key=_SWAPPED, persist_state="session")
