"""What a run left: checkpoints, events, and files to download."""

import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.charts.columns import recorded
from app.kit import words
from app.kit.columns import PERCENT
from app.kit.store import store
from engine.disk_space import folder_bytes
from engine.evaluation.checkpoints import list_checkpoints
from engine.launch import log_file
from engine.store import Evaluation, Run

_CC = st.column_config
_BINARY = "application/octet-stream"


def checkpoints(run: Run) -> None:
    """Draw a row for each stored checkpoint, with its size, its validation score and its tests."""
    st.subheader("Checkpoints", anchor=False)
    rows = checkpoint_rows(run, store().evaluations.of(run.id))
    if not rows:
        st.caption("None was imported." if run.is_imported else "None is stored yet." if not run.is_ended
                   else "None is stored.")
        return
    score = run.score_name
    columns = {name: _CC.NumberColumn(format=PERCENT) for name in rows[0] if name.endswith(score)}
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config=columns)


def checkpoint_rows(run: Run, evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return the stored checkpoints with their metrics, scores in percent; the newest first."""
    score = run.score
    stored = list_checkpoints(run)
    roles: dict[str, list[str]] = {}
    for name, folder in stored.items():
        roles.setdefault(folder, []).extend([name] if name in ("best", "last") else [])
    validated = {metric: _by_step(run, metric) for metric in (score.validation, "val_loss")}
    rows = []
    for folder in sorted(roles, reverse=True):
        epoch = int(folder.removeprefix("epoch-")) if folder.startswith("epoch-") and folder[6:].isdigit() else None
        step = None if epoch is None else epoch * run.steps_per_epoch
        tests = [found.metrics.get(score.test) for found in evaluations if found.split == "test"
                 and (found.weights or found.checkpoint) in (folder, *(roles[folder] if not found.weights else ()))]
        rows.append({"Epoch": epoch, "Role": ", ".join(roles[folder]),
                     "Size": words.size(folder_bytes(run.folder / "checkpoints" / folder)),
                     f"Val {score.name}": _percent(validated[score.validation].get(step)),
                     "Val loss": validated["val_loss"].get(step),
                     f"Test {score.name}": _percent(next(iter(tests), None))})
    return rows


def _by_step(run: Run, metric: str) -> dict[int | None, float]:
    steps, values = store().metrics.since(run.id, metric, -1)
    return dict(zip(map(int, steps), map(float, values), strict=True))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def events(run: Run) -> None:
    """Draw what happened to the run, newest first."""
    found = store().events.of(run.id)[::-1]
    if not found:
        return
    st.subheader("Events", anchor=False)
    zone = st.context.timezone or "UTC"
    rows = [{"Time": pd.Timestamp(event.created_at, unit="s", tz="UTC").tz_convert(zone), "Event": event.kind,
             "What": event.message} for event in found]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(36 + 35 * len(rows), 320), column_config={
        "Time": _CC.DatetimeColumn(format="D MMM, HH:mm:ss", width=140), "Event": _CC.TextColumn(width=110),
        "What": _CC.TextColumn(width=900)})


def downloads(run: Run) -> None:
    """Draw a button for each file that can be downloaded; a file is read only when it is asked for."""
    st.subheader("Downloads", anchor=False)
    files = [("Log", log_file(run.id), "log.txt"), ("run.json", run.folder / "run.json", "run.json"),
             *((f"Predictions, {found.checkpoint} on {found.split}", found.predictions, found.predictions.name)
               for found in store().evaluations.of(run.id))]
    with st.container(horizontal=True):
        if recorded(run):
            st.download_button("Curves", lambda: curves_csv(run), f"run-{run.id}-curves.csv", "text/csv",
                               on_click="ignore", icon=":material/download:", key="download_curves")
        for place, (title, path, name) in enumerate(files):
            if path.is_file():
                st.download_button(title, path.read_bytes, f"run-{run.id}-{name}", _BINARY, on_click="ignore",
                                   icon=":material/download:", key=f"download_{place}")


def curves_csv(run: Run) -> bytes:
    """Return every recorded point as UTF-8 CSV: a row a step, a column a metric, empty where nothing was recorded."""
    columns = {}
    for metric in recorded(run):
        steps, values = store().metrics.since(run.id, metric, -1)
        columns[metric] = pd.Series(values, index=steps)
    table = pd.DataFrame(columns).sort_index()
    table.insert(0, "epoch", table.index / max(run.steps_per_epoch, 1))
    text = io.StringIO()
    table.to_csv(text, index_label="step")
    return text.getvalue().encode()
