"""A picture to try, dropped or of the test set, and the classes that a model takes it for."""

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
from app.kit.choice import class_filter
from app.kit.framework import component
from app.kit.maps import Answer, look_at_data, overlaid
from app.kit.pictures import EXACT, data_uri, page_at, turn_pages
from engine.data import load_dataset
from engine.errors import UserError
from engine.evaluation.results import class_names
from engine.explain.picture import decode_upload, likeliest
from engine.launch.jobs import job_folder, run_job
from engine.store import Run

_HERE = Path(__file__).parent
OWN, TEST = "A picture of yours", "From the test set"
_SHEET = 60
_THUMBNAIL, _SHOWN = 64, 448


@dataclass(frozen=True)
class Shown:
    """A picture to try.

    Attributes:
        image: uint8 [H, W, C], as the run's own pictures are.
        look: asks for the answer, of a checkpoint, its folder and the class to explain.
        true: its class, when that is known.
        told: what it is, in a line.
    """

    image: NDArray[np.uint8]
    look: Callable[[str, str, int | None], dict[str, Any]]
    told: str
    true: int | None = None


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


def choose_picture(run: Run) -> Callable[[str, str], None] | None:
    """Ask for a picture that is dropped here or one of the test set; what shows a checkpoint's answer, None until then.
    """
    source = st.segmented_control("Picture", [OWN, TEST], default=OWN, required=True, key="try_source",
                                  label_visibility="collapsed", persist_state="session")
    shown = _dropped(run) if source == OWN else _of_the_test_set(run)
    return partial(_show_answer, run, shown) if shown else None


def _show_answer(run: Run, shown: Shown, checkpoint: str, weights: str) -> None:
    """The likeliest classes, and the picture beside where the model looked."""
    answer = shown.look(checkpoint, weights, None)
    said, names = answer["pictures"][0]["probabilities"], answer["classes"]
    top = likeliest(said)
    st.html(_odds([(names[label], said[label], label) for label in top], shown.true))
    asked = top[0]
    if answer["method"].startswith("Grad-CAM"):
        asked = st.pills("What spoke for", top, default=top[0], required=True, format_func=names.__getitem__,
                         key=f"try_label_{run.id}_{'_'.join(map(str, top))}")
    if asked != top[0]:
        answer = shown.look(checkpoint, weights, asked)
    where = answer["pictures"][0]["map"]
    seen = data_uri(overlaid(shown.image, where, answer["shown"], _SHOWN), _SHOWN)
    st.html('<div class="dr-pair">' + _pane(data_uri(shown.image, _SHOWN), shown.told, crisp=_is_small(shown.image))
            + _pane(seen, _method(answer["method"], where, names[asked])) + "</div>")


def _dropped(run: Run) -> Shown | None:
    file = st.file_uploader("A picture", key="try_file", label_visibility="collapsed", max_upload_size=50)
    grey = run.resolved.get("channels") == 1
    invert = grey and st.toggle("Exchange light and dark", key="try_invert", persist_state="session", help="For a "
                                "drawing dark on light, when the run learned from pictures light on dark.")
    if file is None:
        return None
    content, name = file.getvalue(), file.name
    image = decode_upload(content, name, run, invert=invert)[0]
    side, _, channels = image.shape
    told = f"{name}, as {side}×{side} pixels in {'grey' if channels == 1 else 'colour'}, like the run's own"
    return Shown(image, lambda checkpoint, weights, label: look_at_file(
        run.id, checkpoint, weights, content, name, invert, label), told)


def _of_the_test_set(run: Run) -> Shown | None:
    dataset, names = load_dataset(str(run.config["dataset"]), str(run.config["data_path"])), class_names(run)
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"The files of {dataset.name} have changed since this run: its pictures cannot be shown.")
    kind = class_filter("All classes", names, f"try_class_{run.id}")
    ids = np.arange(len(dataset.test_targets)) if kind is None else np.flatnonzero(dataset.test_targets == kind)
    if not len(ids):
        st.caption("No pictures of this class.")
        return None
    key = f"try_page_{run.id}_{kind}"
    sheet = ids[page_at(key, len(ids), _SHEET)]
    place = _picked(run, sheet, dataset.test_images[sheet], [names[label] for label in dataset.test_targets[sheet]])
    turn_pages(key, len(ids), _SHEET)
    chosen = int(st.session_state[place])
    true = int(dataset.test_targets[chosen])
    image = np.asarray(dataset.test_images[np.array([chosen])])[0]
    return Shown(image, lambda checkpoint, weights, label: look_at_data(
        run.id, checkpoint, weights, "test", (chosen,), label), f"Test picture {chosen}: {names[true]}", true)


def _picked(run: Run, sheet: NDArray[np.int64], images: NDArray[np.uint8], titles: list[str]) -> str:
    """The key under which the chosen picture's number is kept; at first it is the sheet's first."""
    key = f"try_picture_{run.id}"
    chosen = st.session_state.setdefault(key, int(sheet[0]))
    places = np.flatnonzero(sheet == chosen)
    clicked = picker([data_uri(image, _THUMBNAIL) for image in images], titles,
                     int(places[0]) if len(places) else None, key="try_sheet")
    if clicked is not None and clicked < len(sheet) and sheet[clicked] != chosen:
        st.session_state[key] = int(sheet[clicked])
        st.rerun()
    return key


def _odds(rows: list[tuple[str, float, int]], true: int | None) -> str:
    """A bar for each class."""
    def mark(place: int, label: int) -> str:
        if true is None:
            return ""
        return "dr-right" if label == true else "dr-wrong" if place == 0 else ""

    return '<div class="dr-odds">' + "".join(
        f'<b class="{mark(place, label)}">{escape(name)}</b><i><u style="width:{100 * said:.2f}%"></u></i>'
        f"<span>{words.percent(said)}</span>" for place, (name, said, label) in enumerate(rows)) + "</div>"


def _pane(source: str, told: str, *, crisp: bool = False) -> str:
    return (f'<figure><img class="{"" if crisp else "dr-smooth"}" src="{source}" alt="{escape(told)}">'
            f"<figcaption>{escape(told)}</figcaption></figure>")


def _method(method: str, where: list[list[float]], name: str) -> str:
    if not any(map(any, where)):
        return f"{method}: nothing here spoke for {name}"
    if method.startswith("Attention"):
        return f"{method}: where the model looked, whatever the class"
    return f"{method}: what spoke for {name}"


def _is_small(image: NDArray[np.uint8]) -> bool:
    return bool(max(image.shape[:2]) <= EXACT)


def picker(pictures: Sequence[str], titles: Sequence[str], chosen: int | None, key: str) -> int | None:
    """The place of the picture that was just clicked, once, else None.

    Args:
        pictures: data URIs.
        titles: what each shows when pointed at.
        chosen: place of the one that is marked.
    """
    mount = component("darkroom_picker", html='<div class="picker"></div>', css=(_HERE / "picker.css").read_text(),
                      js=(_HERE / "picker.js").read_text())
    result = mount(data={"pictures": list(pictures), "titles": list(titles), "chosen": chosen}, key=key,
                   on_pick_change=lambda: None)
    picked = result.get("pick")
    return None if picked is None else int(picked)
