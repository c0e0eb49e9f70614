"""A run that is planned, with what rules ask of it again and again. Imports no torch."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.catalog.anchors import anchor_sizes
from engine.catalog.augmentations import scale_range
from engine.catalog.models import ModelRow, has_batch_norm, model_row, size_options
from engine.config import RunConfig
from engine.config.steps import count_steps, picture_size, pictures_after_holdout, steps_per_epoch, training_pictures
from engine.data.facts import Facts, data_facts
from engine.errors import UserError

_ATTEND = ("vision_transformer", "deit", "beit", "eva", "cait", "convit", "naflexvit", "swin", "pit", "tnt", "xcit",
           "nest", "deepseek_vit", "qwen3_vit")

DETECTOR_RATE = 0.02 / 16
"""SGD's usual rate for each picture of a detector's batch."""


class Objects(NamedTuple):
    """Sides of objects (the root of the area) in pixels: a tenth are smaller than ``small``, half than ``usual``, and
    a tenth larger than ``large``."""

    small: float
    usual: float
    large: float


@dataclass(frozen=True)
class Planned:
    """A config and what follows from it before anything is loaded.

    What asks for the data's facts raises ``UserError`` where they are not known, as of folders that are not here.
    """

    c: RunConfig

    @cached_property
    def facts(self) -> Facts:
        return data_facts(self.c.dataset, self.c.data_path)

    @cached_property
    def row(self) -> ModelRow:
        return model_row(self.c.model)

    @cached_property
    def side(self) -> int:
        """Of the pictures the model sees, in pixels."""
        return picture_size(self.c)

    @cached_property
    def patches(self) -> int:
        """Patches along a side of the picture; 0 where the model cuts none."""
        if not self.row.patch:
            return 0
        return self.side // size_options(self.c.model, self.side).get("patch_size", self.row.patch)

    @property
    def transformer(self) -> bool:
        """Whether it attends over patches."""
        return self.row.patch > 0 and self.row.family.startswith(_ATTEND)

    @property
    def batch_norm(self) -> bool:
        """Whether the model normalises over the batch."""
        return has_batch_norm(self.c.model, self.row.family)

    @cached_property
    def objects(self) -> Objects:
        """How large the objects are as the model sees them.

        Raises:
            UserError: it is not known before the data have been prepared.
        """
        if not self.facts.side_shares:
            raise UserError(f"{self.c.dataset}: not prepared yet")
        return Objects(*(share * self.side for share in self.facts.side_shares))

    @property
    def anchors(self) -> tuple[int, ...]:
        """Their sides in pixels, ascending; empty where the model has none."""
        return anchor_sizes(self.c.anchor_sizes) if self.row.anchored else ()

    @property
    def rate_ratio(self) -> float:
        """The learning rate as a multiple of what detectors are usually given at this batch size."""
        return self.c.lr / (self.c.batch_size * DETECTOR_RATE)

    @property
    def adam(self) -> bool:
        return "adam" in self.c.optimizer.lower()

    @property
    def scratch(self) -> bool:
        return self.c.weights == "scratch"

    @property
    def part(self) -> int:
        """Pictures that batch norm sees at once."""
        return self.c.batch_size // self.c.accumulate

    @cached_property
    def pictures(self) -> int:
        """That are learnt from."""
        return training_pictures(self.c)

    @cached_property
    def validated(self) -> int:
        """Pictures held back for validation."""
        return self.facts.train - pictures_after_holdout(self.c)

    @property
    def classes(self) -> int:
        return len(self.facts.classes)

    @property
    def validation_error(self) -> float:
        """Half of the binomial 95 % interval of validation accuracy at one half, in points."""
        return 98 / math.sqrt(max(self.validated, 1))

    @cached_property
    def steps(self) -> int:
        """Optimizer steps of an epoch."""
        return steps_per_epoch(self.c)

    @property
    def whole_steps(self) -> int:
        """Optimizer steps of an epoch of all training pictures."""
        return count_steps(pictures_after_holdout(self.c), self.c.batch_size)

    @property
    def total(self) -> int:
        return self.steps * self.c.epochs

    @property
    def largest_scale(self) -> int:
        """The largest side S that training pictures are resized to."""
        return scale_range(self.c.train_scale)[1]
