"""How far a study is, as one: a bar of all its runs, and what can be done with them."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.stored import store
from app.study.linking import counted
from engine.study.launching import launch, pause, resume, retry_failed
from engine.study.matrix import Matrix, State

_ORDER = (State.DONE, State.RUNNING, State.PAUSED, State.QUEUED, State.FAILED, State.MISSING)
_WORDS = {State.DONE: "done", State.RUNNING: "running", State.PAUSED: "paused", State.QUEUED: "queued",
          State.FAILED: "failed", State.MISSING: "not launched"}


def strip(shown: Matrix) -> None:
    """The bar with its numbers, and the buttons that make sense now."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
                      key="study_strip", gap="medium"):
        st.html(bar(shown))
        with st.container(horizontal=True, width="content", gap="small"):
            _actions(shown)


def bar(shown: Matrix) -> str:
    """All runs as one bar, and how many are in each state, as HTML."""
    total = max(len(shown.entries), 1)
    parts = "".join(f'<i class="is-{state}" style="width:{100 * shown.counts[state] / total:.2f}%"></i>'
                    for state in _ORDER if shown.counts[state])
    told = "".join(f'<span><i class="is-{state}"></i>{shown.counts[state]} {_WORDS[state]}</span>'
                   for state in _ORDER if shown.counts[state])
    cells = f"{len(shown.study.cells)} cells × {len(shown.study.seeds)} seeds" if shown.study.seeds else \
        f"{len(shown.study.cells)} cells"
    return (f'<div class="dr-study"><div class="dr-states">{parts}</div>'
            f'<div class="dr-figures"><span>{cells}</span>{told}</div></div>')


def _actions(shown: Matrix) -> None:
    study, counts = shown.study, shown.counts
    if study.seeds and counts[State.MISSING]:
        _button(f"Launch {counted(counts[State.MISSING])}", "play_arrow", "launch", lambda: launch(store(), study),
                primary=True)
    if counts[State.FAILED]:
        _button(f"Retry {counted(counts[State.FAILED])}", "replay", "retry", lambda: retry_failed(store(), study))
    if counts[State.PAUSED]:
        _button("Resume", "resume", "resume", lambda: resume(store(), study))
    if counts[State.QUEUED] or counts[State.RUNNING]:
        _button("Pause", "pause", "pause", lambda: pause(store(), study))


def _button(words_: str, icon: str, key: str, act: object, *, primary: bool = False) -> None:
    pressed = st.button(words_, icon=f":material/{icon}:", key=f"study_{key}",
                        type="primary" if primary else "secondary")
    if pressed and callable(act):
        with guarded():
            act()
            st.rerun()
