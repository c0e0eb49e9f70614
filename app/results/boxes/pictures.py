"""The pictures that a detector was judged by, cut and scaled to be shown."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.kit.boxes import Part, part_of
from app.kit.store import store
from engine.boxes.arrays import Ints
from engine.data import DetectionDataset, load_detection
from engine.data.boxes.split import detection_split
from engine.errors import UserError
from engine.store import Conditions, Run


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of one evaluation, by their position in it.

    Attributes:
        ids: int64 [N], where in the split each of them is.
    """

    dataset: DetectionDataset
    split: str
    ids: Ints

    def size(self, picture: int) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.dataset.split(self.split).sizes[self.ids[picture]]
        return int(height), int(width)

    def name(self, picture: int) -> str:
        return self.dataset.split(self.split).names[int(self.ids[picture])]

    def part(self, picture: int, part: Part, side: int) -> str:
        """A part of one picture as a data URI, its longer side ``side`` pixels at most."""
        return part_of(self.dataset, self.split, int(self.ids[picture]), part, side)


def pictures_of(run: Run, conditions: Conditions, ids: Ints) -> Pictures:
    """Those that were looked at under these conditions.

    Raises:
        UserError: they are gone, or are others than the run has seen.
    """
    if conditions.dataset:
        return Pictures(_opened(conditions.dataset, conditions.data_path, ""), conditions.split, ids)
    return Pictures(own_dataset(run), conditions.split, ids)


def own_dataset(run: Run) -> DetectionDataset:
    """The data set that a run was trained on.

    Raises:
        UserError: its files are gone, or are others than the run has seen.
    """
    name, place = str(run.config["dataset"]), str(run.config["data_path"])
    dataset = _opened(name, place, run.dataset_fingerprint or "")
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"The files of {name} have changed since this run: its pictures cannot be shown.")
    return dataset


def learnt_from(run: Run) -> Ints | None:
    """How many objects of each class the run has learnt from: int64 [K]; None where its files cannot tell any more."""
    try:
        dataset = own_dataset(run)
    except UserError:
        return None
    return _counts(str(store().path), run.id, dataset.fingerprint, dataset, run)


@st.cache_resource(show_spinner="Opening the pictures …", max_entries=4, ttl=60)
def _opened(name: str, place: str, fingerprint: str) -> DetectionDataset:
    return load_detection(name, place)


@st.cache_data(show_spinner=False, max_entries=32)
def _counts(path: str, run_id: int, fingerprint: str, _dataset: DetectionDataset, _run: Run) -> Ints:
    learnt, _ = detection_split(_dataset, _run.config_object())
    annotations = _dataset.train.annotations
    there = np.isin(annotations.picture, learnt)
    return np.bincount(annotations.labels[there], minlength=len(_dataset.classes)).astype(np.int64)
