"""The declaration, as a form or as YAML, and beside it what the study would take before anything starts."""

from dataclasses import replace

import streamlit as st

from app.kit import words
from app.kit.findings import remarks
from app.kit.frame import definitions
from app.kit.guard import guarded
from app.kit.pulse import pulse
from app.kit.store import store
from app.study.choice import start
from app.study.draft import Draft, Meant, discard, draft_of, keep, meant, typed, written
from app.study.form import form
from engine.analysis.lint import lint_study
from engine.study.check import cell_title
from engine.study.plan import Plan, Problem, plan
from engine.study.study import Study
from engine.study.versions import Studies

_HEIGHT = 620


def form_or_yaml() -> None:
    """Let it be chosen how the declaration is shown."""
    st.segmented_control("As", ["Form", "YAML"], default="Form", required=True, key="study_as",
                         label_visibility="collapsed", persist_state="session")


def declare(study: Study) -> None:
    """Draw the view."""
    draft = draft_of(study)
    with st.container(key="split_study"):
        left, right = st.columns([2.4, 1], gap="large")
    with left:
        as_yaml = st.session_state.get("study_as") == "YAML" or draft.text is not None
        draft = _as_yaml(draft) if as_yaml else _as_form(draft)
    with right, st.container(key="study_aside", border=True):
        said = meant(draft)
        if said.study != study:
            _save(draft, said)
        if said.study is None:
            st.caption(f":red[:material/error: {words.plain(said.mistake)}]")
        elif said.study.seeds:
            before(said.study)
        else:
            st.caption("Results from elsewhere: there is nothing to launch. Say under **Hypotheses** what they are to "
                       "show.")


def _as_form(draft: Draft) -> Draft:
    return keep(replace(draft, declared=form(draft)))


def _as_yaml(draft: Draft) -> Draft:
    """The declaration as text; a text that is no study stays as it is typed, and is told as the mistake it is."""
    shown = written(draft) if draft.text is None else draft.text
    text = st.text_area("YAML", shown, key=f"{draft.key}_yaml", height=_HEIGHT, label_visibility="collapsed")
    return draft if text == shown else typed(draft, text)


def _save(draft: Draft, said: Meant) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":orange[●] Not saved", width="content")
        if st.button("Save", key="study_save", disabled=said.study is None) and said.study is not None:
            Studies(store()).save(said.study)
            discard()
            st.rerun()
        st.button("Discard", key="study_discard", type="tertiary", on_click=discard)


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
        definitions(_facts(found))
        for problem in found.problems:
            st.caption(f":red[:material/block: {words.plain(_told(problem))}]")
        remarks(lint_study(study))


def _launch_button(study: Study, found: Plan) -> None:
    runs = f"{found.missing} run{'s' * (found.missing > 1)}"
    if st.button(f"Launch {runs}", type="primary", width="stretch", icon=":material/play_arrow:", key="study_launch",
                 disabled=bool(found.problems), help="What is declared here is kept as it is, with the time."):
        start(study)


def _facts(found: Plan) -> list[tuple[str, str, str]]:
    study = found.matrix.study
    waiting = "measuring…" if found.pending else words.DASH
    reused = f"{found.reused} done already: reused, not run again" if found.reused else ""
    rows = [("Cells", words.count(len(study.cells)), " × ".join(str(len(factor.levels)) for factor in study.varied)),
            ("Runs", words.count(found.runs), reused),
            ("To launch", words.count(found.missing), ""),
            ("Time", *_time(found, waiting)), ("Memory", *_memory(found, waiting)), ("Disk", *_disk(found, waiting))]
    return rows if found.missing else rows[:3]


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
