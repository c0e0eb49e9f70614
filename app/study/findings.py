"""What went wrong in a study's runs: why some failed, and what the doctor found in the others."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.kit import words
from app.kit.findings import acknowledge, finding_line
from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.navigation import pages, query
from app.kit.store import store
from app.study.choice import turn_to
from app.study.draft import discard
from engine.analysis.doctor import Finding
from engine.analysis.reading import Reading
from engine.store import Run
from engine.store.acknowledgements import Acknowledgement
from engine.study.launch import train_longer
from engine.study.matrix import Matrix, State
from engine.study.study import Study

_LINKED = 20
_REASONS = 4
_SHOWN = 8
_LONGER = ("Every run of the study goes on from where it ended, and the study declares so many epochs: one run trained "
           "longer than the others would no longer be comparable. Learning-rate schedules end there.")


@dataclass(frozen=True)
class Group:
    """What one rule says in the same words of several runs."""

    rule: str
    message: str
    serious: bool
    more: int
    runs: tuple[Run, ...]
    notes: tuple[str, ...] | None

    @property
    def key(self) -> str:
        return f"{self.rule.replace(' ', '_')}_{self.runs[0].id}"


def findings(reading: Reading) -> None:
    """A line for each thing found, those that keep runs out first; the rest of many behind a fold."""
    grouped = groups(reading.findings, reading.matrix.runs(State.DONE), reading.acknowledged)
    if not grouped:
        return
    kept_out = reading.kept_out
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Findings", anchor=False, width="content")
        st.caption(f"{counted(len(kept_out))} kept out of conclusions until acknowledged" if kept_out else
                   "Nothing is kept out of conclusions", width="content")
    for group in grouped[:_SHOWN]:
        _line(reading.study, group)
    if grouped[_SHOWN:]:
        with st.expander(f"{len(grouped) - _SHOWN} more", key="study_more_findings"):
            for group in grouped[_SHOWN:]:
                _line(reading.study, group)


def groups(found: Sequence[Finding], runs: Sequence[Run], known: Sequence[Acknowledgement]) -> list[Group]:
    """Findings that say the same together: first what keeps runs out, then what is worth knowing, then what is seen."""
    by_id = {run.id: run for run in runs}
    notes = {(each.run_id, each.finding): each.note for each in known}
    alike: defaultdict[tuple[str, str, bool, int, bool], list[Run]] = defaultdict(list)
    for finding in found:
        if finding.run in by_id:
            alike[finding.rule, finding.message, finding.serious, finding.more,
                  (finding.run, finding.rule) in notes].append(by_id[finding.run])
    made = [Group(rule, message, serious, more, tuple(group),
                  tuple(dict.fromkeys(notes[run.id, rule] for run in group)) if seen else None)
            for (rule, message, serious, more, seen), group in alike.items()]
    return sorted(made, key=lambda group: (group.notes is not None, not group.serious))


def _line(study: Study, group: Group) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"finding_{group.key}"):
        st.markdown(finding_line(group.message, group.notes, serious=group.serious), width="stretch")
        link_to(group.runs)
        _longer(study, group)
        acknowledge([run.id for run in group.runs], group.rule, seen=group.notes is not None, serious=group.serious)


def _longer(study: Study, group: Group) -> None:
    if group.more and study.seeds and st.button(f"Train all {group.more} epochs longer", icon=":material/more_time:",
                                                key=f"study_continue_{group.key}", help=_LONGER):
        with guarded():
            train_longer(store(), study, group.more)
            discard()
            turn_to(study, "Matrix")


def failures(shown: Matrix) -> None:
    """A line for each reason, the commonest first; the rest of many behind a fold."""
    told = reasons(shown.runs(State.FAILED))
    for reason, runs in told[:_REASONS]:
        _reason(reason, runs)
    if told[_REASONS:]:
        with st.expander(f"{len(told) - _REASONS} more reasons", key="study_more_failures"):
            for reason, runs in told[_REASONS:]:
                _reason(reason, runs)


def reasons(failed: Sequence[Run]) -> list[tuple[str, list[Run]]]:
    """Each reason with the runs that it ended, the commonest first; runs that somebody stopped have none."""
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
    """A link to the curves: of one run with its name, of several with their number."""
    name = words.plain(label(runs[0])) if len(runs) == 1 else counted(len(runs))
    st.page_link(pages()["live"], label=name, query_params=query([run.id for run in runs[:_LINKED]]), width="content")


def counted(count: int) -> str:
    """``1 run``, ``3 runs``."""
    return f"{count} run{'s' * (count != 1)}"
