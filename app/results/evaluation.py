"""Starting evaluations from the Results page, and their progress."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.kit import words
from app.kit.frame import show_mistake
from app.kit.guard import guarded
from app.kit.looks import title
from app.kit.pulse import pulse
from app.kit.store import store
from app.kit.writing import write_button
from app.results.choice import choose_evaluation, over_epochs
from engine.catalog.datasets import DATASETS, datasets_for
from engine.catalog.metrics import METRICS
from engine.data.facts import data_facts
from engine.errors import UserError
from engine.evaluation.checkpoints import list_checkpoints
from engine.evaluation.conditions import SPLITS
from engine.evaluation.requests import parse_request
from engine.evaluation.results import class_names
from engine.launch.jobs import cancel_jobs, running_jobs, start_job
from engine.store import Conditions, Evaluation, Run
from engine.tasks import TASKS

_OWN = "The run's own"
_PANEL = "evaluate_panel"


def evaluate_button(run: Run) -> None:
    """Draw the panel that starts an evaluation in a separate process."""
    kept = list_checkpoints(run)
    busy = bool(running_jobs("evaluate", run.id))
    with st.popover("Evaluate", icon=":material/fact_check:", disabled=not kept or run.is_live or busy, key=_PANEL,
                    on_change="rerun", help="An evaluation of this run is under way." if busy else None):
        request = _request(run, list(kept))
        try:
            asked = list(dict.fromkeys(parse_request(run, request)))
        except UserError as error:
            asked = None
            show_mistake(words.told(error))
        wanted = _missing(run, asked or ())
        if asked is not None:
            st.caption(_summary(wanted))
        write_button("Start", type="primary", icon=":material/play_arrow:", disabled=not wanted, key="evaluate_start",
                     on_click=_start, args=(run, request, wanted))


def _start(run: Run, request: dict[str, Any], wanted: Sequence[Conditions]) -> None:
    """Start the job, and close the panel, in the click's callback: a second click finds nothing to start."""
    with guarded():
        start_job("evaluate", request, run=run.id)
        st.session_state[_key(run)] = (wanted, time.time())
        st.session_state[_PANEL] = False


def _cancel(run: Run) -> None:
    cancel_jobs("evaluate", run.id)


@st.fragment
def evaluation_progress(run: Run) -> None:
    """Draw a progress bar while this run is being evaluated, and rerun the page at the end."""
    with guarded():
        wanted, began = st.session_state.get(_key(run), ([], 0.0))
        working = running_jobs("evaluate", run.id)
        missing = len(_missing(run, wanted))
        if working and (missing or not wanted):
            done = len(wanted) - missing
            text = f"Evaluating: {done} of {len(wanted)} done" if wanted else "Evaluating"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.progress(done / len(wanted) if wanted else 0.0, text=text)
                write_button("Cancel", key="evaluate_cancel", icon=":material/close:", on_click=_cancel, args=(run,),
                             help="What has been evaluated so far is kept.")
            pulse("evaluating", every=0.5, patience=2)
            st.session_state[_key(run)] = (wanted, began or working[0].started)
        elif began:
            del st.session_state[_key(run)]
            st.session_state[f"evaluated_{run.id}"] = began
            if wanted and not missing:
                st.toast(f"{words.counted(len(wanted), 'evaluation')} stored", icon=":material/check:")
            st.rerun()
        for message in _failures(run):
            show_mistake(words.sentence(message))


def _request(run: Run, kept: Sequence[str]) -> dict[str, Any]:
    """Draw the fields of the panel and return the request."""
    epochs = [name for name in kept if name.startswith("epoch-")]
    checkpoint = st.segmented_control("Checkpoints", ["best", "last", "all"], default="best", required=True,
                                      format_func=lambda name: f"All {len(epochs)}" if name == "all" else name.title(),
                                      key=f"evaluate_checkpoint_{run.id}")
    views = _views_request(run) if TASKS[run.task].averages else {}
    dataset = st.selectbox("Pictures", [_OWN, *_compatible_datasets(run)], key=f"evaluate_dataset_{run.id}",
                           help="Another data set must have classes of the same names.")
    path = st.text_input("Its path", key=f"evaluate_path_{run.id}") if _has_own_files(dataset) else ""
    return {"run": run.id, "checkpoint": checkpoint, **views, "dataset": "" if dataset == _OWN else dataset,
            "data_path": path.strip()}


