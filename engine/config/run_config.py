"""``RunConfig``: every option of a run, declared once."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from engine.config.option import Option, Section
from engine.data.augmentations import AUGMENTATIONS
from engine.data.catalog import DATASETS
from engine.models.catalog import check_model, model_names
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import SCHEDULES

_NAME = re.compile(r"[^/\\'\"`\x00-\x1f\x7f]{1,120}")
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


class RunConfig(BaseModel):
    """A validated, frozen configuration of one training run.

    Raises:
        pydantic.ValidationError: for a bad value; :func:`engine.config.parse.parse_config` turns it into one line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, allow_inf_nan=False)

    dataset: Annotated[str, Option(Section.DATA, "The pictures to learn from.", label="Data set",
                                   choices=lambda: tuple(DATASETS), aliases=("dataname",))] = "Digits"
    data_path: Annotated[str, Option(Section.DATA, "A folder that already holds the data set's files; empty: "
                                     "Darkroom's own data folder, then the usual places.", label="Data folder",
                                     advanced=True, grid=False, aliases=("data-dir",))] = ""
    val_fraction: Annotated[float, Field(gt=0, lt=1), Option(
        Section.DATA, "Share of the training pictures held back for validation, stratified by class.",
        label="Validation fraction", advanced=True)] = 0.1
    model: Annotated[str, Option(Section.MODEL, "A timm model by name, or one of Darkroom's own.",
                                 choices=model_names, aliases=("model-name",))] = "tinyvgg_a"
    image_size: Annotated[int, Field(ge=0, le=1024), Option(
        Section.MODEL, "Side of the square pictures the model sees, in pixels; 0: what the model needs.",
        label="Image size", advanced=True, aliases=("img-size",))] = 0
    augmentation: Annotated[str, Option(Section.AUGMENTATION, "How training pictures are varied.",
                                        choices=lambda: tuple(AUGMENTATIONS), aliases=("aug-name",))] = "default"
    optimizer: Annotated[str, Option(Section.OPTIMISATION, "The update rule.",
                                     choices=lambda: tuple(OPTIMIZERS), aliases=("opt-name",))] = "AdamW"
    lr: Annotated[float, Field(gt=0, le=100), Option(
        Section.OPTIMISATION, "Learning rate at the start (after warm-up).", label="Learning rate",
        aliases=("learning-rate",))] = 0.001
    schedule: Annotated[str, Option(Section.OPTIMISATION, "How the learning rate changes over the run.",
                                    choices=lambda: tuple(SCHEDULES), aliases=("scheduler",))] = "constant"
    warmup_epochs: Annotated[int, Field(ge=0, le=1000), Option(
        Section.OPTIMISATION, "Epochs over which the learning rate rises to its full value.", label="Warm-up epochs",
        advanced=True, applies={"schedule": ("cosine", "step")})] = 0
    momentum: Annotated[float, Field(ge=0, lt=1), Option(
        Section.OPTIMISATION, "Momentum of SGD.", advanced=True, applies={"optimizer": ("SGD",)})] = 0.9
    weight_decay: Annotated[float, Field(ge=0, le=10), Option(
        Section.OPTIMISATION, "L2 penalty (Adam, SGD) or decoupled decay (AdamW); not applied to norms and biases.",
        label="Weight decay", advanced=True)] = 0.0
    epochs: Annotated[int, Field(ge=1, le=100_000), Option(
        Section.TRAINING, "Passes over the training pictures.")] = 20
    batch_size: Annotated[int, Field(ge=1, le=65_536), Option(
        Section.TRAINING, "Pictures in one optimizer step.", label="Batch size")] = 64
    seed: Annotated[int, Field(ge=0, lt=2**31), Option(
        Section.TRAINING, "Decides the split, the initial weights, the order and the augmentation.")] = 0
    device: Annotated[str, Option(Section.TRAINING, "Where to train; auto takes a free GPU, else the CPU.",
                                  choices=lambda: ("auto", "cpu", "cuda", "mps"), free_choice=True,
                                  identity=False)] = "auto"
    keep_checkpoints: Annotated[str, Option(
        Section.TRAINING, "Which epochs' checkpoints stay on disk: the best and the last, or all of them.",
        label="Keep checkpoints", choices=lambda: ("best and last", "all"), advanced=True, identity=False,
    )] = "best and last"
    name: Annotated[str, Option(Section.RUN, "What the run is called; empty: named by the convention "
                                "{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}.",
                                grid=False, identity=False, aliases=("exp-name",))] = ""
    tags: Annotated[tuple[str, ...], Option(Section.RUN, "Words to find the run by, separated by commas.",
                                            grid=False, identity=False)] = ()
    notes: Annotated[str, Field(max_length=10_000), Option(
        Section.RUN, "Anything worth remembering.", grid=False, identity=False)] = ""

    @field_validator("dataset", "augmentation", "optimizer", "schedule", "keep_checkpoints")
    @classmethod
    def _in_catalog(cls, value: str, info: Any) -> str:
        choices = option_of(info.field_name).choices
        assert choices is not None
        by_lower = {name.lower(): name for name in choices()}
        if value.lower() not in by_lower:
            raise ValueError(one_of(value, list(choices())))
        return by_lower[value.lower()]

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        return check_model(value)

    @field_validator("device")
    @classmethod
    def _known_device(cls, value: str) -> str:
        if not _DEVICE.fullmatch(value):
            raise ValueError("one of auto, cpu, cuda, cuda:N, mps")
        return value

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        value = value.strip()
        if value and (not _NAME.fullmatch(value) or value.isdigit() or value.startswith("-")):
            raise ValueError("a name of 1 to 120 characters with no slash, quote or line break, not only digits, "
                             "not starting with a dash")
        return value

    @field_validator("tags", mode="before")
    @classmethod
    def _split_tags(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(dict.fromkeys(str(part).strip() for part in parts if str(part).strip())) \
            if isinstance(parts, (list, tuple)) else value

    @model_validator(mode="after")
    def _reset_what_does_not_apply(self) -> Self:
        """Options without effect return to their defaults, so that equal runs compare equal."""
        for field, info in type(self).model_fields.items():
            if not applies(field, self):
                object.__setattr__(self, field, info.default)
        return self

    def identity(self) -> dict[str, Any]:
        """The options that decide what is computed: everything but names, notes, device and what is kept."""
        return {key: value for key, value in self.model_dump(mode="json").items() if option_of(key).identity}

    def hash(self) -> str:
        """16 hex digits, equal for two configs exactly when their :meth:`identity` is equal."""
        canonical = json.dumps(self.identity(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def option_of(field: str) -> Option:
    """The :class:`Option` declared on a field of ``RunConfig``."""
    return next(item for item in RunConfig.model_fields[field].metadata if isinstance(item, Option))


def applies(field: str, values: RunConfig | dict[str, Any]) -> bool:
    """Whether an option matters, given the values of the others."""
    get = values.get if isinstance(values, dict) else lambda key: getattr(values, key)
    return all(get(other) in allowed for other, allowed in option_of(field).applies.items())


def one_of(value: str, choices: list[str]) -> str:
    """``one of …`` for an error message, or the nearest choices when there are too many to list."""
    from engine.errors import nearest

    close = nearest(value, choices)
    listed = f"one of {', '.join(choices)}" if len(choices) <= 12 else "a known name"
    return f"{listed}; nearest: {', '.join(close)}" if close else listed
