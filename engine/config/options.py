"""The options of a run, in the order of the form, and what each says of itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.augmentations import AUGMENTATIONS, MIXINGS, SHARES, scaled_augmentations
from engine.catalog.choices import (
    EMPTY_PICTURES,
    FINE_TUNES,
    NORMALISATIONS,
    PRECISIONS,
    STEMS,
    TTA,
    UNREADABLE,
    WEIGHTS,
)
from engine.catalog.datasets import DATASETS, sets_of_files
from engine.catalog.models import anchored_models, check_model, model_names
from engine.catalog.optimizers import check_optimizer, optimizer_names
from engine.catalog.schedules import SCHEDULES
from engine.tasks import augmentations_for, models_for


class Section(StrEnum):
    """The form's sections, in the order they are shown."""

    DATA = "Data"
    MODEL = "Model"
    AUGMENTATION = "Augmentation"
    OPTIMISATION = "Optimisation"
    TRAINING = "Training"
    EVALUATION = "Evaluation"
    RUN = "Run"


@dataclass(frozen=True)
class Option:
    """One option's presentation: everything the form, CLI, YAML and docs need that its type does not tell.

    Attributes:
        section: where the form shows it.
        help: one sentence for a person, with the unit where there is one.
        label: the form's label; by default the field's name with spaces.
        advanced: shown only when the user asks for more options.
        choices: returns the names a catalog offers; never a copy of them.
        offered: returns those of the choices that suit a task; None: all of them suit every task.
        spell: gives a value as the catalog spells it, or raises ValueError with what was expected; None: it must be one
            of ``choices``, where there are any, in any case of letters.
        applies: this option matters only while each named field has one of the given values, or of those that a
            catalog names.
        unless: this option does not matter while any named field has one of the given values.
        aliases: other CLI and YAML spellings, without dashes.
        grid: a comma list in this field makes a grid of runs.
        identity: part of what the run computes; names, tags and notes are not.
    """

    section: Section
    help: str
    label: str = ""
    advanced: bool = False
    choices: Callable[[], Sequence[str]] | None = None
    offered: Callable[[str], Sequence[str]] | None = None
    spell: Callable[[str], str] | None = None
    applies: dict[str, tuple[str, ...] | Callable[[], tuple[str, ...]]] = field(default_factory=dict)
    unless: dict[str, tuple[str | float, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    grid: bool = True
    identity: bool = True

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """``applies`` with the names that the catalogs hold now."""
        return {other: values() if callable(values) else values for other, values in self.applies.items()}


_ADAM = ("Adam", "AdamW")

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


def _check_device(name: str) -> str:
    if not _DEVICE.fullmatch(name):
        raise ValueError("one of auto, cpu, cuda, cuda:N, mps")
    return name


class Options(BaseModel):
    """Every option with its bounds and default; :class:`engine.config.run_config.RunConfig` checks them together."""

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
        applies={"dataset": sets_of_files})] = "stop"
    empty_pictures: Annotated[str, Option(
        Section.DATA, "Whether pictures without a box are learnt from; validation and test keep theirs, so that runs "
        "are judged alike.", label="Pictures without a box", choices=lambda: tuple(EMPTY_PICTURES),
        advanced=True)] = "keep"

    model: Annotated[str, Option(Section.MODEL, "A timm model by name, or one of Darkroom's own; for boxes a "
                                 "detector.", choices=model_names, spell=check_model, offered=models_for,
                                 aliases=("model-name",))] = "tinyvgg_a"
    image_size: Annotated[int, Field(ge=0, le=4096), Option(
        Section.MODEL, "Side of the square pictures the model sees, or their longer side where boxes are "
        "looked for, in pixels; 0: what the model needs.",
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
        "with a rate of its own for the backbone; of a detector everything behind the feature pyramid is its "
        "classifier.", label="Fine-tune", choices=lambda: tuple(FINE_TUNES), advanced=True, aliases=("mode",))] = "all"
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
    anchor_sizes: Annotated[str, Option(
        Section.MODEL, "Sides of the anchors in pixels of the picture as the model sees it, one for each level of the "
        "pyramid, joined by + (such as 16+32+64+128+256); empty: as published, 32 to 512.", label="Anchor sizes",
        advanced=True, applies={"model": anchored_models})] = ""
    anchor_ratios: Annotated[str, Option(
        Section.MODEL, "Height over width of the anchors, joined by + (such as 0.5+1+2, as published); empty: those.",
        label="Anchor ratios", advanced=True, applies={"model": anchored_models})] = ""

    augmentation: Annotated[str, Option(Section.AUGMENTATION, "How training pictures are varied.",
                                        choices=lambda: tuple(AUGMENTATIONS),
                                        offered=lambda task: tuple(augmentations_for(task)),
                                        aliases=("aug-name",))] = "default"
    train_scale: Annotated[str, Option(
        Section.AUGMENTATION, "Side S in pixels to which training pictures are resized before the crop: one number, or "
        "a range such as 36-44 from which every picture draws its own.", label="Train scale S",
        applies={"augmentation": scaled_augmentations})] = "36"
    mixing: Annotated[str, Option(
        Section.AUGMENTATION, "Whether pairs of pictures are mixed, and their labels with them.",
        choices=lambda: tuple(MIXINGS))] = "none"
    mixup_alpha: Annotated[float, Field(gt=0, le=100), Option(
        Section.AUGMENTATION, "MixUp draws its shares from Beta(α, α).", label="MixUp α", advanced=True,
        applies={"mixing": ("mixup", "both")})] = 0.2
    cutmix_alpha: Annotated[float, Field(gt=0, le=100), Option(
        Section.AUGMENTATION, "CutMix draws its shares from Beta(α, α).", label="CutMix α", advanced=True,
        applies={"mixing": ("cutmix", "both")})] = 1.0
    mix_shares: Annotated[str, Option(
        Section.AUGMENTATION, "Whether every picture draws its own share or a batch shares one.", label="Shares drawn",
        choices=lambda: tuple(SHARES), advanced=True, unless={"mixing": ("none",)})] = "per picture"

    optimizer: Annotated[str, Option(Section.OPTIMISATION, "The update rule: any of timm's by name.",
                                     choices=optimizer_names, spell=check_optimizer,
                                     aliases=("opt-name",))] = "AdamW"
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
        advanced=True)] = 0.0
    grad_clip: Annotated[float, Field(ge=0), Option(
        Section.OPTIMISATION, "Gradients are scaled down to this norm; 0: never.", label="Gradient clipping",
        advanced=True)] = 0.0
    ema_decay: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay a step of an exponential moving average of the weights, reached over the first "
        "steps; the average is then what is validated, tested and kept; 0: none.", label="EMA decay",
        advanced=True)] = 0.0

    epochs: Annotated[int, Field(ge=1, le=100_000), Option(
        Section.TRAINING, "Passes over the training pictures.", aliases=("epoch",))] = 20
    batch_size: Annotated[int, Field(ge=1, le=65_536), Option(
        Section.TRAINING, "Pictures in one optimizer step.", label="Batch size")] = 64
    accumulate: Annotated[int, Field(ge=1, le=1024), Option(
        Section.TRAINING, "Parts a batch is computed in, one after the other, to fit into memory; the step is the same "
        "but for batch norm.", label="Accumulation", advanced=True)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31), Option(
        Section.TRAINING, "Decides the split, the initial weights, the order and the augmentation.")] = 0
    early_stopping: Annotated[int, Field(ge=0, le=100_000), Option(
        Section.TRAINING, "Epochs without a better validation score (accuracy or mAP) after which the run ends; "
        "0: never.",
        label="Early stopping patience", advanced=True, aliases=("patience",))] = 0
    min_gain: Annotated[float, Field(ge=0, lt=1), Option(
        Section.TRAINING, "What counts as better: by how much the score, from 0 to 1, has to rise.",
        label="Minimum gain", advanced=True, unless={"early_stopping": (0,)})] = 0.0
    device: Annotated[str, Option(Section.TRAINING, "Where to train; auto takes a free GPU, else the CPU.",
                                  choices=lambda: ("auto", "cpu", "cuda", "mps"), spell=_check_device,
                                  identity=False)] = "auto"
    precision: Annotated[str, Option(
        Section.TRAINING, "Number format of the forward and backward pass; weights stay float32.",
        choices=lambda: tuple(PRECISIONS), advanced=True)] = "fp32"
    compile: Annotated[bool, Option(
        Section.TRAINING, "Compile the model with torch.compile: minutes at the start, faster steps on a GPU.",
        advanced=True)] = False
    keep_checkpoints: Annotated[str, Option(
        Section.TRAINING, "Which epochs' checkpoints stay on disk: the best and the last, or all of them.",
        label="Keep checkpoints", choices=lambda: ("best and last", "all"), advanced=True, identity=False,
    )] = "best and last"

    tta: Annotated[str, Option(
        Section.EVALUATION, "Test-time augmentation: what the softmax is averaged over at the final test.",
        label="Test-time augmentation", choices=lambda: tuple(TTA), advanced=True)] = "none"
    test_scale: Annotated[str, Option(
        Section.EVALUATION, "Sides Q in pixels to which pictures are resized before their centre is cropped for "
        "validation and test; several joined by + (such as 36+40+44) are averaged in the test; empty: as the model "
        "sees them, or for VGG-style training the middle of S.", label="Test scale Q", advanced=True)] = ""
    score_threshold: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "Boxes of at least this score are shown and counted as found at first; mAP is of all "
        "boxes.", label="Score threshold", advanced=True)] = 0.5
    nms_threshold: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "Of boxes of the same class that overlap by more than this IoU only the best is kept "
        "(non-maximum suppression).", label="NMS threshold", advanced=True)] = 0.5

    name: Annotated[str, Option(Section.RUN, "What the run is called; empty: named by the convention "
                                "{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}.",
                                grid=False, identity=False, aliases=("exp-name",))] = ""
    tags: Annotated[tuple[str, ...], Option(Section.RUN, "Words to find the run by, separated by commas.",
                                            grid=False, identity=False)] = ()
    notes: Annotated[str, Field(max_length=10_000), Option(
        Section.RUN, "Anything worth remembering.", grid=False, identity=False)] = ""
