"""The options of a run's data, model and augmentation, in the order of the form, with their descriptions."""

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.augmentations import (
    AUGMENTATIONS,
    INTERPOLATIONS,
    MIXINGS,
    SHARES,
    cropped_augmentations,
    scaled_augmentations,
)
from engine.catalog.choices import EMPTY_PICTURES, FINE_TUNES, NORMALISATIONS, STEMS, UNREADABLE, WEIGHTS
from engine.catalog.datasets import DATASETS, file_datasets
from engine.catalog.models import anchored_models, check_model, models
from engine.config.option import Option, Section
from engine.tasks import augmentations_for, models_for


class DataAndModel(BaseModel):
    """The first sections of the form."""

    dataset: Annotated[str, Option(Section.DATA, "The data set to train on.", label="Data set",
                                   choices=lambda: DATASETS, aliases=("dataname",))] = "Digits"
    data_path: Annotated[str, Option(Section.DATA, "Folder with the data set's files (npy: or a pattern such as "
                                     "arrays/*.npy), and how it is read if that must be said, as in "
                                     "'photos?test=val&links=skip'; empty: Darkroom's own data folder, then the usual "
                                     "places.",
                                     label="Data folder", advanced=True, grid=False, aliases=("data-dir",))] = ""
    num_classes: Annotated[int, Field(ge=0), Option(
        Section.DATA, "Expected number of classes; the run is refused if the data has another number; 0: any.",
        label="Classes expected", advanced=True, identity=False)] = 0
    val_fraction: Annotated[float, Field(gt=0, lt=1), Option(
        Section.DATA, "Share of the training pictures held back for validation, stratified by class.",
        label="Validation fraction", advanced=True, applies={"folds": (0,)})] = 0.1
    folds: Annotated[int, Field(ge=0, le=100), Option(
        Section.DATA, "Number of parts of the training pictures for cross-validation, stratified by class; one of them "
        "is for validation; 0: no cross-validation.", advanced=True)] = 0
    fold: Annotated[int, Field(ge=1, le=100), Option(
        Section.DATA, "The part for validation, from 1; 1-5 is five runs.", advanced=True, unless={"folds": (0,)})] = 1
    train_fraction: Annotated[float, Field(gt=0, le=1), Option(
        Section.DATA, "Share of the training part to train on, stratified by class; smaller shares are subsets of "
        "larger ones.", label="Train fraction", advanced=True, aliases=("fraction",))] = 1.0
    equal_steps: Annotated[bool, Option(
        Section.DATA, "Repeat the smaller training part, so that an epoch has as many optimizer steps as with all "
        "data: less data, not less training.", label="Equal steps", advanced=True,
        unless={"train_fraction": (1.0,)})] = False
    unreadable: Annotated[str, Option(
        Section.DATA, "What to do with unreadable pictures or annotations.", label="Unreadable pictures",
        choices=lambda: UNREADABLE, advanced=True,
        applies={"dataset": file_datasets})] = "stop"
    empty_pictures: Annotated[str, Option(
        Section.DATA, "Whether to train on pictures without boxes; validation and test always keep theirs, so that "
        "runs stay comparable.", label="Pictures without a box", choices=lambda: EMPTY_PICTURES,
        advanced=True)] = "keep"

    model: Annotated[str, Option(Section.MODEL, "A timm model by name, or one of Darkroom's own; for boxes a "
                                 "detector.", choices=models, spell=check_model, offered=models_for,
                                 aliases=("model-name",))] = "tinyvgg_a"
    image_size: Annotated[int, Field(ge=0, le=4096), Option(
        Section.MODEL, "Side of the square input pictures, or their longer side for detection, in pixels; 0: what "
        "the model needs.",
        label="Image size", advanced=True, aliases=("img-size",))] = 0
    start_size: Annotated[int, Field(ge=0, le=4096), Option(
        Section.MODEL, "Side of the input pictures in the first epochs, in pixels; it rises in four stages to the "
        "image size, which the last quarter of the epochs has (Tan and Le, 2021); 0: the image size.",
        label="First image size", advanced=True)] = 0
    patch_size: Annotated[int, Field(ge=0, le=512), Option(
        Section.MODEL, "Side of the patches of a vision transformer, in pixels; 0: as published, or smaller where the "
        "picture has fewer than 4×4 of them.", label="Patch size", advanced=True)] = 0
    stem: Annotated[str, Option(
        Section.MODEL, "First layers of a ResNet.", choices=lambda: STEMS, advanced=True)] = "standard"
    weights: Annotated[str, Option(
        Section.MODEL, "Initial weights.", choices=lambda: WEIGHTS)] = "scratch"
    weights_path: Annotated[str, Option(
        Section.MODEL, "A .safetensors or .pth file of this architecture, such as a run's "
        "checkpoints/…/model.safetensors; its classifier may have other classes.",
        label="Weights file", grid=False, applies={"weights": ("file",)})] = ""
    normalisation: Annotated[str, Option(
        Section.MODEL, "Source of the mean and standard deviation for normalisation.",
        choices=lambda: NORMALISATIONS, advanced=True)] = "auto"
    fine_tune: Annotated[str, Option(
        Section.MODEL, "What is trained; a detector's classifier is everything after its feature pyramid.",
        label="Fine-tune", choices=lambda: FINE_TUNES, advanced=True,
        aliases=("mode",))] = "all"
    backbone_lr: Annotated[float, Field(gt=0, le=100), Option(
        Section.MODEL, "Learning rate of everything but the classifier.", label="Backbone learning rate",
        applies={"fine_tune": ("split",)}, aliases=("back-lr",))] = 0.0001
    layer_decay: Annotated[float, Field(gt=0, le=1), Option(
        Section.MODEL, "Factor on the learning rate for each layer further from the classifier; 1: the same rate for "
        "all layers.", label="Layer decay", advanced=True, applies={"fine_tune": ("all",)})] = 1.0
    dropout: Annotated[float, Field(ge=0, lt=1), Option(
        Section.MODEL, "Probability of dropping a feature before the classifier; 0: the model's default, which is "
        "none except ½ in tinyvgg_v4.", advanced=True)] = 0.0
    drop_path: Annotated[float, Field(ge=0, lt=1), Option(
        Section.MODEL, "Probability of skipping the deepest residual branch (stochastic depth); 0: the model's "
        "default.", label="Drop path", advanced=True)] = 0.0
    anchor_sizes: Annotated[str, Option(
        Section.MODEL, "Sides of the anchors in pixels of the model's input, one for each pyramid level, joined by + "
        "(such as 16+32+64+128+256); empty: the published 32 to 512.", label="Anchor sizes",
        advanced=True, applies={"model": anchored_models})] = ""
    anchor_ratios: Annotated[str, Option(
        Section.MODEL, "Height-to-width ratios of the anchors, joined by +; empty: the published 0.5+1+2.",
        label="Anchor ratios", advanced=True, applies={"model": anchored_models})] = ""

    augmentation: Annotated[str, Option(Section.AUGMENTATION, "Random changes of training pictures.",
                                        choices=lambda: AUGMENTATIONS,
                                        offered=lambda task: tuple(augmentations_for(task)),
                                        aliases=("aug-name",))] = "default"
    train_scale: Annotated[str, Option(
        Section.AUGMENTATION, "Side S in pixels to which training pictures are resized before the crop: one number, or "
        "a range such as 36-44, sampled for each picture.", label="Train scale S",
        applies={"augmentation": scaled_augmentations})] = "36"
    crop_scale: Annotated[str, Option(
        Section.AUGMENTATION, "Share of a picture's area that the random crop takes: a range such as 0.08-1, or one "
        "number.", label="Crop area", applies={"augmentation": cropped_augmentations})] = "0.08-1"
    crop_ratio: Annotated[str, Option(
        Section.AUGMENTATION, "Width of the random crop in relation to its height: a range such as 0.75-1.3333.",
        label="Crop aspect ratio", advanced=True, applies={"augmentation": cropped_augmentations})] = "0.75-1.3333"
    interpolation: Annotated[str, Option(
        Section.AUGMENTATION, "How cropped pictures are resized, in training and tests.",
        choices=lambda: INTERPOLATIONS, advanced=True, applies={"augmentation": cropped_augmentations})] = "bilinear"
    kept_side: Annotated[int, Field(ge=0, le=4096), Option(
        Section.AUGMENTATION, "Shorter side in pixels that photographs are reduced to and kept with before they are "
        "cropped; 0: the side that tests resize them to.", label="Kept side", advanced=True,
        applies={"augmentation": cropped_augmentations})] = 0
    mixing: Annotated[str, Option(
        Section.AUGMENTATION, "Whether to mix pairs of pictures and their labels.",
        choices=lambda: MIXINGS)] = "none"
    mixup_alpha: Annotated[float, Field(gt=0, le=100), Option(
        Section.AUGMENTATION, "MixUp samples its shares from Beta(α, α).", label="MixUp α", advanced=True,
        applies={"mixing": ("mixup", "both")})] = 0.2
    cutmix_alpha: Annotated[float, Field(gt=0, le=100), Option(
        Section.AUGMENTATION, "CutMix samples its shares from Beta(α, α).", label="CutMix α", advanced=True,
        applies={"mixing": ("cutmix", "both")})] = 1.0
    mix_shares: Annotated[str, Option(
        Section.AUGMENTATION, "Whether the mixing share is sampled for each picture or once per batch.",
        label="Shares sampled", choices=lambda: SHARES, advanced=True,
        unless={"mixing": ("none",)})] = "per picture"

    repeats: Annotated[int, Field(ge=1, le=16), Option(
        Section.AUGMENTATION, "Number of times a picture comes in a row, each time augmented anew; an epoch then shows "
        "fewer different pictures, not more (Hoffer et al., 2020).", label="Repeated augmentation", advanced=True)] = 1
