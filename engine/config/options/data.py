"""What a run learns from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.choices import EMPTY_PICTURES, UNREADABLE
from engine.catalog.datasets import DATASETS, names_of
from engine.config.option import Option, Section


class DataOptions(BaseModel):
    """Data set, split, and how much of it."""

    dataset: Annotated[str, Option(Section.DATA, "The pictures to learn from.", label="Data set",
                                   choices=lambda: tuple(DATASETS), aliases=("dataname",))] = "Digits"
    data_path: Annotated[str, Option(Section.DATA, "A folder that already holds the data set's files (npy: or a "
                                     "pattern such as arrays/*.npy); empty: Darkroom's own data folder, then the usual "
                                     "places.", label="Data folder",
                                     advanced=True, grid=False, aliases=("data-dir",))] = ""
    num_classes: Annotated[int, Field(ge=0), Option(
        Section.DATA, "How many classes you expect; the run is refused if the data has another number; 0: any.",
        label="Classes expected", advanced=True, identity=False)] = 0
    val_fraction: Annotated[float, Field(gt=0, lt=1), Option(
        Section.DATA, "Share of the training pictures held back for validation, stratified by class.",
        label="Validation fraction", advanced=True)] = 0.1
    train_fraction: Annotated[float, Field(gt=0, le=1), Option(
        Section.DATA, "Share of the training part that is learnt from, stratified by class; smaller shares lie inside "
        "larger ones.", label="Train fraction", advanced=True, aliases=("fraction",))] = 1.0
    equal_steps: Annotated[bool, Option(
        Section.DATA, "Go through the smaller training part more often, so that an epoch has as many optimizer steps "
        "as with all of it: less data, not less training.", label="Equal steps", advanced=True,
        unless={"train_fraction": (1.0,)})] = False
    unreadable: Annotated[str, Option(
        Section.DATA, "What to do about pictures or annotations that cannot be read: stop before training, or skip "
        "and count them.",
        label="Unreadable pictures", choices=lambda: tuple(UNREADABLE), advanced=True,
        applies={"dataset": ("folder", "TinyImagenet", "voc", "coco")})] = "stop"
    empty_pictures: Annotated[str, Option(
        Section.DATA, "Whether pictures without a box are learnt from; validation and test keep theirs, so that runs "
        "are judged alike.", label="Pictures without a box", choices=lambda: tuple(EMPTY_PICTURES), advanced=True,
        applies={"dataset": names_of("detection")})] = "keep"
