"""What a run trains."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.choices import FINE_TUNES, NORMALISATIONS, STEMS, WEIGHTS
from engine.catalog.datasets import names_of
from engine.catalog.models import anchored_models, model_names, models_for
from engine.config.option import Option, Section

_DETECTION = names_of("detection")
_CLASSIFIERS_ONLY: dict[str, tuple[str | float, ...]] = {"dataset": _DETECTION}


class ModelOptions(BaseModel):
    """Architecture, weights, and which of them learn."""

    model: Annotated[str, Option(Section.MODEL, "A timm model by name, or one of Darkroom's own; for boxes a "
                                 "detector.", choices=model_names, offered=models_for,
                                 aliases=("model-name",))] = "tinyvgg_a"
    image_size: Annotated[int, Field(ge=0, le=4096), Option(
        Section.MODEL, "Side of the square pictures the model sees, or their longer side where boxes are "
        "looked for, in pixels; 0: what the model needs.",
        label="Image size", advanced=True, aliases=("img-size",))] = 0
    stem: Annotated[str, Option(
        Section.MODEL, "First layers of a ResNet: as published, or for small pictures (3×3, stride 1, no max-pool).",
        choices=lambda: tuple(STEMS), advanced=True, unless=_CLASSIFIERS_ONLY)] = "standard"
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
        "with a rate of its own for the backbone; of a detector everything behind the feature pyramid is its "
        "classifier.", label="Fine-tune", choices=lambda: tuple(FINE_TUNES), advanced=True, aliases=("mode",))] = "all"
    backbone_lr: Annotated[float, Field(gt=0, le=100), Option(
        Section.MODEL, "Learning rate of everything but the classifier.", label="Backbone learning rate",
        applies={"fine_tune": ("split",)}, aliases=("back-lr",))] = 0.0001
    layer_decay: Annotated[float, Field(gt=0, le=1), Option(
        Section.MODEL, "Each layer further from the classifier learns at this multiple of the rate of the one after; "
        "1: all alike.", label="Layer decay", advanced=True, applies={"fine_tune": ("all",)},
        unless=_CLASSIFIERS_ONLY)] = 1.0
    dropout: Annotated[float, Field(ge=0, lt=1), Option(
        Section.MODEL, "Probability of dropping a feature before the classifier; 0: as published, which is "
        "none but for ½ in tinyvgg_v4.", advanced=True, unless=_CLASSIFIERS_ONLY)] = 0.0
    drop_path: Annotated[float, Field(ge=0, lt=1), Option(
        Section.MODEL, "Probability of skipping the deepest residual branch (stochastic depth); 0: as published.",
        label="Drop path", advanced=True, unless=_CLASSIFIERS_ONLY)] = 0.0
    anchor_sizes: Annotated[str, Option(
        Section.MODEL, "Sides of the anchors in pixels of the picture as the model sees it, one for each level of the "
        "pyramid, joined by + (such as 16+32+64+128+256); empty: as published, 32 to 512.", label="Anchor sizes",
        advanced=True, applies={"model": anchored_models()})] = ""
    anchor_ratios: Annotated[str, Option(
        Section.MODEL, "Height over width of the anchors, joined by + (such as 0.5+1+2, as published); empty: those.",
        label="Anchor ratios", advanced=True, applies={"model": anchored_models()})] = ""
