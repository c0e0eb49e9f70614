"""What the doctor found in a study's runs: what is serious keeps a run out of conclusions until it is acknowledged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import words
from app.choice import label
from app.guard import guarded
from app.navigation import pages, query
from app.run_dialogs import continue_for
from app.stored import store
from engine.analysis.doctor import Finding
from engine.store import Run
from engine.store.acknowledged import Acknowledgement

Known = Mapping[tuple[int, str], Acknowledgement]

_SHOWN = 8


def findings(found: Sequence[Finding], runs: Sequence[Run]) -> None:
    """A line for each finding, those that keep a run out first; the rest of many behind a fold."""
    known: Known = {(each.run_id, each.finding): each for each in store().acknowledged.of([run.id for run in runs])}
    by_id = {run.id: run for run in runs}
    ordered = sorted(found, key=lambda finding: (not finding.serious, (finding.run or 0, finding.rule) in known))
    if not ordered:
        return
    out = {finding.run for finding in ordered if finding.serious and (finding.run, finding.rule) not in known}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Findings", anchor=False, width="content")
        st.caption(f"{_runs(len(out))} kept out of conclusions until acknowledged" if out else
                   "Nothing is kept out of conclusions", width="content")
    _lines(ordered[:_SHOWN], by_id, known)
    if ordered[_SHOWN:]:
        with st.expander(f"{len(ordered) - _SHOWN} more", key="study_more_findings"):
            _lines(ordered[_SHOWN:], by_id, known)


def _lines(found: Sequence[Finding], runs: Mapping[int, Run], known: Known) -> None:
    for finding in found:
        with st.container(horizontal=True, vertical_alignment="center", gap="small",
                          key=f"finding_{finding.run}_{finding.rule.replace(' ', '_')}"):
            seen = known.get((finding.run or 0, finding.rule))
            icon = ":gray[:material/check:]" if seen else \
                ":red[:material/error:]" if finding.serious else ":gray[:material/info:]"
            message = words.plain(finding.message[0].upper() + finding.message[1:])
            note = f" :gray[Acknowledged{': ' + words.plain(seen.note) if seen.note else ''}.]" if seen else ""
            st.markdown(f"{icon} {message}.{note}", width="stretch")
            if finding.run in runs:
                _actions(finding, runs[finding.run], seen)


def _actions(finding: Finding, run: Run, seen: Acknowledgement | None) -> None:
    key = f"{run.id}_{finding.rule.replace(' ', '_')}"
    st.page_link(pages()["live"], label=words.plain(label(run)), query_params=query([run.id]), width="content")
    if finding.more and st.button(f"Train {finding.more} more epochs", key=f"study_continue_{key}",
                                  icon=":material/more_time:"):
        with guarded():
            continue_for([run], finding.more)
            st.rerun()
    if seen is not None:
        if st.button("Take back", key=f"study_unsee_{key}", type="tertiary"):
            store().acknowledged.take_back(run.id, finding.rule)
            st.rerun()
    elif finding.serious:
        with st.popover("Acknowledge", key=f"study_see_{key}"):
            note = st.text_input("Why it may count all the same", key=f"study_note_{key}")
            if st.button("Let it count", type="primary", key=f"study_seen_{key}"):
                store().acknowledged.put(run.id, finding.rule, note.strip())
                st.rerun()


def _runs(count: int) -> str:
    return f"{count} run{'s' * (count != 1)}"
