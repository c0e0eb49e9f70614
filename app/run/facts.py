"""Where and with what a run was made."""

import time
from collections.abc import Iterator

import streamlit as st

from app.kit import words
from app.kit.frame import definitions
from engine.disk_space import folder_bytes
from engine.store import Run

_LIBRARIES = ("darkroom", "python", "torch", "torchvision", "timm", "numpy", "scikit-learn", "safetensors", "sqlite")

Row = tuple[str, str, str]


def facts(run: Run) -> None:
    """Draw when and where it ran, its data, its code and its environment."""
    st.subheader("Where it ran", anchor=False)
    definitions(_place(run))
    st.subheader("Data and code", anchor=False)
    definitions(_made_from(run))


def _place(run: Run) -> Iterator[Row]:
    machine = run.resolved.get("machine", {})
    for name, moment in (("Created", run.created_at), ("Started", run.started_at), ("Ended", run.ended_at)):
        if moment:
            yield name, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)), words.ago(moment)
    yield "Training time", words.duration(run.trained_seconds), f"attempt {run.attempt}" if run.attempt > 1 else ""
    yield "Device", run.device or words.DASH, run.slot if run.slot and run.slot != run.device else ""
    if host := run.environment.get("host"):
        yield "Machine", str(host), str(run.environment.get("platform", ""))
    if threads := machine.get("threads"):
        yield "Threads", str(threads), ""
    if run.memory_reached:
        yield "Memory", words.size(run.memory_reached), "at most"
    if run.exit_code is not None:
        yield "Exit code", str(run.exit_code), ""
    yield "Folder", str(run.folder), f"{words.size(folder_bytes(run.folder))} of disk"


def _made_from(run: Run) -> Iterator[Row]:
    yield "Data set", run.option_text("dataset") or words.DASH, run.option_text("data_path") or ""
    yield "Fingerprint of the data", run.dataset_fingerprint or words.DASH, ""
    yield "Parameters", words.count(run.parameters), ""
    yield "Commit", run.git_commit or words.DASH, "with changes that are not committed" if run.git_dirty else ""
    yield "Options", run.config_hash, "hash of all options that matter"
    if run.is_imported:
        yield "Imported from", str(run.origin.get("file", "elsewhere")), ""
    for library in _LIBRARIES:
        if version := run.environment.get(library):
            yield library, str(version), ""
    for name, digest in run.plugins.items():
        yield "Plug-in", name, digest[:12]
