"""The progress of a study: a bar of its runs, buttons, and the matrix."""

from html import escape

import streamlit as st

from app.kit.address import remember
from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.pulse import pulse
from app.kit.store import maintain_runs, runs, store
from app.kit.words import counted, title_of
from app.kit.writing import write_button
from app.study.findings import show_failures, show_findings
from app.study.matrix import across_by_default, grid
from app.study.reading import matrix_of, reading_of, stamp
from engine.catalog.metrics import METRICS, study_metrics
from engine.launch.slots import cpu_slots
from engine.store import Status
from engine.study.launch import launch, pause, put_next, resume, retry_failed
from engine.study.matrix import Matrix, State
from engine.study.outcomes import with_metrics
from engine.study.study import Study
from engine.words import listed

_ORDER = (State.DONE, State.RUNNING, State.PAUSED, State.QUEUED, State.FAILED, State.MISSING)
_WORDS = {State.DONE: "done", State.RUNNING: "running", State.PAUSED: "paused", State.QUEUED: "queued",
          State.FAILED: "failed", State.MISSING: "not launched"}
_EVERY = 1.0


@st.fragment
def watch(study: Study, *, with_matrix: bool) -> None:
    """Draw the progress and, if requested, the matrix; refresh when the store changes.

    Other views show results: without the matrix, the page is rerun when a run ends.
    """
    with guarded():
        maintain_runs()
        shown = matrix_of(study)
        busy = bool(shown.counts[State.RUNNING] or shown.counts[State.QUEUED])
        pulse("study_pulse", every=_EVERY, patience=3 if busy else 3600)
        strip(shown)
        if with_matrix:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                caption = st.empty()
                metric, across = _view(study)
            caption.caption(f"**{title_of(metric)}**, mean ± standard deviation (runs). Click a cell for its curves, a "
                            "mark for its run.", width="content")
            reading = reading_of(shown)
            grid(shown, with_metrics(store(), reading.outcomes, [metric]), metric, across, reading.kept_out)
            show_failures(shown)
            show_findings(reading)
            return
    ended = stamp(shown)
    if st.session_state.setdefault("study_ended", ended) != ended:
        st.session_state["study_ended"] = ended
        st.rerun()


def _view(study: Study) -> tuple[str, list[str]]:
    """Choose the metric in the cells and the factors of the columns."""
    factors = {factor.name: factor.labels for factor in study.varied}
    with st.popover("View", icon=":material/tune:"):
        figure_key, across_key = f"study_figure_{study.name}", f"study_across_{study.name}"
        remember("figure", figure_key, study.metric, study_metrics())
        metric = st.selectbox("Figure", list(study_metrics()), format_func=lambda name: METRICS[name].title,
                              key=figure_key, persist_state="session")
        remember("across", across_key, tuple(across_by_default(factors)), factors)
        across = st.multiselect("Across", list(factors), key=across_key, persist_state="session",
                                format_func=lambda name: name.replace("_", " "))
    return metric, across


def strip(shown: Matrix) -> None:
    """Draw the bar with its counts, and the buttons that apply now."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
                      key="study_strip", gap="medium"):
        st.html(bar(shown, _waiting(shown)))
        with st.container(horizontal=True, width="content", gap="small"):
            _actions(shown)


def _waiting(shown: Matrix) -> str:
    """Say what queued runs of the study wait for: others that train, or the dispatcher."""
    if not shown.counts[State.QUEUED] or shown.counts[State.RUNNING]:
        return ""
    training = [run for run in runs() if run.is_live and run.status is not Status.QUEUED]
    if not training:
        return "waiting to be started"
    names = listed([label(run) for run in training], 2)
    return f"waiting for {names}: {cpu_slots(store())} at once on the CPU"


def bar(shown: Matrix, waiting: str = "") -> str:
    """Return all runs as one bar, with the count of each state and what they wait for, as HTML."""
    total = max(len(shown.entries), 1)
    parts = "".join(f'<i class="is-{state}" style="width:{100 * shown.counts[state] / total:.2f}%"></i>'
                    for state in _ORDER if shown.counts[state])
    caption = "".join(f'<span><i class="is-{state}"></i>{shown.counts[state]} {_WORDS[state]}</span>'
                   for state in _ORDER if shown.counts[state])
    cells = counted(len(shown.study.cells), "cell")
    if shown.study.seeds:
        cells += f" × {counted(len(shown.study.seeds), 'seed')}"
    return (f'<div class="dr-study"><div class="dr-states">{parts}</div>'
            f'<div class="dr-figures"><span>{cells}</span>{caption}'
            + (f"<span>{escape(waiting)}</span>" if waiting else "") + "</div></div>")


def _actions(shown: Matrix) -> None:
    study, counts = shown.study, shown.counts
    if study.seeds and counts[State.MISSING]:
        _button(f"Launch {counted(counts[State.MISSING], 'run')}", "play_arrow", "launch",
                lambda: launch(store(), study), primary=True)
    if counts[State.FAILED]:
        _button(f"Retry {counted(counts[State.FAILED], 'run')}", "replay", "retry",
                lambda: retry_failed(store(), study))
    if counts[State.PAUSED]:
        _button("Resume", "resume", "resume", lambda: resume(store(), study))
    if counts[State.QUEUED] and counts[State.QUEUED] < sum(run.status == Status.QUEUED for run in runs()):
        _button("Run next", "vertical_align_top", "next", lambda: put_next(store(), study))
    if counts[State.QUEUED] or counts[State.RUNNING]:
        _button("Pause", "pause", "pause", lambda: pause(store(), study))


def _button(words_: str, icon: str, key: str, act: object, *, primary: bool = False) -> None:
    pressed = write_button(words_, icon=f":material/{icon}:", key=f"study_{key}",
                        type="primary" if primary else "secondary")
    if pressed and callable(act):
        with guarded():
            act()
            st.rerun()
