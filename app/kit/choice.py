"""Widgets that choose runs, a checkpoint or a class. Chosen runs are kept in the address, to bookmark and share."""

from collections.abc import Collection, Sequence

import streamlit as st

from app.kit.address import remember
from app.kit.looks import colour, label
from app.kit.navigation import runs_in_address, unknown_in_address
from app.kit.words import plain
from engine.store import Run

MOST = 20
"""Runs that a page shows at once, unless it says otherwise."""


def choose_runs(page: str, runs: Sequence[Run], default: Sequence[int], most: int = MOST) -> list[Run]:
    """Choose several runs. A changed address takes precedence, then the previous choice, then ``default``."""
    key = f"{page}_runs"
    by_id = {run.id: run for run in runs if _offered(run, key)}
    _show_missing(key, by_id)
    _follow_address(key, [run_id for run_id in runs_in_address() if run_id in by_id][:most],
                    [run_id for run_id in default if run_id in by_id])
    st.session_state[key] = [run_id for run_id in st.session_state[key] if run_id in by_id]
    chosen = st.multiselect("Runs", list(by_id), key=key, format_func=lambda run_id: label(by_id[run_id]),
                            max_selections=most, placeholder="Choose runs", label_visibility="collapsed",
                            persist_state="session")
    st.html("<style>" + "".join(_chip(run_id) for run_id in chosen) + "</style>")
    _write_address(key, chosen)
    return [by_id[run_id] for run_id in chosen]


def choose_run(page: str, runs: Sequence[Run]) -> Run:
    """Choose one of ``runs``, which must not be empty."""
    key = f"{page}_run"
    by_id = {run.id: run for run in runs if _offered(run, key)} or {run.id: run for run in runs}
    _show_missing(key, by_id)
    _follow_address(key, next((run_id for run_id in runs_in_address() if run_id in by_id), None), next(iter(by_id)))
    if st.session_state[key] not in by_id:
        st.session_state[key] = next(iter(by_id))
    chosen = st.selectbox("Run", list(by_id), key=key, format_func=lambda run_id: label(by_id[run_id]),
                          label_visibility="collapsed", persist_state="session")
    _write_address(key, [chosen])
    return by_id[chosen]


def _offered(run: Run, key: str) -> bool:
    """Whether a run can be chosen: archived ones only where the address names them, or they are chosen already."""
    chosen = st.session_state.get(key) or []
    return run.archived_at is None or run.id in runs_in_address() or run.id in (
        chosen if isinstance(chosen, list) else [chosen])


def choose_checkpoint(run: Run, kept: dict[str, str]) -> str:
    """Choose one of the stored checkpoints."""
    key = f"try_checkpoint_{run.id}"
    remember("checkpoint", key, next(iter(kept)), kept)
    chosen: str = st.selectbox("Checkpoint", list(kept), key=key, format_func=_checkpoint_name, width=170,
                               label_visibility="collapsed", persist_state="session")
    return chosen


def class_filter(label: str, classes: Sequence[str], key: str, name: str = "class") -> int | None:
    """Choose a class, which the address carries under ``name``; None means any."""
    remember(name, key, None, classes)
    chosen: str | None = st.selectbox(label, classes, index=None, key=key, placeholder=label, persist_state="session",
                                      label_visibility="collapsed", width=170)
    return None if chosen is None else classes.index(chosen)


def _chip(run_id: int) -> str:
    """Return the CSS rule that puts a run's colour on its chip."""
    return f'[data-tag][aria-label$=" #{run_id}"]::before {{ background: {colour(run_id)}; }}'


def _show_missing(key: str, existing: Collection[int]) -> None:
    """Name the runs of a newly opened address that cannot be shown here."""
    if st.query_params.get("run", "") != st.session_state.get(f"{key}_address"):
        st.session_state[f"{key}_missing"] = ", ".join(unknown_in_address(existing))
    if missing := st.session_state.get(f"{key}_missing"):
        named = plain(missing[:80])
        st.caption(f":orange[:material/link_off: Run {named} was deleted or cannot be shown on this page.]")


def _follow_address(key: str, requested: list[int] | int | None, default: list[int] | int) -> None:
    address = st.query_params.get("run", "")
    if address and address != st.session_state.get(f"{key}_address") and requested:
        st.session_state[key] = requested
    elif not st.session_state.get(key):
        st.session_state[key] = default


def _write_address(key: str, chosen: Sequence[int]) -> None:
    address = ",".join(str(run_id) for run_id in chosen)
    st.session_state[f"{key}_address"] = address
    if address and st.query_params.get("run") != address:
        st.query_params["run"] = address
    elif not address and "run" in st.query_params:
        del st.query_params["run"]


def _checkpoint_name(name: str) -> str:
    return f"Epoch {int(name.removeprefix('epoch-'))}" if name.startswith("epoch-") else name.title()
