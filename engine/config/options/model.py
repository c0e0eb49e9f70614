"""What a run trains."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.config.option import Option, Section
from engine.models.catalog import model_names
from engine.models.choices import FINE_TUNES, NORMALISATIONS, STEMS, WEIGHTS


class ModelOptions(BaseModel):
    """Architecture, weights, and which of them learn."""

    model: Annotated[str, Option(Section.MODEL, "A timm model by name, or one of Darkroom's own.",
                                 choices=model_names, aliases=("model-name",))] = "tinyvgg_a"
    image_size: Annotated[int, Field(ge=0, le=1024), Option(
        Section.MODEL, "Side of the square pictures the model sees, in pixels; 0: what the model needs.",
        label="Image size", advanced=True, aliases=("img-size",))] = 0
    stem: Annotated[str, Option(
        Section.MODEL, "First layers of a ResNet: as published, or for small pictures (3×3, stride 1, no max-pool).",
        choices=lambda: tuple(STEMS), advanced=True)] = "standard"
    weights: Annotated[str, Option(
        Section.MODEL, "Where the weights start: at random, as published with the model, or from a file.",
        choices=lambda: tuple(WEIGHTS))] = "scratch"
    weights_path: Annotated[str, Option(
        Section.MODEL, "A .safetensors or .pth file of this architecture, such as a run's own "
        "checkpoints/…/model.safetensors; its classifier may have other classes.",
        label="Weights file", grid=False, applies={"weights": ("file",)})] = ""
    normalisation: Annotated[str, Option(
        Section.MODEL, "Whose mean and standard deviation pictures are normalised by; auto: the weights' if there are "
        "any, else the data's.", choices=lambda: tuple(NORMALISATIONS), advanced=True)] = "auto"
    fine_tune: Annotated[str, Option(
        Section.MODEL, "What learns: all weights, the classifier only (the rest frozen, norm statistics too), or all "
        "with a rate of its own for the backbone.", label="Fine-tune", choices=lambda: tuple(FINE_TUNES),
        advanced=True)] = "all"
    backbone_lr: Annotated[float, Field(gt=0, le=100), Option(
        Section.MODEL, "Learning rate of everything but the classifier.", label="Backbone learning rate",
        applies={"fine_tune": ("split",)}, aliases=("back-lr",))] = 0.0001
    layer_decay: Annotated[float, Field(gt=0, le=1), Option(
        Section.MODEL, "Each layer further from the classifier learns at this multiple of the rate of the one after; "
        "1: all alike.", label="Layer decay", advanced=True, applies={"fine_tune": ("all",)})] = 1.0
    dropout: Annotated[float, Field(ge=0, lt=1), Option(
        Section.MODEL, "Probability of dropping a feature before the classifier; 0: as published, which is "
        "none but for ½ in tinyvgg_v4.", advanced=True)] = 0.0
    drop_path: Annotated[float, Field(ge=0, lt=1), Option(
        Section.MODEL, "Probability of skipping the deepest residual branch (stochastic depth); 0: as published.",
        label="Drop path", advanced=True)] = 0.0
