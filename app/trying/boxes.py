"""Detections in an uploaded picture."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.address import remember, steps
from app.kit.boxes import Crop, Drawn, Picture, hue, named_labels, panes, scaled_crop, tiles_of
from app.kit.columns import share_bar
from app.kit.maps import explain_file
from engine.evaluation.results import class_names
from engine.explain.picture import decode_confined
from engine.store import Run

_SHOWN = 900
_MIN_SCORE = 0.05


def choose_picture(run: Run) -> Callable[[str, str], None] | None:
    """Draw the uploader; return a function that draws a checkpoint's answer, None until there is a picture."""
    file = st.file_uploader("A picture", key="try_file", label_visibility="collapsed", max_upload_size=50)
    st.caption("Pictures of the test set are on this run's **Results** page, beside their ground truth.")
    if file is None:
        return None
    content = file.getvalue()
    return partial(_show_detections, run, file.name, content)


def _show_detections(run: Run, name: str, content: bytes, checkpoint: str, weights: str) -> None:
    """Draw the boxes above an adjustable score, on the picture and as a table."""
    answer = explain_file(run.id, checkpoint, weights, content, least=_MIN_SCORE)
    own = round(max(float(answer["score_threshold"]), _MIN_SCORE), 2)
    remember("score", f"try_score_{run.id}", own, steps(_MIN_SCORE, 1.0, 0.01))
    min_score = st.slider("Score", _MIN_SCORE, 1.0, step=0.01, key=f"try_score_{run.id}", persist_state="session",
                          help="Boxes with a lower score are hidden. Initially the run's own threshold.")
    found = [box for box in answer["boxes"] if box["score"] >= min_score]
    picture = decode_confined(content, name, run, whole=True)
    st.html(tiles_of([_tile(name, picture, class_names(run), found)], large=True))
    if found:
        st.dataframe(_table(found), hide_index=True, column_config={"Score": share_bar()})
    else:
        st.caption(f"No box has this score; the best has {words.percent(answer['best_score'])}.")


def _tile(name: str, image: Picture, classes: Sequence[str], found: Sequence[dict[str, Any]]) -> str:
    height, width = image.shape[:2]
    crop, labels = Crop(0, 0, width, height), [classes.index(each["class"]) for each in found]
    drawn = [Drawn(each["box"], f"{each['class']}, {words.percent(each['score'])}", hue(label))
             for each, label in zip(found, labels, strict=True)]
    return (f"<figure>{panes(scaled_crop(image, crop, width, height, _SHOWN), crop, (drawn,))}<figcaption>"
            f"{named_labels(classes, labels)}<span>{escape(name)}, {width} × {height} px</span></figcaption>"
            "</figure>")


def _table(found: Sequence[dict[str, Any]]) -> pd.DataFrame:
    rows = [(each["class"], 100 * each["score"], *(round(edge) for edge in each["box"])) for each in found]
    return pd.DataFrame(rows, columns=["Class", "Score", "Left", "Top", "Right", "Bottom"])
