"""What doctor and linter say of runs, as lines with a mark; what is serious can be acknowledged."""

from collections.abc import Collection, Sequence

import streamlit as st

from app.kit import words
from app.kit.dialogs import continue_for
from app.kit.guard import guarded
from app.kit.store import runs, store
from engine.analysis.doctor import Finding, examine, rules
from engine.analysis.lint import Remark
from engine.store import Run
from engine.store.acknowledgements import Acknowledgement
from engine.tasks import TASKS

_SEEN, _SERIOUS, _OTHER = ":gray[:material/check:]", ":red[:material/error:]", ":gray[:material/info:]"
_SHOWN = 4
_THRESHOLDS = {rule.name: rule.threshold for rule in rules(*TASKS)}

Stamp = tuple[tuple[int, int], ...]
_ICONS = {"warning": ":orange[:material/warning:]", "note": ":gray[:material/info:]"}


def findings_of(shown: Sequence[Run]) -> None:
    """A line for each finding, serious ones first; the rest of many behind a fold; nothing where all is well."""
    ended = [run for run in shown if run.is_ended]
    found = [finding for run in ended for finding in _found(run)]
    if not found:
        return
    seen = {(each.run_id, each.finding): each for each in store().acknowledged.of([run.id for run in ended])}
    ordered = sorted(found, key=lambda finding: (_known(finding, seen) is not None, not finding.serious))
    by_id = {run.id: run for run in ended}
    with st.container(gap="xxsmall", key="findings"):
        _lines(ordered[:_SHOWN], by_id, seen, named=len(shown) > 1)
        if ordered[_SHOWN:]:
            with st.expander(f"{len(ordered) - _SHOWN} more findings"):
                _lines(ordered[_SHOWN:], by_id, seen, named=len(shown) > 1)


def _found(run: Run) -> list[Finding]:
    kin = [other for other in runs() if other.is_ended and other.id != run.id
           and other.config.get("dataset") == run.config.get("dataset")]
    return _examined(str(store().path), run.id, run.revision, tuple((other.id, other.revision) for other in kin))


@st.cache_resource(show_spinner=False, max_entries=256)
def _examined(path: str, run_id: int, revision: int, kin: Stamp) -> list[Finding]:
    """Examined again only after the run, or one that it is held against, has changed."""
    ids = {other for other, _ in kin}
    return examine(store(), store().runs.get(run_id), [other for other in runs() if other.id in ids])


def _known(finding: Finding, seen: dict[tuple[int, str], Acknowledgement]) -> Acknowledgement | None:
    return seen.get((finding.run or 0, finding.rule))


def _lines(found: Sequence[Finding], by_id: dict[int, Run], seen: dict[tuple[int, str], Acknowledgement], *,
           named: bool) -> None:
    for finding in found:
        run, known = by_id[finding.run or 0], _known(finding, seen)
        line = finding_line(finding.message, None if known is None else [known.note], serious=finding.serious,
                    whose=f"**\\#{run.id}** " if named else "")
        with st.container(horizontal=True, vertical_alignment="center", gap="small",
                          key=f"found_{run.id}_{finding.rule}"):
            st.markdown(line, width="stretch",
                        help=f"Where the line is drawn: {words.plain(_THRESHOLDS[finding.rule])}.")
            _longer(finding, run)
            acknowledge([run.id], finding.rule, seen=known is not None, serious=finding.serious)


def _longer(finding: Finding, run: Run) -> None:
    if finding.more and st.button(f"{finding.more} more epochs", key=f"continue_{run.id}_{finding.rule}",
                                  icon=":material/more_time:"):
        with guarded():
            continue_for([run], finding.more)
            st.rerun()


def finding_line(message: str, notes: Collection[str] | None, *, serious: bool, whose: str = "") -> str:
    """The finding as Markdown.

    Args:
        notes: why it was acknowledged, empty where nobody said; None while it is not.
        whose: Markdown before the message.
    """
    icon = _SEEN if notes is not None else _SERIOUS if serious else _OTHER
    line = f"{icon} {whose}{words.sentence(message)}"
    if notes is None:
        return line
    reasons = words.plain("; ".join(filter(None, notes)))
    return f"{line} :gray[Acknowledged{': ' + reasons if reasons else ''}.]"


def acknowledge(run_ids: Sequence[int], rule: str, *, seen: bool, serious: bool) -> None:
    """The button that lets a serious finding of these runs stand, or takes that back."""
    key = f"{run_ids[0]}_{rule}"
    if seen:
        if st.button("Take back", key=f"unsee_{key}", type="tertiary"):
            for run_id in run_ids:
                store().acknowledged.take_back(run_id, rule)
            st.rerun()
    elif serious:
        with st.popover("Acknowledge", key=f"see_{key}", type="tertiary",
                        help="Until then nothing is concluded from it in a study."):
            note = st.text_input("Why it may stand", key=f"note_{key}")
            if st.button("Let it stand", type="primary", key=f"seen_{key}"):
                for run_id in run_ids:
                    store().acknowledged.put(run_id, rule, note.strip())
                st.rerun()


def remarks(found: Sequence[Remark]) -> None:
    """A line for each; the source shows where one points at it."""
    for remark in found:
        st.caption(f"{_ICONS[remark.level]} {words.sentence(remark.message)}",
                   help=f"{words.plain(remark.source)} · rule {remark.rule}")
