"""Findings of the doctor and remarks of the linter, one line each; serious findings can be acknowledged."""

from collections.abc import Collection, Sequence

import streamlit as st

from app.kit import words
from app.kit.dialogs import continue_for
from app.kit.guard import guarded
from app.kit.store import runs, store
from app.kit.writing import write_button
from engine.analysis.doctor import Finding, examine, rules
from engine.analysis.lint import Remark
from engine.store import Run
from engine.store.store import Acknowledgement
from engine.tasks import TASKS

_ACKNOWLEDGED, _SERIOUS, _OTHER = ":gray[:material/check:]", ":red[:material/error:]", ":gray[:material/info:]"
_SHOWN = 4
_THRESHOLDS = {rule.name: rule.threshold for rule in rules(*TASKS)}

Stamp = tuple[tuple[int, int], ...]
_ICONS = {"warning": ":orange[:material/warning:]", "note": ":gray[:material/info:]"}


def show_findings(shown: Sequence[Run]) -> None:
    """Draw a line for each finding, serious ones first, all but a few in an expander."""
    found = [finding for run in shown for finding in _examine(run)]
    if not found:
        return
    known = {(each.run_id, each.finding): each for each in store().acknowledged.of([run.id for run in shown])}
    ordered = sorted(found, key=lambda finding: (_acknowledgement(finding, known) is not None, not finding.serious))
    by_id = {run.id: run for run in shown}
    with st.container(gap="xxsmall", key="findings"):
        _lines(ordered[:_SHOWN], by_id, known, named=len(shown) > 1)
        if ordered[_SHOWN:]:
            with st.expander(f"{len(ordered) - _SHOWN} more findings"):
                _lines(ordered[_SHOWN:], by_id, known, named=len(shown) > 1)


def _examine(run: Run) -> list[Finding]:
    if not run.is_ended:
        return examine(store(), run)
    kin = [other for other in runs() if other.is_ended and other.id != run.id
           and other.config.get("dataset") == run.config.get("dataset")]
    return _examined(str(store().path), run.id, run.revision, tuple((other.id, other.revision) for other in kin))


@st.cache_resource(show_spinner=False, max_entries=256)
def _examined(path: str, run_id: int, revision: int, kin: Stamp) -> list[Finding]:
    """Return the findings of a run, cached until it or a run it is compared with changes."""
    ids = {other for other, _ in kin}
    return examine(store(), store().runs.get(run_id), [other for other in runs() if other.id in ids])


def _acknowledgement(finding: Finding, acknowledged: dict[tuple[int, str], Acknowledgement]) -> Acknowledgement | None:
    return acknowledged.get((finding.run or 0, finding.rule))


def _lines(found: Sequence[Finding], by_id: dict[int, Run], acknowledged: dict[tuple[int, str], Acknowledgement], *,
           named: bool) -> None:
    for finding in found:
        run, known = by_id[finding.run or 0], _acknowledgement(finding, acknowledged)
        line = finding_line(finding.message, None if known is None else [known.note], serious=finding.serious,
                    prefix=f"**\\#{run.id}** " if named else "")
        with st.container(horizontal=True, vertical_alignment="center", gap="small",
                          key=f"found_{run.id}_{finding.rule}"):
            st.markdown(line, width="stretch",
                        help=f"Threshold: {words.plain(_THRESHOLDS[finding.rule])}.")
            _longer(finding, run)
            acknowledge([run.id], finding.rule, acknowledged=known is not None,
                        serious=finding.serious and run.is_ended)


def _longer(finding: Finding, run: Run) -> None:
    if finding.more and write_button(f"{finding.more} more epochs", key=f"continue_{run.id}_{finding.rule}",
                                  icon=":material/more_time:"):
        with guarded():
            continue_for([run], finding.more)
            st.rerun()


def finding_line(message: str, notes: Collection[str] | None, *, serious: bool, prefix: str = "") -> str:
    """Return a finding as Markdown.

    Args:
        notes: reasons given for acknowledging it; None if it is not acknowledged.
        prefix: Markdown before the message.
    """
    icon = _ACKNOWLEDGED if notes is not None else _SERIOUS if serious else _OTHER
    line = f"{icon} {prefix}{words.sentence(message)}"
    if notes is None:
        return line
    reasons = words.plain("; ".join(filter(None, notes)))
    return f"{line} :gray[Acknowledged{': ' + reasons if reasons else ''}.]"


def acknowledge(run_ids: Sequence[int], rule: str, *, acknowledged: bool, serious: bool) -> None:
    """Draw the button that acknowledges a serious finding of these runs, or undoes that."""
    key = f"{run_ids[0]}_{rule}"
    if acknowledged:
        if write_button("Undo", key=f"unsee_{key}", type="tertiary"):
            for run_id in run_ids:
                store().acknowledged.take_back(run_id, rule)
            st.rerun()
    elif serious:
        with st.popover("Acknowledge", key=f"see_{key}", type="tertiary",
                        help="Until then studies exclude this run from their verdicts."):
            note = st.text_input("Reason", key=f"note_{key}")
            if write_button("Acknowledge", type="primary", key=f"seen_{key}"):
                for run_id in run_ids:
                    store().acknowledged.put(run_id, rule, note.strip())
                st.rerun()


def show_remarks(found: Sequence[Remark]) -> None:
    """Draw a line for each remark, with its source on hover."""
    for remark in found:
        st.caption(f"{_ICONS[remark.level]} {words.sentence(remark.message)}",
                   help=f"{words.plain(remark.source)} · rule {remark.rule}")
