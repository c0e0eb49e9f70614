"""The splits of a detection data set: objects of each class in each split."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.data.parts import bars_by_class, check, choose_split
from app.kit import words
from app.kit.address import remember
from app.kit.frame import show_mistake
from engine.catalog.choices import EMPTY_PICTURES
from engine.config import option_of
from engine.data import DetectionDataset
from engine.data.boxes.split import detection_split
from engine.errors import UserError

_LISTED = 5


def parts(dataset: DetectionDataset, folder: str) -> None:
    """Draw the splits that a run makes with the chosen seed, fractions and handling of empty pictures."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="parts_asked"):
        config = choose_split(dataset.name, folder)
        remember("empty_pictures", "parts_empty_pictures", next(iter(EMPTY_PICTURES)), EMPTY_PICTURES)
        empty = str(st.selectbox(option_of("empty_pictures").label, list(EMPTY_PICTURES), key="parts_empty_pictures",
                                 width=170, help=option_of("empty_pictures").help, persist_state="session"))
        if config is None:
            return
        try:
            train, validation = detection_split(dataset, config.model_copy(update={"empty_pictures": empty}))
        except UserError as error:
            show_mistake(words.told(error))
            return
        divided = {"train": train, "validation": validation,
                   "left out": np.setdiff1d(np.arange(len(dataset.train)), np.concatenate((train, validation)))}
        for name, ids in divided.items():
            st.metric(name.capitalize(), words.count(len(ids)), width=88)
        st.metric("Test", words.count(len(dataset.test)), width=88)
    shown = {name: np.isin(dataset.train.annotations.picture, ids) for name, ids in divided.items() if len(ids)}
    counts = {name: _counts(dataset.train.annotations.labels[rows], dataset) for name, rows in shown.items()}
    counts["test"] = _counts(dataset.test.annotations.labels, dataset)
    order = np.argsort(-np.sum(list(counts.values()), axis=0), kind="stable")
    chart(bars_by_class([dataset.classes[label] for label in order],
                        {name: numbers[order] for name, numbers in counts.items()}, "boxes", 270), key="parts_by_class")
    st.subheader("Checks", anchor=False)
    for name, numbers in counts.items():
        if name != "left out":
            _check_classes(dataset, name, numbers)
    check(not set(train) & set(validation), "No picture is in two splits", "Some pictures are in two splits")


def _counts(labels: NDArray[np.int64], dataset: DetectionDataset) -> NDArray[np.int64]:
    return np.bincount(labels, minlength=len(dataset.classes)).astype(np.int64)


def _check_classes(dataset: DetectionDataset, name: str, numbers: NDArray[np.int64]) -> None:
    absent = [dataset.classes[label] for label in np.flatnonzero(numbers == 0)]
    listed = ", ".join(absent[:_LISTED]) + (f" and {len(absent) - _LISTED} others" if len(absent) > _LISTED else "")
    them = "it" if len(absent) == 1 else "them"
    check(not absent, f"The {name} split has boxes of every class, at least {words.count(numbers.min())} of each",
          f"The {name} split has no box of {listed}: runs cannot {'learn' if name == 'train' else 'measure'} {them}")
