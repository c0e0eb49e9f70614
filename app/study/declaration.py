"""The declaration, as a form or as YAML, and beside it the cost of the study before anything starts."""

from dataclasses import replace

import streamlit as st

from app.kit import words
from app.kit.address import remember
from app.kit.findings import show_remarks
from app.kit.frame import definitions, show_mistake
from app.kit.guard import guarded
from app.kit.pulse import pulse
from app.kit.store import store
from app.kit.writing import measuring, write_button
from app.study.choice import start
from app.study.draft import Draft, Parsed, as_yaml, discard, draft_of, edit_yaml, keep, parse
from app.study.form import form
from engine.analysis.lint import lint_study
from engine.study.check import cell_title
from engine.study.plan import Plan, Problem, plan
from engine.study.study import Study
from engine.study.versions import Studies

_HEIGHT = 620
_AS = ("Form", "YAML")


def form_or_yaml() -> None:
    """Choose how the declaration is shown."""
    remember("as", "study_as", _AS[0], _AS)
    st.segmented_control("As", _AS, required=True, key="study_as",
                         label_visibility="collapsed", persist_state="session")


def declare(study: Study) -> None:
    """Draw the view."""
    draft = draft_of(study)
    with st.container(key="split_study"):
        left, right = st.columns([2.4, 1], gap="large")
    with left:
        yaml_chosen = st.session_state.get("study_as") == "YAML" or draft.text is not None
        draft = _yaml_editor(draft) if yaml_chosen else keep(replace(draft, declared=form(draft)))
    with right, st.container(key="study_aside", border=True):
        parsed = parse(draft)
        if parsed.study != study:
            _save(draft, parsed)
        if parsed.study is None:
            show_mistake(words.plain(parsed.mistake))
        elif parsed.study.seeds:
            show_plan(parsed.study)
        else:
            st.caption("Imported results: there is nothing to launch. Declare under **Hypotheses** what you expect of "
                       "them.")


def _yaml_editor(draft: Draft) -> Draft:
    """Edit the declaration as text; an invalid text is kept, and its mistake is shown."""
    shown = as_yaml(draft) if draft.text is None else draft.text
    text = st.text_area("YAML", shown, key=f"{draft.key}_yaml", height=_HEIGHT, label_visibility="collapsed")
    return draft if text == shown else edit_yaml(draft, text)


def _save(draft: Draft, parsed: Parsed) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":orange[●] Not saved", width="content")
        if write_button("Save", key="study_save", disabled=parsed.study is None) and parsed.study is not None:
            Studies(store()).save(parsed.study)
            discard()
            st.rerun()
        st.button("Discard", key="study_discard", type="tertiary", on_click=discard)


@st.fragment
def show_plan(study: Study) -> None:
    """Draw the launch button, the cost, the problems and the linter's remarks; refresh while costs are measured."""
    with guarded():
        found = plan(store(), study)
        if found.pending and not store().read_only:
            pulse("study_plan", every=1, patience=2)
        if found.missing:
            _launch_button(study, found)
        definitions(_facts(found))
        for problem in found.problems:
            show_mistake(words.sentence(_problem_text(problem)))
        show_remarks(lint_study(study))


def _launch_button(study: Study, found: Plan) -> None:
    if write_button(f"Launch {words.counted(found.missing, 'run')}", type="primary", width="stretch",
                    icon=":material/play_arrow:", key="study_launch", disabled=bool(found.problems),
                    help="Launching stores this declaration with a time stamp."):
        start(study)


def _facts(found: Plan) -> list[tuple[str, str, str]]:
    study = found.matrix.study
    waiting = measuring(found.pending)
    reused = f"{found.reused} reused from finished runs" if found.reused else ""
    levels = " × ".join(str(len(factor.levels)) for factor in study.varied) if len(study.varied) > 1 else ""
    rows = [("Cells", words.count(len(study.cells)), levels),
            ("Runs", words.count(found.runs), reused),
            ("To launch", words.count(found.missing), ""),
            ("Time", *_time(found, waiting)), ("Memory", *_memory(found, waiting)), ("Disk", *_disk(found, waiting))]
    return rows if found.missing else rows[:3]


def _time(found: Plan, waiting: str) -> tuple[str, str]:
    if found.untimed == found.missing:
        return ("unknown" if waiting == words.DASH else waiting), "no comparable run on this machine yet"
    at_once = f"{found.slots} at once" if found.slots > 1 else "one after the other"
    unknown = f"; {words.counted(found.untimed, 'run')} not known" if found.untimed else ""
    return f"{'at least' if unknown else 'about'} {words.duration(found.wall_seconds)}", at_once + unknown


def _memory(found: Plan, waiting: str) -> tuple[str, str]:
    if found.memory is None:
        return waiting, ""
    largest = f"most: {cell_title(found.largest)}" if found.largest else ""
    there = f"of {words.size(found.capacity.bytes)}" if found.capacity else ""
    notes = filter(None, [str(found.fit or ""), largest])
    return f"{words.size(found.memory.bytes)} {there}".strip(), "; ".join(notes)


def _disk(found: Plan, waiting: str) -> tuple[str, str]:
    return (waiting if found.disk is None else words.size(found.disk)), f"{words.size(found.free)} free"


def _problem_text(problem: Problem) -> str:
    more = f" and {len(problem.cells) - 1} more" if problem.cells[1:] else ""
    return f"{cell_title(problem.cells[0])}{more}: {problem.message}"
