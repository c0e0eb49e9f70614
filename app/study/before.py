"""What a study would take, told beside its declaration before anything starts."""

from __future__ import annotations

from html import escape

import streamlit as st

from app import words
from app.guard import guarded
from app.pulse import pulse
from app.remarks import remarks
from app.stored import store
from app.study.starting import start
from engine.analysis.lint import lint_study
from engine.study.check import cell_title
from engine.study.plan import Plan, Problem, plan
from engine.study.study import Study


@st.fragment
def before(study: Study) -> None:
    """The launch button; runs, time, memory and disk; what stands in the way; what the linter says.

    Looks again while something is still being measured.
    """
    with guarded():
        found = plan(store(), study)
        if found.pending:
            pulse("study_plan", every=1, patience=2)
        if found.missing:
            _launch_button(study, found)
        st.html(_facts(found))
        for problem in found.problems:
            st.caption(f":red[:material/block: {words.plain(_told(problem))}]")
        remarks(lint_study(study))


def _launch_button(study: Study, found: Plan) -> None:
    runs = f"{found.missing} run{'s' * (found.missing > 1)}"
    if st.button(f"Launch {runs}", type="primary", width="stretch", icon=":material/play_arrow:", key="study_launch",
                 disabled=bool(found.problems), help="What is declared here is kept as it is, with the time."):
        start(study)


def _facts(found: Plan) -> str:
    study = found.matrix.study
    waiting = "measuring…" if found.pending else words.DASH
    reused = f"{found.reused} done already: reused, not run again" if found.reused else ""
    rows = [("Cells", words.count(len(study.cells)), " × ".join(str(len(factor.levels)) for factor in study.varied)),
            ("Runs", words.count(found.runs), reused),
            ("To launch", words.count(found.missing), ""),
            ("Time", *_time(found, waiting)), ("Memory", *_memory(found, waiting)), ("Disk", *_disk(found, waiting))]
    shown = rows if found.missing else rows[:3]
    items = "".join(f"<dt>{name}</dt><dd>{escape(value)}" + (f"<small>{escape(note)}</small>" if note else "") + "</dd>"
                    for name, value, note in shown)
    return f'<dl class="dr-facts">{items}</dl>'


def _time(found: Plan, waiting: str) -> tuple[str, str]:
    if found.untimed == found.missing:
        return ("unknown" if waiting == words.DASH else waiting), "nothing comparable has run here yet"
    at_once = f"{found.slots} at once" if found.slots > 1 else "one after the other"
    untold = f"; {found.untimed} runs not known" if found.untimed else ""
    return f"about {words.duration(found.wall_seconds)}", at_once + untold


def _memory(found: Plan, waiting: str) -> tuple[str, str]:
    if found.memory is None:
        return waiting, ""
    largest = f"most: {cell_title(found.largest)}" if found.largest else ""
    there = f"of {words.size(found.capacity.bytes)}" if found.capacity else ""
    notes = filter(None, [str(found.fit or ""), largest])
    return f"{words.size(found.memory.bytes)} {there}".strip(), "; ".join(notes)


def _disk(found: Plan, waiting: str) -> tuple[str, str]:
    return (waiting if found.disk is None else words.size(found.disk)), f"{words.size(found.free)} free"


def _told(problem: Problem) -> str:
    more = f" and {len(problem.cells) - 1} more" if problem.cells[1:] else ""
    return f"{cell_title(problem.cells[0])}{more}: {problem.message}"
