"""What a detector finds in a picture that somebody brings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.boxes import Drawn, Part, Picture, hue, named_labels, panes, scaled_part, tiles_of
from app.kit.maps import Answer
from engine.evaluation.results import class_names
from engine.explain.picture import decode_whole_upload
from engine.launch.jobs import job_folder, run_job
from engine.store import Run

_SHOWN = 900
_LEAST = 0.05


@dataclass(frozen=True)
class Brought:
    """A picture file that was dropped here, and what it shows: uint8 [H, W, 3]."""

    name: str
    content: bytes
    image: Picture


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


def choose_picture(run: Run) -> Callable[[str, str], None] | None:
    """Ask for a picture that is dropped here; what shows a checkpoint's answer, None until then."""
    file = st.file_uploader("A picture", key="try_file", label_visibility="collapsed", max_upload_size=50)
    st.caption("Pictures of the test set are on this run's **Results**, each beside what is there.")
    if file is None:
        return None
    content = file.getvalue()
    return partial(_show_found, run, Brought(file.name, content, decode_whole_upload(content, file.name)))


def _show_found(run: Run, brought: Brought, checkpoint: str, weights: str) -> None:
    """The boxes of at least a score that can be moved, on the picture and as a table."""
    answer = find_in_file(run.id, checkpoint, weights, brought.content, _LEAST)
    own = max(float(answer["score_threshold"]), _LEAST)
    least = st.slider("Score", _LEAST, 1.0, own, 0.01, key=f"try_score_{run.id}", help="Boxes of at least this score "
                      "are shown; what the run was told to show is where it begins.")
    found = [box for box in answer["boxes"] if box["score"] >= least]
    st.html(tiles_of([_tile(brought, class_names(run), found)], large=True))
    if found:
        st.dataframe(_table(found), hide_index=True, column_config={
            "Score": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)})
    else:
        st.caption(f"No box has this score; the best has {words.percent(answer['best_score'])}.")


def _tile(brought: Brought, classes: Sequence[str], found: Sequence[dict[str, Any]]) -> str:
    height, width = brought.image.shape[:2]
    part, labels = Part(0, 0, width, height), [classes.index(each["class"]) for each in found]
    drawn = [Drawn(each["box"], f"{each['class']}, {words.percent(each['score'])}", hue(label))
             for each, label in zip(found, labels, strict=True)]
    return (f"<figure>{panes(scaled_part(brought.image, part, width, height, _SHOWN), part, (drawn,))}<figcaption>"
            f"{named_labels(classes, labels)}<span>{escape(brought.name)}, {width} × {height} px</span></figcaption>"
            "</figure>")


def _table(found: Sequence[dict[str, Any]]) -> pd.DataFrame:
    rows = [(each["class"], each["score"], *(round(edge) for edge in each["box"])) for each in found]
    return pd.DataFrame(rows, columns=["Class", "Score", "Left", "Top", "Right", "Bottom"])
