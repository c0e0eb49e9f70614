"""How training pictures are varied and mixed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.augmentations import AUGMENTATIONS, MIXINGS, SHARES, augmentations_for
from engine.catalog.datasets import names_of
from engine.config.option import Option, Section


class AugmentationOptions(BaseModel):
    """Augmentation of single pictures, and mixing of pairs."""

    augmentation: Annotated[str, Option(Section.AUGMENTATION, "How training pictures are varied.",
                                        choices=lambda: tuple(AUGMENTATIONS),
                                        offered=lambda task: tuple(augmentations_for(task)),
                                        aliases=("aug-name",))] = "default"
    train_scale: Annotated[str, Option(
        Section.AUGMENTATION, "Side S in pixels to which training pictures are resized before the crop: one number, or "
        "a range such as 36-44 from which every picture draws its own.", label="Train scale S",
        applies={"augmentation": ("vgg",)})] = "36"
    mixing: Annotated[str, Option(
        Section.AUGMENTATION, "Whether pairs of pictures are mixed, and their labels with them.",
        choices=lambda: tuple(MIXINGS), unless={"dataset": names_of("detection")})] = "none"
    mixup_alpha: Annotated[float, Field(gt=0, le=100), Option(
        Section.AUGMENTATION, "MixUp draws its shares from Beta(α, α).", label="MixUp α", advanced=True,
        applies={"mixing": ("mixup", "both")})] = 0.2
    cutmix_alpha: Annotated[float, Field(gt=0, le=100), Option(
        Section.AUGMENTATION, "CutMix draws its shares from Beta(α, α).", label="CutMix α", advanced=True,
        applies={"mixing": ("cutmix", "both")})] = 1.0
    mix_shares: Annotated[str, Option(
        Section.AUGMENTATION, "Whether every picture draws its own share or a batch shares one.", label="Shares drawn",
        choices=lambda: tuple(SHARES), advanced=True, unless={"mixing": ("none",)})] = "per picture"
