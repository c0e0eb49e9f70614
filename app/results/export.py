"""Exporting a run's model to ONNX, and downloading it."""

from pathlib import Path
from typing import Any

import streamlit as st

from app.kit import words
from app.kit.frame import show_mistake
from app.kit.guard import guarded
from app.kit.writing import write_button
from engine.errors import UserError
from engine.evaluation.checkpoints import list_checkpoints
from engine.export.model_file import export_path
from engine.launch.jobs import run_job
from engine.store import Run

_LONGEST_SECONDS = 900


def export_button(run: Run) -> None:
    """Draw the panel that exports the best checkpoint, else the last, and offers the file."""
    with st.container(width="content"):
        _fragment(run)


@st.fragment
def _fragment(run: Run) -> None:
    with guarded():
        _panel(run)


def _panel(run: Run) -> None:
    kept = list_checkpoints(run)
    checkpoint = next(iter(kept), "")
    with st.popover("Export", icon=":material/ios_share:", disabled=not kept, key="export_panel"):
        st.caption("An ONNX file with class names, input size and normalisation as metadata. It is written only if "
                   "ONNX Runtime and torch compute the same logits on test pictures.")
        key = f"exported_{run.id}_{kept.get(checkpoint)}"
        if write_button("Export to ONNX", type="primary", key="export_start"):
            st.session_state[key] = _export(run, checkpoint)
        done = st.session_state.get(key)
        if done and Path(done["file"]).exists():
            _offer(done)


def _export(run: Run, checkpoint: str) -> dict[str, Any] | None:
    """Export the checkpoint and return the job's answer; show the error and return None if it fails."""
    try:
        with st.spinner("Exporting and comparing …"):
            request = {"run": run.id, "checkpoint": checkpoint, "file": str(export_path(run, checkpoint))}
            return run_job("export", request, seconds=_LONGEST_SECONDS)
    except UserError as error:
        show_mistake(words.told(error))
        return None


def _offer(done: dict[str, Any]) -> None:
    file = Path(done["file"])
    st.caption(f"Its logits differ from torch by at most {done['difference']:.1e} on {done['pictures']} test pictures.")
    st.download_button(f"Download {file.name}", file.read_bytes, file.name, "application/octet-stream",
                       icon=":material/download:", key="export_download", on_click="ignore")
