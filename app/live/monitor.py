"""The live parts of the Live page: cards with buttons, queue, charts, log."""

from collections.abc import Sequence

import streamlit as st

from app.charts import draw_curves
from app.charts.panels import RATE, Panel
from app.charts.view import View
from app.kit.address import remember
from app.kit.controls import controls
from app.kit.findings import show_findings
from app.kit.guard import guarded
from app.kit.looks import badge, card, label, share, title
from app.kit.pulse import pulse
from app.kit.store import existing, maintain_runs, runs, store
from app.tasks import panels
from engine.launch import (
    MAX_CPU_SLOTS,
    cpu_slots,
    log_file,
    log_tail,
    set_cpu_slots,
)
from engine.store import Run, Status

_EVERY = 0.5
_CARDS = 3
_LOG_LINES = 200
_FEW_LINES = 8


def slots() -> None:
    """Draw the limit of concurrent runs on the CPU."""
    limit = cpu_slots(store())
    with st.popover(f"{limit} at once", icon=":material/stacks:"):
        wanted = st.number_input("Concurrent runs on the CPU", min_value=1, max_value=MAX_CPU_SLOTS, value=limit,
                                 step=1, disabled=bool(store().read_only),
                                 help="Each GPU trains one run; this limit is for runs without a GPU.")
        if wanted != limit:
            set_cpu_slots(store(), int(wanted))
            st.rerun()


@st.fragment
def watch(chosen: Sequence[int], view: View, chosen_panels: Sequence[Panel]) -> None:
    """Draw everything that changes, and refresh when the store changes."""
    with guarded():
        maintain_runs()
        waiting = [run for run in runs() if run.is_live or run.status is Status.QUEUED]
        shown = existing(list(chosen))
        pulse("live_pulse", every=_EVERY, patience=3 if waiting else 3600)
        _cards(shown)
        show_findings(shown)
        _others([run for run in reversed(waiting) if run.id not in chosen])
        if shown:
            draw_curves(shown, chosen_panels or [*panels(shown), RATE], view, key="live_curves")
            _log(shown)


def _cards(shown: Sequence[Run]) -> None:
    """Draw the card of each run with its buttons; for many runs all cards, and the buttons of one."""
    if len(shown) > _CARDS:
        st.html(f'<div class="dr-many">{"".join(card(run) for run in shown)}</div>')
        with st.container(horizontal=True, vertical_alignment="center"):
            controls(_choose_one(shown, "control_of"))
        return
    for run in shown:
        with st.container(horizontal=True, vertical_alignment="top", gap="medium", key=f"card_{run.id}"):
            st.html(card(run))
            controls(run)


def _choose_one(shown: Sequence[Run], name: str) -> Run:
    """Choose one of the runs; ``name`` is what the address calls it."""
    by_id = {str(run.id): run for run in shown}
    remember(name, f"live_{name}", next(iter(by_id)), by_id)
    picked = st.selectbox("Run", list(by_id), format_func=lambda run_id: label(by_id[run_id]),
                          key=f"live_{name}", label_visibility="collapsed", width=280, persist_state="session")
    return by_id[picked]


def _others(others: Sequence[Run]) -> None:
    if not others:
        return
    with st.expander(f"{len(others)} more running or queued", key="others"):
        for run in others:
            with st.container(horizontal=True, vertical_alignment="center"):
                note = f"{100 * share(run):.0f} %" if run.is_live else ""
                st.html(f'<div class="dr-head">{title(run)}{badge(run.status, run.requested)}<span>{note}</span></div>')
                controls(run)


def _log(shown: Sequence[Run]) -> None:
    with st.container(gap="xxsmall", border=True, key="log"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**Log**", width="content")
            run = _choose_one(shown, "log_of") if len(shown) > 1 else shown[0]
        lines = _terminal_lines(log_tail(log_file(run.id), run.attempt))
        if not any(lines):
            st.caption("Nothing logged yet." if not run.is_ended else
                       "No log file: a run in a terminal logs to the terminal.")
            return
        st.code("\n".join(lines[-_LOG_LINES:]), language=None, wrap_lines=True,
                height=215 if len(lines) > _FEW_LINES else "content")


def _terminal_lines(log: str) -> list[str]:
    """Return a log's lines as a terminal shows them, without overwritten progress bars."""
    return [line.rpartition("\r")[2] for line in log.strip("\n").split("\n")]
