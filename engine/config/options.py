"""The options of a run, in the order of the form, with their descriptions."""

import re
from typing import Annotated

from pydantic import Field

from engine.catalog.augmentations import cropped_augmentations
from engine.catalog.choices import DEVICES, KEPT_CHECKPOINTS, PRECISIONS, SCORES, TTA
from engine.catalog.losses import CLASS_WEIGHTS, LOSSES, SAMPLINGS
from engine.catalog.optimizers import check_optimizer, optimizers
from engine.catalog.schedules import SCHEDULES
from engine.config.data_and_model import DataAndModel
from engine.config.option import Option, Section
from engine.tasks import losses_for, scores_for

_ADAM = ("Adam", "AdamW")

_SHARE = re.compile(r"0|1|1\.0*|0?\.\d+")
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


def _check_device(name: str) -> str:
    if not _DEVICE.fullmatch(name):
        raise ValueError("one of auto, cpu, cuda, cuda:N, mps")
    return name


def _check_thresholds(text: str) -> str:
    text = text.strip().lower()
    if text != "validation" and not _SHARE.fullmatch(text):
        raise ValueError("validation, or a number from 0 to 1")
    return text


class Options(DataAndModel):
    """Every option with its bounds and default; :class:`engine.config.run_config.RunConfig` validates them."""

    optimizer: Annotated[str, Option(Section.OPTIMISATION, "The update rule: any of timm's by name.",
                                     choices=optimizers, spell=check_optimizer,
                                     aliases=("opt-name",))] = "AdamW"
    lr: Annotated[float, Field(gt=0, le=100), Option(
        Section.OPTIMISATION, "Initial learning rate, after warm-up; for one-cycle the highest.",
        label="Learning rate", aliases=("learning-rate", "head-lr"))] = 0.001
    schedule: Annotated[str, Option(Section.OPTIMISATION, "How the learning rate changes over the run.",
                                    choices=lambda: SCHEDULES, aliases=("scheduler",))] = "constant"
    warmup_epochs: Annotated[int, Field(ge=0, le=1000), Option(
        Section.OPTIMISATION, "Epochs over which the learning rate rises to its full value.", label="Warm-up epochs",
        advanced=True, applies={"schedule": ("constant", "cosine", "step")})] = 0
    warmup_steps: Annotated[int, Field(ge=0, le=1_000_000), Option(
        Section.OPTIMISATION, "The same in optimizer steps, instead of warm-up epochs; 0: none.",
        label="Warm-up steps", advanced=True, applies={"schedule": ("constant", "cosine", "step")})] = 0
    min_lr: Annotated[float, Field(ge=0, le=100), Option(
        Section.OPTIMISATION, "Learning rate to which the cosine falls.", label="Lowest learning rate", advanced=True,
        applies={"schedule": ("cosine",)})] = 0.0
    cycles: Annotated[int, Field(ge=1, le=1000), Option(
        Section.OPTIMISATION, "Number of cosines, equally long, each from the full rate (warm restarts; Loshchilov and "
        "Hutter, 2017).", advanced=True, applies={"schedule": ("cosine",)})] = 1
    plateau_patience: Annotated[int, Field(ge=0, le=1000), Option(
        Section.OPTIMISATION, "Epochs without a better validation score (accuracy or mAP) that are tolerated; after "
        "one more, the rate is divided by ten.", label="Plateau patience", applies={"schedule": ("plateau",)})] = 3
    momentum: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Momentum of SGD.", advanced=True, applies={"optimizer": ("SGD",)})] = 0.9
    nesterov: Annotated[bool, Option(
        Section.OPTIMISATION, "Nesterov's momentum instead of the plain one.", advanced=True,
        applies={"optimizer": ("SGD",)})] = True
    beta1: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay of Adam's running mean of gradients.", label="β₁", advanced=True,
        applies={"optimizer": _ADAM})] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay of Adam's running mean of squared gradients.", label="β₂", advanced=True,
        applies={"optimizer": _ADAM})] = 0.999
    eps: Annotated[float, Field(gt=0, le=1), Option(
        Section.OPTIMISATION, "Added to Adam's denominator.", label="ε", advanced=True,
        applies={"optimizer": _ADAM})] = 1e-8
    weight_decay: Annotated[float, Field(ge=0, le=10), Option(
        Section.OPTIMISATION, "L2 penalty (Adam, SGD) or decoupled decay (AdamW); not applied to norms and biases.",
        label="Weight decay", advanced=True)] = 0.0
    loss_function: Annotated[str, Option(
        Section.OPTIMISATION, "The loss in training and validation.", label="Loss function", choices=lambda: LOSSES,
        offered=losses_for, advanced=True)] = "cross-entropy"
    focal_gamma: Annotated[float, Field(ge=0, le=10), Option(
        Section.OPTIMISATION, "Exponent γ of the focal loss; 0: cross-entropy.", label="Focal γ", advanced=True,
        applies={"loss_function": ("focal",)})] = 2.0
    class_weights: Annotated[str, Option(
        Section.OPTIMISATION, "How the training loss of a picture is weighted by its class; on average by 1. Of "
        "pictures with any number of classes, how much more those that have a class count than those that do not.",
        label="Class weights", choices=lambda: CLASS_WEIGHTS, advanced=True)] = "none"
    label_smoothing: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Share of each label spread evenly over all classes; of pictures with any number of "
        "classes, over yes and no.", label="Label smoothing",
        advanced=True)] = 0.0
    teacher: Annotated[int, Field(ge=0), Option(
        Section.OPTIMISATION, "Number of an ended run whose predictions are learnt too (knowledge distillation; Hinton "
        "et al., 2015); its best checkpoint predicts every augmented batch; 0: none.", advanced=True)] = 0
    teacher_weight: Annotated[float, Field(gt=0, le=1), Option(
        Section.OPTIMISATION, "Share of the loss against the teacher's predictions; the rest is the loss against the "
        "labels.", label="Teacher's share", advanced=True, unless={"teacher": (0,)})] = 0.5
    teacher_temperature: Annotated[float, Field(gt=0, le=100), Option(
        Section.OPTIMISATION, "Divides the logits of both; higher: more is learnt of what the teacher finds similar.",
        label="Teacher's temperature", advanced=True, unless={"teacher": (0,)})] = 2.0
    grad_clip: Annotated[float, Field(ge=0), Option(
        Section.OPTIMISATION, "Gradients are scaled down to this norm; 0: never.", label="Gradient clipping",
        advanced=True)] = 0.0
    ema_decay: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Decay per step of an exponential moving average of the weights, with warm-up; the "
        "average is then validated, tested and saved; 0: none.", label="EMA decay", advanced=True)] = 0.0

    epochs: Annotated[int, Field(ge=1, le=100_000), Option(
        Section.TRAINING, "Passes over the training pictures.", aliases=("epoch",))] = 20
    batch_size: Annotated[int, Field(ge=1, le=65_536), Option(
        Section.TRAINING, "Pictures in one optimizer step.", label="Batch size")] = 64
    accumulate: Annotated[int, Field(ge=1, le=1024), Option(
        Section.TRAINING, "Number of micro-batches that a batch is split into, to fit into memory; only batch norm "
        "changes the result.", label="Accumulation", advanced=True)] = 1
    sampling: Annotated[str, Option(
        Section.TRAINING, "Which pictures an epoch shows; always as many as there are.", choices=lambda: SAMPLINGS,
        advanced=True)] = "each once"
    gradient_checkpointing: Annotated[bool, Option(
        Section.TRAINING, "Keep fewer activations and compute them again in the backward pass: less memory, about a "
        "third more time (Chen et al., 2016).", label="Gradient checkpointing", advanced=True)] = False
    seed: Annotated[int, Field(ge=0, lt=2**31), Option(
        Section.TRAINING, "Random seed of the split, the initial weights, the order and the augmentation; 0-4 is five "
        "seeds.")] = 0
    score: Annotated[str, Option(
        Section.TRAINING, "What the best checkpoint is chosen by, also early stopping and the plateau, and what runs "
        "are ranked by.", choices=lambda: SCORES, offered=scores_for, advanced=True)] = "usual"
    early_stopping: Annotated[int, Field(ge=0, le=100_000), Option(
        Section.TRAINING, "Epochs without a better validation score (accuracy or mAP) after which the run ends; "
        "0: never.", label="Early stopping patience", advanced=True, aliases=("patience",))] = 0
    min_gain: Annotated[float, Field(ge=0, lt=1), Option(
        Section.TRAINING, "Minimum rise of the score, from 0 to 1, that counts as better.",
        label="Minimum gain", advanced=True, unless={"early_stopping": (0,)})] = 0.0
    stop_when_sure: Annotated[bool, Option(
        Section.TRAINING, "Stop the run after the epoch at which the doctor is sure that something is wrong, as with a "
        "run that learns nothing; it can be resumed, and is then not stopped again.", label="Stop when sure",
        advanced=True, grid=False, identity=False)] = False
    device: Annotated[str, Option(Section.TRAINING, "Device to train on.",
                                  choices=lambda: DEVICES, spell=_check_device,
                                  identity=False)] = "auto"
    precision: Annotated[str, Option(
        Section.TRAINING, "Number format of the forward and backward pass; weights stay float32.",
        choices=lambda: PRECISIONS, advanced=True)] = "fp32"
    compile: Annotated[bool, Option(
        Section.TRAINING, "Compile the model with torch.compile: takes minutes at the start, steps are faster on a "
        "GPU.", advanced=True)] = False
    keep_checkpoints: Annotated[str, Option(
        Section.TRAINING, "Which epochs' checkpoints stay on disk.",
        label="Keep checkpoints", choices=lambda: KEPT_CHECKPOINTS, advanced=True, identity=False,
    )] = "best and last"

    tta: Annotated[str, Option(
        Section.EVALUATION, "Test-time augmentation: views over which the final test averages the softmax.",
        label="Test-time augmentation", choices=lambda: TTA, advanced=True)] = "none"
    test_scale: Annotated[str, Option(
        Section.EVALUATION, "Side Q in pixels to which pictures are resized before the centre crop in validation and "
        "test; the test averages over several joined by + (such as 36+40+44); empty: the model's input size, or for "
        "VGG-style training the middle of S.", label="Test scale Q", advanced=True)] = ""
    crop_pct: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "Side of the model's input as a share of the side that cropped pictures are resized to in "
        "tests, before the centre crop; 0: timm's for the model, 0.875 for most.", label="Centre crop share",
        advanced=True, applies={"augmentation": cropped_augmentations})] = 0.0
    score_threshold: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "Initial score threshold of the boxes that are shown and counted; mAP uses all boxes.",
        label="Score threshold", advanced=True)] = 0.5
    nms_threshold: Annotated[float, Field(ge=0, le=1), Option(
        Section.EVALUATION, "IoU above which only the best of two boxes of the same class is kept (non-maximum "
        "suppression).", label="NMS threshold", advanced=True)] = 0.5
    thresholds: Annotated[str, Option(
        Section.EVALUATION, "Probability from which on a picture is predicted to have a class: validation, for each "
        "class that with the highest F1 on validation; or one from 0 to 1 for all classes.",
        spell=_check_thresholds, advanced=True)] = "validation"

    name: Annotated[str, Option(Section.RUN, "Name of the run; empty: "
                                "{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}.",
                                grid=False, identity=False, aliases=("exp-name",))] = ""
    tags: Annotated[tuple[str, ...], Option(Section.RUN, "Tags for finding the run, separated by commas.",
                                            grid=False, identity=False)] = ()
    notes: Annotated[str, Field(max_length=10_000), Option(
        Section.RUN, "Free text.", grid=False, identity=False)] = ""
