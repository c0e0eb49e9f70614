"""How long, how and where a run trains."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.catalog.choices import PRECISIONS
from engine.catalog.datasets import names_of
from engine.config.option import Option, Section


class TrainingOptions(BaseModel):
    """Length, batches, seed, device."""

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
                                  choices=lambda: ("auto", "cpu", "cuda", "mps"), free_choice=True,
                                  identity=False)] = "auto"
    precision: Annotated[str, Option(
        Section.TRAINING, "Number format of the forward and backward pass; weights stay float32.",
        choices=lambda: tuple(PRECISIONS), advanced=True)] = "fp32"
    compile: Annotated[bool, Option(
        Section.TRAINING, "Compile the model with torch.compile: minutes at the start, faster steps on a GPU.",
        advanced=True, unless={"dataset": names_of("detection")})] = False
    keep_checkpoints: Annotated[str, Option(
        Section.TRAINING, "Which epochs' checkpoints stay on disk: the best and the last, or all of them.",
        label="Keep checkpoints", choices=lambda: ("best and last", "all"), advanced=True, identity=False,
    )] = "best and last"
