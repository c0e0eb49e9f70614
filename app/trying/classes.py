"""A model's predictions for one picture, uploaded or from the test set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.kit import words
from app.kit.address import remember
from app.kit.choice import class_filter
from app.kit.framework import component
from app.kit.maps import explain_data, explain_file, overlay
from app.kit.pictures import EXACT, data_uri, page_at, turn_pages
from app.trying.pad import pad
from engine.data import load_dataset
from engine.errors import UserError
from engine.evaluation.results import class_names
from engine.explain.picture import decode_confined, likeliest
from engine.labels.targets import of_class, place_texts
from engine.store import Run

_HERE = Path(__file__).parent
OWN, PAD, TEST = "A picture of yours", "Draw or paste", "From the test set"
_SOURCES = (OWN, PAD, TEST)
_SHEET = 60
_THUMBNAIL, _SHOWN = 64, 448


@dataclass(frozen=True)
class Shown:
    """A picture to try.

    Attributes:
        image: uint8 [H, W, C], in the format of the run's own pictures.
        explain: ``(checkpoint, folder, label)``: computes the answer, with a saliency map of the label.
        true: its classes, if known.
        caption: describes it in a line.
    """

    image: NDArray[np.uint8]
    explain: Callable[[str, str, int | None], dict[str, Any]]
    caption: str
    true: frozenset[int] | None = None


def choose_picture(run: Run) -> Callable[[str, str], None] | None:
    """Choose a picture; return a function that draws a checkpoint's answer, None until there is a picture."""
    shown = choose_shown(run)
    return partial(_show_answer, run, shown) if shown else None


def choose_shown(run: Run) -> Shown | None:
    """Choose a picture; None until there is one."""
    remember("from", "try_source", OWN, _SOURCES)
    source = st.segmented_control("Picture", _SOURCES, required=True, key="try_source",
                                  label_visibility="collapsed", persist_state="session")
    return _from_test_set(run) if source == TEST else _drawn(run) if source == PAD else _uploaded(run)


def _show_answer(run: Run, shown: Shown, checkpoint: str, weights: str) -> None:
    """Draw the most likely classes, and the picture beside its saliency map."""
    answer = shown.explain(checkpoint, weights, None)
    probabilities, names = answer["pictures"][0]["probabilities"], answer["classes"]
    top = likeliest(probabilities)
    st.html(_probability_bars([(names[label], probabilities[label], label) for label in top], shown.true))
    show_beside(run, shown, checkpoint, weights, answer, top)


def show_beside(run: Run, shown: Shown, checkpoint: str, weights: str, answer: dict[str, Any],
                top: Sequence[int]) -> None:
    """Draw the picture beside the saliency map of one of the ``top`` classes, at first that of the first."""
    names, label = answer["classes"], top[0]
    if answer["method"].startswith("Grad-CAM"):
        label = st.pills("Explain", top, default=top[0], required=True, format_func=names.__getitem__,
                         key=f"try_label_{run.id}_{'_'.join(map(str, top))}")
    if label != top[0]:
        answer = shown.explain(checkpoint, weights, label)
    saliency, covered = answer["pictures"][0]["map"], answer["pictures"][0]["shown"]
    overlaid = data_uri(overlay(shown.image, saliency, covered, _SHOWN), _SHOWN)
    st.html('<div class="dr-pair">' + _pane(data_uri(shown.image, _SHOWN), shown.caption, crisp=_is_small(shown.image))
            + _pane(overlaid, _method(answer["method"], saliency, names[label])) + "</div>")


def _inverts() -> bool:
    remember("invert", "try_invert", default=False)
    return st.toggle("Invert", key="try_invert", persist_state="session", help="For a drawing dark on light if the run "
                     "was trained on pictures light on dark.")


def _uploaded(run: Run) -> Shown | None:
    file = st.file_uploader("A picture", key="try_file", label_visibility="collapsed", max_upload_size=50)
    invert = run.resolved.get("channels") == 1 and _inverts()
    if file is None:
        return None
    return _of_file(run, file.getvalue(), file.name, invert=invert)


def _drawn(run: Run) -> Shown | None:
    content = pad(f"try_pad_{run.id}", light_on_dark=run.resolved.get("channels") == 1)
    st.caption("Draw with the pointer, or paste a picture from the clipboard.")
    return _of_file(run, content, "from the pad", invert=False) if content else None


