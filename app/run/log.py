"""A run's log, its end or the lines that hold a text."""

import streamlit as st

from app.kit.address import remember
from app.kit.guard import guarded
from app.kit.pulse import pulse
from app.kit.store import existing
from app.kit.words import counted
from engine.launch import log_file
from engine.store import Run

_SHOWN = 300
_HIGHEST, _EDGES, _LINE = 320, 36, 21


@st.fragment
def log(run_id: int) -> None:
    """Draw the log, and again while the run writes it."""
    with guarded():
        for run in existing([run_id]):
            if run.is_live:
                pulse("run_log_pulse", every=1, patience=3)
            _panel(run)


def _panel(run: Run) -> None:
    lines = log_lines(run)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Log", anchor=False, width="content")
        remember("find", f"run_log_{run.id}", "")
        text = st.text_input("Find in the log", key=f"run_log_{run.id}", type="search", live=True, width=300,
                             placeholder="Find in the log", label_visibility="collapsed", persist_state="session")
    if not lines:
        st.caption("No log file: a run in a terminal logs to the terminal." if run.is_ended else "Nothing logged yet.")
        return
    found = lines_with(lines, text or "")
    if text:
        st.caption(f"{counted(len(found), 'line')} of {len(lines):,}"
                   + (f", the last {_SHOWN} shown" if len(found) > _SHOWN else ""))
    with st.container(key="log"):
        st.code("\n".join(found[-_SHOWN:]) or "No line holds that.", language=None,
                height=min(_HIGHEST, _EDGES + _LINE * max(1, len(found))), wrap_lines=True)


def log_lines(run: Run) -> list[str]:
    """Return the lines of all attempts as a terminal shows them, without overwritten progress bars."""
    try:
        text = log_file(run.id).read_bytes().decode(errors="replace")
    except OSError:
        return []
    return [line.rpartition("\r")[2] for line in text.strip("\n").split("\n")] if text.strip() else []


def lines_with(lines: list[str], text: str) -> list[str]:
    """Return the lines that hold a text in any case, with their numbers; all of them, without, if it is empty."""
    if not text:
        return lines
    return [f"{number}: {line}" for number, line in enumerate(lines, 1) if text.lower() in line.lower()]
