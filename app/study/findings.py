"""Problems in a study's runs: reasons of failures, and findings of the doctor."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.kit import words
from app.kit.findings import acknowledge, finding_line
from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.navigation import pages, query
from app.kit.store import store
from app.kit.writing import write_button
from app.study.choice import open_view
from app.study.draft import discard
from engine.analysis.doctor import Finding
from engine.analysis.reading import Reading
from engine.store import Run
from engine.store.store import Acknowledgement
from engine.study.launch import train_longer
from engine.study.matrix import Matrix, State
from engine.study.study import Study

_LINKED = 20
_REASONS = 4
_SHOWN = 8
_LONGER = ("Every run of the study resumes, and the declaration is changed to these epochs: runs are only comparable "
           "after equal training. Learning-rate schedules are extended to the new end.")


@dataclass(frozen=True)
class Group:
    """The same finding of one rule in several runs, with the figures of the first."""

    rule: str
    message: str
    serious: bool
    more: int
    runs: tuple[Run, ...]
    notes: tuple[str, ...] | None

    @property
    def key(self) -> str:
        return f"{self.rule.replace(' ', '_')}_{self.runs[0].id}"


def show_findings(reading: Reading) -> None:
    """Draw a line for each group of findings, serious ones first, all but a few in an expander."""
    grouped = groups(reading.findings, reading.matrix.runs(State.DONE), reading.acknowledged)
    if not grouped:
        return
    kept_out = reading.kept_out
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Findings", anchor=False, width="content")
        st.caption(f"{words.counted(len(kept_out), 'run')} excluded from verdicts until acknowledged" if kept_out else
                   "No run is excluded from verdicts", width="content")
    for group in grouped[:_SHOWN]:
        _line(reading.study, group)
    if grouped[_SHOWN:]:
        with st.expander(f"{len(grouped) - _SHOWN} more", key="study_more_findings"):
            for group in grouped[_SHOWN:]:
                _line(reading.study, group)


def groups(found: Sequence[Finding], runs: Sequence[Run], known: Sequence[Acknowledgement]) -> list[Group]:
    """Group findings that differ in figures at most: first serious ones, then others, then acknowledged ones."""
    by_id = {run.id: run for run in runs}
    notes = {(each.run_id, each.finding): each.note for each in known}
    alike: defaultdict[object, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.run in by_id:
            alike[finding.kind, (finding.run, finding.rule) in notes].append(finding)
    made = [_group(group, by_id, notes) for group in alike.values()]
    return sorted(made, key=lambda group: (group.notes is not None, not group.serious))


def _group(alike: Sequence[Finding], by_id: Mapping[int, Run], notes: Mapping[tuple[int, str], str]) -> Group:
    first, ids = alike[0], [finding.run or 0 for finding in alike]
    of_first = f" (figures of #{first.run})" if len({finding.message for finding in alike}) > 1 else ""
    known = tuple(dict.fromkeys(notes[run, first.rule] for run in ids if (run, first.rule) in notes))
    return Group(first.rule, f"{first.message}{of_first}", first.serious, first.more, tuple(by_id[run] for run in ids),
                 known or None)


def _line(study: Study, group: Group) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"finding_{group.key}"):
        st.markdown(finding_line(group.message, group.notes, serious=group.serious), width="stretch")
        link_to(group.runs)
        _longer(study, group)
        acknowledge([run.id for run in group.runs], group.rule, acknowledged=group.notes is not None,
                    serious=group.serious)


def _longer(study: Study, group: Group) -> None:
    if group.more and study.seeds and write_button(f"Train all {group.more} epochs longer", icon=":material/more_time:",
                                                key=f"study_continue_{group.key}", help=_LONGER):
        with guarded():
            train_longer(store(), study, group.more)
            discard()
            open_view(study, "Matrix")


def show_failures(shown: Matrix) -> None:
    """Draw a line for each reason of failure, most frequent first, all but a few in an expander."""
    reasons_found = reasons(shown.runs(State.FAILED))
    for reason, runs in reasons_found[:_REASONS]:
        _reason(reason, runs)
    if reasons_found[_REASONS:]:
        with st.expander(f"{len(reasons_found) - _REASONS} more reasons", key="study_more_failures"):
            for reason, runs in reasons_found[_REASONS:]:
                _reason(reason, runs)


def reasons(failed: Sequence[Run]) -> list[tuple[str, list[Run]]]:
    """Group failed runs by error, most frequent first; runs that somebody stopped have none."""
    found: defaultdict[str, list[Run]] = defaultdict(list)
    for run in failed:
        if run.error:
            found[run.error].append(run)
    return sorted(found.items(), key=lambda each: -len(each[1]))


def _reason(reason: str, runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"failure_{runs[0].id}"):
        st.markdown(f":red[:material/cancel:] Failed: {words.sentence(reason)}", width="stretch")
        link_to(runs)


def link_to(runs: Sequence[Run]) -> None:
    """Draw a link to the curves of runs, titled with the name of one or the number of several."""
    name = words.plain(label(runs[0])) if len(runs) == 1 else words.counted(len(runs), "run")
    st.page_link(pages()["live"], label=name, query_params=query([run.id for run in runs[:_LINKED]]), width="content")
