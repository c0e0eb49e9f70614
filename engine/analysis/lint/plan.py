"""A planned run, with the properties that rules use. Imports no torch."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.analysis.lint.rates import UsualRate, usual_rate
from engine.catalog.anchors import anchor_sizes
from engine.catalog.augmentations import scale_range
from engine.catalog.datasets import dataset_row
from engine.catalog.models import ModelRow, has_batch_norm, model_row, size_options
from engine.config import RunConfig
from engine.config.steps import count_steps, picture_size, pictures_after_holdout, steps_per_epoch, training_pictures
from engine.costs.answers import home_store
from engine.costs.pictures import store_bytes
from engine.data.audits.audit import known_leaks
from engine.data.facts import Facts, data_facts
from engine.data.folders import user_path
from engine.data.loading import source_of
from engine.data.prepared import prepared_dir, read_meta
from engine.errors import UserError
from engine.labels.imbalance import Imbalance
from engine.words import size

_ATTEND = ("vision_transformer", "deit", "beit", "eva", "cait", "convit", "naflexvit", "swin", "pit", "tnt", "xcit",
           "nest", "deepseek_vit", "qwen3_vit")

_PROBE = 100
"""He et al., 2020 train classifiers on frozen features by SGD at a rate of 30, 300 times that of whole networks."""

USUAL_MOMENTUM = 0.9

DETECTOR_RATE = 0.02 / 16
"""The usual learning rate of SGD for detectors, per picture of a batch."""


class Objects(NamedTuple):
    """Sides of objects (the root of the area) in pixels: the quantiles 10 %, 50 % and 90 %."""

    small: float
    usual: float
    large: float


@dataclass(frozen=True)
class Planned:
    """A config with properties derived from it before anything is loaded.

    Properties that need facts of the data raise ``UserError`` if the data are missing.
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
        """Side of the input pictures, in pixels."""
        return picture_size(self.c)

    @cached_property
    def patches(self) -> int:
        """Patches along a side of the picture; 0 if the model has none."""
        if not self.row.patch:
            return 0
        return self.side // size_options(self.c.model, self.side, self.c.patch_size).get("patch_size", self.row.patch)

    @property
    def warmup(self) -> float:
        """Length of the warm-up in epochs."""
        return self.c.warmup_steps / self.steps if self.c.warmup_steps else self.c.warmup_epochs

    @property
    def transformer(self) -> bool:
        """Whether the model has attention over patches."""
        return self.row.patch > 0 and self.row.family.startswith(_ATTEND)

    @property
    def batch_norm(self) -> bool:
        """Whether the model normalises over the batch."""
        return has_batch_norm(self.c.model, self.row.family)

    @cached_property
    def objects(self) -> Objects:
        """Sizes of the objects in the input pictures.

        Raises:
            UserError: the data have not been prepared yet.
        """
        if not self.facts.side_shares:
            raise UserError(f"{self.c.dataset}: not prepared yet")
        return Objects(*(share * self.side for share in self.facts.side_shares))

    @property
    def anchors(self) -> tuple[int, ...]:
        """Sides of the anchors in pixels, ascending; empty if the model has none."""
        return anchor_sizes(self.c.anchor_sizes) if self.row.anchored else ()

    @property
    def rate_ratio(self) -> float:
        """The learning rate as a multiple of the usual one for detectors at this batch size."""
        return self.c.lr / (self.c.batch_size * DETECTOR_RATE)

    @cached_property
    def usual(self) -> UsualRate:
        return usual_rate(self.c.optimizer)

    @property
    def adam(self) -> bool:
        return self.usual.family == "Adam"

    @property
    def sgd(self) -> bool:
        return self.usual.family == "SGD"

    @property
    def plain_rate(self) -> float:
        """The learning rate as it would be with a momentum of 0.9: without momentum, steps are a tenth as long."""
        return self.c.lr * (1 - USUAL_MOMENTUM) / (1 - self.c.momentum) if self.c.optimizer == "SGD" else self.c.lr

    @property
    def highest_rate(self) -> float:
        """The learning rate above which the optimizer usually diverges; a classifier on frozen features bears more."""
        bearable = _PROBE if self.c.fine_tune == "head" else 1
        return self.usual.limit(self.c.batch_size) * bearable * self.c.lr / self.plain_rate

    @property
    def scratch(self) -> bool:
        return self.c.weights == "scratch"

    @property
    def part(self) -> int:
        """Pictures in a micro-batch, over which batch norm computes its statistics."""
        return self.c.batch_size // self.c.accumulate

    @cached_property
    def pictures(self) -> int:
        """Number of training pictures."""
        return training_pictures(self.c)

    @cached_property
    def validated(self) -> int:
        """Number of validation pictures."""
        return self.facts.train - pictures_after_holdout(self.c)

    @property
    def leaked(self) -> int:
        """Number of test pictures that are known to be among the training pictures."""
        return len(self._leaks or ())

    @property
    def unaudited(self) -> bool:
        """Whether nothing is known of leaks in the user's own pictures as they were last read."""
        return self.facts.train > 0 and dataset_row(self.c.dataset).user_provided and self._leaks is None

    @cached_property
    def _leaks(self) -> frozenset[int] | None:
        own = dataset_row(self.c.dataset).user_provided  # whose copies are kept by how their folder is read, too
        source = user_path(self.c.data_path) if own else source_of(self.c.dataset, self.c.data_path)
        meta = read_meta(prepared_dir(self.c.dataset, source)) if source else None
        return known_leaks(meta["fingerprint"]) if meta else None

    @property
    def classes(self) -> int:
        return len(self.facts.classes)

    @cached_property
    def imbalance(self) -> Imbalance:
        """The training pictures of each class, before validation is held back."""
        return Imbalance(self.facts.classes, self.facts.counts)

    @property
    def rarest_validated(self) -> float:
        """Validation pictures of the rarest class, on average; 0: unknown."""
        return min(self.facts.counts, default=0) * self.validated / max(self.facts.train, 1)

    @property
    def validation_error(self) -> float:
        """Half the width of the binomial 95 % interval of validation accuracy at one half, in points."""
        return 98 / math.sqrt(max(self.validated, 1))

    @cached_property
    def steps(self) -> int:
        """Optimizer steps per epoch."""
        return steps_per_epoch(self.c)

    @property
    def whole_steps(self) -> int:
        """Optimizer steps per epoch with all training pictures."""
        return count_steps(pictures_after_holdout(self.c), self.c.batch_size)

    @property
    def total(self) -> int:
        return self.steps * self.c.epochs

    @property
    def kept_bytes(self) -> int:
        """About how much disk the decoded pictures take that the run keeps."""
        return store_bytes(self.c)

    @property
    def kept_size(self) -> str:
        return size(self.kept_bytes)

    @cached_property
    def teacher(self) -> RunConfig | None:
        """The options of the run whose predictions are learnt; None: there is none."""
        try:
            return home_store().runs.get(self.c.teacher).config_object() if self.c.teacher else None
        except UserError:
            return None

    @property
    def other_parts(self) -> str:
        """The options in which the teacher's split into training and validation differs, with its values."""
        return ", ".join(f"{name} {getattr(self.teacher, name):g}" for name in ("seed", "val_fraction", "folds", "fold")
                         if self.teacher and getattr(self.teacher, name) != getattr(self.c, name))

    @property
    def largest_scale(self) -> int:
        """The largest side to which training pictures are resized."""
        return scale_range(self.c.train_scale)[1]
