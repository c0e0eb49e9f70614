"""The pictures of a detector's evaluation, cropped and scaled."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.kit.boxes import Crop, crop_uri
from app.kit.store import store
from engine.boxes.arrays import Ints
from engine.data import DetectionDataset, load_detection
from engine.data.boxes.split import detection_split
from engine.errors import UserError
from engine.store import Conditions, Run


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of one evaluation.

    Attributes:
        ids: int64 [N], their positions in the split.
    """

    dataset: DetectionDataset
    split: str
    ids: Ints

    def size(self, picture: int) -> tuple[int, int]:
        """Return height and width in pixels."""
        height, width = self.dataset.split(self.split).sizes[self.ids[picture]]
        return int(height), int(width)

    def name(self, picture: int) -> str:
        return self.dataset.split(self.split).names[int(self.ids[picture])]

    def crop(self, picture: int, crop: Crop, side: int) -> str:
        """Return a crop of one picture as a data URI, its longer side at most ``side`` pixels."""
        return crop_uri(self.dataset, self.split, int(self.ids[picture]), crop, side)


def pictures_of(run: Run, conditions: Conditions, ids: Ints) -> Pictures:
    """Return the pictures of an evaluation under these conditions.

    Raises:
        UserError: the files are missing or have changed since the run.
    """
    if conditions.dataset:
        return Pictures(_load(conditions.dataset, conditions.data_path, ""), conditions.split, ids)
    return Pictures(own_dataset(run), conditions.split, ids)


def own_dataset(run: Run) -> DetectionDataset:
    """Return the data set that a run was trained on.

    Raises:
        UserError: its files are missing or have changed since the run.
    """
    name, place = str(run.config["dataset"]), str(run.config["data_path"])
    dataset = _load(name, place, run.dataset_fingerprint or "")
    if run.dataset_fingerprint not in (None, dataset.fingerprint):
        raise UserError(f"The files of {name} have changed since this run: its pictures cannot be shown.")
    return dataset


def training_objects(run: Run) -> Ints | None:
    """Count the training objects of each class: int64 [K]; None if the data set is missing or has changed."""
    try:
        dataset = own_dataset(run)
    except UserError:
        return None
    return _counts(str(store().path), run.id, dataset.fingerprint, dataset, run)


@st.cache_resource(show_spinner="Opening the pictures …", max_entries=4, ttl=60)
def _load(name: str, place: str, fingerprint: str) -> DetectionDataset:
    return load_detection(name, place)


@st.cache_data(show_spinner=False, max_entries=32)
def _counts(path: str, run_id: int, fingerprint: str, _dataset: DetectionDataset, _run: Run) -> Ints:
    learnt, _ = detection_split(_dataset, _run.config_object())
    annotations = _dataset.train.annotations
    there = np.isin(annotations.picture, learnt)
    return np.bincount(annotations.labels[there], minlength=len(_dataset.classes)).astype(np.int64)
