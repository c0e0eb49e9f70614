"""What a run's model says of pictures and where it looked, asked once and remembered."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.launch.jobs import job_folder, run_job

Answer = dict[str, Any]


@st.cache_data(show_spinner="Looking …", max_entries=200)
def look_at_file(run: int, checkpoint: str, weights: str, content: bytes, name: str, invert: bool,
                 label: int | None) -> Answer:
    """The answer of the job ``look`` for a picture somebody brought.

    Args:
        weights: the folder that the checkpoint stands for; another one is another answer.

    Raises:
        UserError: what the job says.
    """
    with job_folder() as folder:
        file = folder / "picture"
        file.write_bytes(content)
        return run_job("try", {"run": run, "checkpoint": checkpoint, "file": str(file), "invert": invert,
                                "label": label})


@st.cache_data(show_spinner="Looking …", max_entries=200)
def find_in_file(run: int, checkpoint: str, weights: str, content: bytes, least: float) -> Answer:
    """The answer of the job ``find`` for a picture somebody brought: every box of at least that score.

    Raises:
        UserError: what the job says.
    """
    with job_folder() as folder:
        file = folder / "picture"
        file.write_bytes(content)
        return run_job("try", {"run": run, "checkpoint": checkpoint, "file": str(file), "least": least})


@st.cache_data(show_spinner="Looking …", max_entries=200)
def look_at_data(run: int, checkpoint: str, weights: str, split: str, ids: tuple[int, ...], label: int | None,
                 dataset: str = "", data_path: str = "") -> Answer:
    """The same for pictures of the run's data, or of another data set.

    Raises:
        UserError: what the job says.
    """
    return run_job("try", {"run": run, "checkpoint": checkpoint, "split": split, "ids": list(ids), "label": label,
                            "dataset": dataset, "data_path": data_path})
