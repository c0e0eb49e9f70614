"""Pictures with their true and predicted class and confidence; small ones are enlarged with crisp pixels."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from app.kit import words
from app.kit.address import remember
from app.kit.maps import Picture, explain_data, overlay
from app.kit.pictures import EXACT, data_uri, page_at, turn_pages
from app.kit.store import store, warm_up_jobs
from engine.data import load_dataset
from engine.errors import UserError
from engine.evaluation.checkpoints import checkpoint_folder, list_checkpoints
from engine.evaluation.results import Results, load_results
from engine.store import Conditions, Run

PAGE = 48
_SIDE = 224


@st.cache_resource(show_spinner=False, max_entries=8)
def results_of(path: str, run_id: int, revision: int, conditions: Conditions) -> Results:
    """Return a run's results, cached until the run changes."""
    return load_results(store(), store().runs.get(run_id), conditions)


def gallery(run: Run, results: Results, rows: NDArray[np.int64], key: str) -> None:
    """Draw one page of the given rows, with the pagination."""
    if not len(rows):
        st.caption("No pictures here.")
        return
    shown = rows[page_at(key, len(rows), PAGE)]
    try:
        images = pictures_of(run, results.evaluation.conditions, results.ids[shown])
    except UserError as error:
        st.caption(words.plain(str(error)))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="gallery_looked"):
        wanted, note = _wants_maps(), st.empty()
    drawn = _with_maps(run, results, shown, images, note) if wanted else list(images)
    tiles = [_tile(image, results, int(row)) for image, row in zip(drawn, shown, strict=True)]
    tiled(tiles)
    turn_pages(key, len(rows), PAGE)


def tiled(tiles: Sequence[str]) -> None:
    """Draw the tiles in rows."""
    st.html(f'<div class="dr-gallery" data-count="{len(tiles)}">{"".join(tiles)}</div>')


def picture(image: NDArray[np.uint8], title: str) -> str:
    """Return a tile's picture as HTML."""
    smooth = "" if max(image.shape[:2]) <= EXACT else ' class="dr-smooth"'
    return f'<img{smooth} src="{data_uri(image, _SIDE)}" alt="{escape(title)}">'


def _wants_maps() -> bool:
    remember("maps", "gallery_maps", default=False)
    return bool(st.toggle("Saliency maps", key="gallery_maps", persist_state="session", help="Show over each picture "
                          "what contributed to the predicted class: Grad-CAM, or attention rollout for a ViT."))


def _with_maps(run: Run, results: Results, rows: NDArray[np.int64], images: NDArray[np.uint8],
               note: DeltaGenerator) -> list[Picture]:
    """Overlay the pictures with saliency maps from one job; return them unchanged, with a note, if it fails."""
    warm_up_jobs()
    conditions, ids = results.evaluation.conditions, tuple(int(number) for number in results.ids[rows])
    try:
        weights = results.evaluation.weights or checkpoint_folder(run, results.checkpoint)
        name = next((name for name, folder in list_checkpoints(run).items() if folder == weights), None)
        if name is None:
            raise UserError("The checkpoint of these results was deleted: saliency maps cannot be computed.")
        answer = explain_data(run.id, name, weights, conditions.split, ids, None, conditions.dataset,
                              conditions.data_path)
    except UserError as error:
        note.caption(words.plain(str(error)))
        return list(images)
    note.caption(words.plain(answer["method"]))
    return [overlay(image, prediction["map"], prediction["shown"], _SIDE)
            for image, prediction in zip(images, answer["pictures"], strict=True)]


def pictures_of(run: Run, shown: Conditions, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the pictures of an evaluation under these conditions, uint8 [N, H, W, C].

    Raises:
        UserError: the files are missing or have changed since the run.
    """
    if shown.dataset:
        return np.asarray(load_dataset(shown.dataset, shown.data_path).test_images[ids])
    dataset = load_dataset(str(run.config["dataset"]), str(run.config["data_path"]))
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"The files of {dataset.name} have changed since this run: its pictures cannot be shown.")
    images = dataset.test_images if shown.split == "test" else dataset.train_images
    return np.asarray(images[ids])


def _tile(image: NDArray[np.uint8], results: Results, row: int) -> str:
    true, predicted = int(results.targets[row]), int(results.predicted[row])
    verdict = "right" if true == predicted else "wrong"
    confidence = f"confidence {words.percent(float(results.confidence[row]), 1)}"
    return (f'<figure class="dr-{verdict}" tabindex="0" title="picture {results.ids[row]}" data-true="{true}" '
            f'data-predicted="{predicted}">'
            f'{picture(image, results.classes[true])}<figcaption>'
            f'<b>{escape(results.classes[true])}</b> → <em>{escape(results.classes[predicted])}</em>'
            f'<span>{confidence}</span><span>loss {results.losses[row]:.3g}</span></figcaption></figure>')