def _views_request(run: Run) -> dict[str, Any]:
    """Choose the views of a picture whose probabilities are averaged."""
    flips = _allows_flips(run)
    flipped = st.toggle("Horizontal flips", key=f"evaluate_flip_{run.id}", disabled=not flips,
                        help=None if flips else "The classes of this data set do not survive a flip.")
    scales = st.text_input("Scales", key=f"evaluate_scales_{run.id}", placeholder="for example 36+40+44",
                           help="Short sides in pixels; the centre is cropped and the softmax averaged.")
    return {"tta": "flip" if flipped and flips else "none", "scales": scales.strip()}


def _summary(wanted: Sequence[Conditions]) -> str:
    """Say what the evaluations are: so many checkpoints, on these pictures."""
    if not wanted:
        return "All of these results are stored already."
    checkpoints = words.counted(len({each.checkpoint for each in wanted}), "checkpoint")
    splits = " and ".join(SPLITS[split].lower() for split in SPLITS if split in {each.split for each in wanted})
    return f"{words.counted(len(wanted), 'evaluation')}: {checkpoints} on {splits}, those that are not stored yet. " \
           "They are made in a separate process with lower priority than training."


def _missing(run: Run, wanted: Sequence[Conditions]) -> list[Conditions]:
    """Return the evaluations that are not stored for the checkpoint's current weights."""
    kept = list_checkpoints(run)
    stored = {found.conditions: found.weights for found in store().evaluations.of(run.id)}
    return [conditions for conditions in wanted
            if conditions not in stored or stored[conditions] != kept.get(conditions.checkpoint)]


def _failures(run: Run) -> list[str]:
    since = st.session_state.get(f"evaluated_{run.id}", float("inf"))
    return [event.message for event in store().events.of(run.id) if event.kind == "job" and event.created_at >= since]


def _allows_flips(run: Run) -> bool:
    try:
        return data_facts(str(run.config["dataset"]), str(run.config["data_path"])).flips
    except UserError:
        return False


def _compatible_datasets(run: Run) -> list[str]:
    """Return the data sets that have the run's classes, and those read from the user's own files."""
    classes = set(class_names(run))
    return [name for name in datasets_for(run.task) if _has_own_files(name)
            or (name != run.config["dataset"] and set(DATASETS[name].classes) == classes)]


def _has_own_files(dataset: str) -> bool:
    return dataset in DATASETS and DATASETS[dataset].user_provided


def _key(run: Run) -> str:
    return f"evaluating_{run.id}"


def imported_figures(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """Draw the metrics of an imported run, and a note on what is missing."""
    metrics = evaluations[0].metrics if evaluations else {}
    _figures({key: metrics[key] for key in METRICS if key in metrics})
    st.caption(words.plain(run.lacks))


def stored_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """Draw all metrics of one of a run's evaluations, for any task."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
    st.html(f'<div class="dr-head">{title(run)}</div>')
    _figures(chosen.metrics)
    over_epochs(run, evaluations, chosen)


def _figures(metrics: Mapping[str, float]) -> None:
    """Draw metrics in their units; leave out errors that follow from an accuracy."""
    with st.grid(8, min_column_width=100, gap="small", key="metrics"):
        for key, value in metrics.items():
            row = METRICS.get(key)
            if row is None:
                st.metric(key, words.number(value))
            elif row.compute or row.complement not in metrics:
                st.metric(row.title, row.text(value), help=row.help)
