"""How the weights are updated."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.datasets import names_of
from engine.catalog.optimizers import optimizer_names
from engine.catalog.schedules import SCHEDULES
from engine.config.option import Option, Section

_ADAM = ("Adam", "AdamW")


class OptimisationOptions(BaseModel):
    """Optimizer, schedule and regularisation."""

    optimizer: Annotated[str, Option(Section.OPTIMISATION, "The update rule: any of timm's by name.",
                                     choices=optimizer_names, aliases=("opt-name",))] = "AdamW"
    lr: Annotated[float, Field(gt=0, le=100), Option(
        Section.OPTIMISATION, "Learning rate at the start (after warm-up); one-cycle: the highest.",
        label="Learning rate", aliases=("learning-rate", "head-lr"))] = 0.001
    schedule: Annotated[str, Option(Section.OPTIMISATION, "How the learning rate changes over the run.",
                                    choices=lambda: tuple(SCHEDULES), aliases=("scheduler",))] = "constant"
    warmup_epochs: Annotated[int, Field(ge=0, le=1000), Option(
        Section.OPTIMISATION, "Epochs over which the learning rate rises to its full value.", label="Warm-up epochs",
        advanced=True, applies={"schedule": ("constant", "cosine", "step")})] = 0
    plateau_patience: Annotated[int, Field(ge=0, le=1000), Option(
        Section.OPTIMISATION, "Epochs without a better validation score (accuracy or mAP) that are borne; after one "
        "more the rate is divided by ten.", label="Plateau patience", applies={"schedule": ("plateau",)})] = 3
    momentum: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Momentum of SGD.", advanced=True, applies={"optimizer": ("SGD",)})] = 0.9
    nesterov: Annotated[bool, Option(
        Section.OPTIMISATION, "Nesterov's momentum instead of the plain one.", advanced=True,
        applies={"optimizer": ("SGD",)})] = True
    beta1: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay of Adam's mean of gradients.", label="β₁", advanced=True,
        applies={"optimizer": _ADAM})] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay of Adam's mean of squared gradients.", label="β₂", advanced=True,
        applies={"optimizer": _ADAM})] = 0.999
    eps: Annotated[float, Field(gt=0, le=1), Option(
        Section.OPTIMISATION, "Added to Adam's denominator.", label="ε", advanced=True,
        applies={"optimizer": _ADAM})] = 1e-8
    weight_decay: Annotated[float, Field(ge=0, le=10), Option(
        Section.OPTIMISATION, "L2 penalty (Adam, SGD) or decoupled decay (AdamW); not applied to norms and biases.",
        label="Weight decay", advanced=True)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Share of each label spread evenly over all classes.", label="Label smoothing",
        advanced=True, unless={"dataset": names_of("detection")})] = 0.0
    grad_clip: Annotated[float, Field(ge=0), Option(
        Section.OPTIMISATION, "Gradients are scaled down to this norm; 0: never.", label="Gradient clipping",
        advanced=True)] = 0.0
    ema_decay: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay a step of an exponential moving average of the weights, reached over the first "
        "steps; the average is then what is validated, tested and kept; 0: none.", label="EMA decay",
        advanced=True)] = 0.0
