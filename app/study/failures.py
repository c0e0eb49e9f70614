"""Why runs of a study failed, in one line for all that say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from app import words
from app.study.linking import link_to
from engine.store import Run
from engine.study.matrix import Matrix, State

_SHOWN = 4


def failures(shown: Matrix) -> None:
    """A line for each reason, the commonest first; the rest of many behind a fold."""
    told = reasons(shown.runs(State.FAILED))
    for reason, runs in told[:_SHOWN]:
        _line(reason, runs)
    if told[_SHOWN:]:
        with st.expander(f"{len(told) - _SHOWN} more reasons", key="study_more_failures"):
            for reason, runs in told[_SHOWN:]:
                _line(reason, runs)


def reasons(failed: Sequence[Run]) -> list[tuple[str, list[Run]]]:
    """Each reason with the runs that it ended, the commonest first; runs that somebody stopped have none."""
    found: defaultdict[str, list[Run]] = defaultdict(list)
    for run in failed:
        if run.error:
            found[run.error].append(run)
    return sorted(found.items(), key=lambda each: -len(each[1]))


def _line(reason: str, runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"failure_{runs[0].id}"):
        st.markdown(f":red[:material/cancel:] Failed: {words.sentence(reason)}", width="stretch")
        link_to(runs)