def _of_file(run: Run, content: bytes, name: str, *, invert: bool) -> Shown:
    image = decode_confined(content, name, run, invert=invert)[0]
    side, _, channels = image.shape
    caption = f"{name}, resized to {side}×{side} pixels in {'grey' if channels == 1 else 'colour'}"
    return Shown(image, lambda checkpoint, weights, label: explain_file(
        run.id, checkpoint, weights, content, invert=invert, label=label), caption)


def _from_test_set(run: Run) -> Shown | None:
    dataset, names = load_dataset(str(run.config["dataset"]), str(run.config["data_path"])), class_names(run)
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"The files of {dataset.name} have changed since this run: its pictures cannot be shown.")
    kind = class_filter("All classes", names, f"try_class_{run.id}")
    targets = dataset.test_targets
    ids = np.arange(len(targets)) if kind is None else np.flatnonzero(of_class(targets, kind))
    if not len(ids):
        st.caption("The test set has no pictures of this class.")
        return None
    key = f"try_page_{run.id}_{kind}"
    sheet = ids[page_at(key, len(ids), _SHEET)]
    picked = f"try_picture_{run.id}"
    remember("picture", picked, int(ids[0]), range(len(targets)))
    _pick(picked, sheet, dataset.test_images[sheet], place_texts(targets[sheet], names))
    turn_pages(key, len(ids), _SHEET)
    chosen = int(st.session_state[picked])
    true = [label for label in range(len(names)) if of_class(targets[[chosen]], label)[0]]
    image = np.asarray(dataset.test_images[np.array([chosen])])[0]
    return Shown(image, lambda checkpoint, weights, label: explain_data(
        run.id, checkpoint, weights, "test", (chosen,), label),
                 f"Test picture {chosen}: {place_texts(targets[[chosen]], names)[0]}", frozenset(true))


def _pick(key: str, sheet: NDArray[np.int64], images: NDArray[np.uint8], titles: list[str]) -> None:
    """Draw the sheet; a click puts the picture's number under the key."""
    chosen = st.session_state[key]
    places = np.flatnonzero(sheet == chosen)
    clicked = picker([data_uri(image, _THUMBNAIL) for image in images], titles,
                     int(places[0]) if len(places) else None, key="try_sheet")
    if clicked is not None and clicked < len(sheet) and sheet[clicked] != chosen:
        st.session_state[key] = int(sheet[clicked])
        st.rerun()


def _probability_bars(rows: list[tuple[str, float, int]], true: frozenset[int] | None) -> str:
    """Return a bar for each class as HTML."""
    def mark(place: int, label: int) -> str:
        if true is None:
            return ""
        return "dr-right" if label in true else "dr-wrong" if place == 0 else ""

    return '<div class="dr-odds">' + "".join(
        f'<b class="{mark(place, label)}">{escape(name)}</b><i><u style="width:{100 * probability:.2f}%"></u></i>'
        f"<span>{words.percent(probability)}</span>"
        for place, (name, probability, label) in enumerate(rows)) + "</div>"


def _pane(source: str, caption: str, *, crisp: bool = False) -> str:
    return (f'<figure><img class="{"" if crisp else "dr-smooth"}" src="{source}" alt="{escape(caption)}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>")


def _method(method: str, saliency: list[list[float]], name: str) -> str:
    if not any(map(any, saliency)):
        return f"{method}: no evidence for {name}"
    if method.startswith("Attention"):
        return f"{method}: where the model attended, for all classes"
    return f"{method}: evidence for {name}"


def _is_small(image: NDArray[np.uint8]) -> bool:
    return bool(max(image.shape[:2]) <= EXACT)


def picker(pictures: Sequence[str], titles: Sequence[str], chosen: int | None, key: str) -> int | None:
    """Return the index of the picture that was just clicked, once; else None.

    Args:
        pictures: data URIs.
        titles: tooltips.
        chosen: index of the marked picture.
    """
    mount = component("darkroom_picker", html='<div class="picker"></div>', css=(_HERE / "picker.css").read_text(),
                      js=(_HERE / "picker.js").read_text())
    result = mount(data={"pictures": list(pictures), "titles": list(titles), "chosen": chosen}, key=key,
                   on_pick_change=lambda: None)
    picked = result.get("pick")
    return None if picked is None else int(picked)
