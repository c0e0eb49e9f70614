"""Memory of a run's pictures, by the same rules as training and evaluation."""

import math
from dataclasses import dataclass

from engine.catalog.augmentations import AUGMENTATIONS, scale_range
from engine.config import RunConfig
from engine.config.steps import (
    is_cropped,
    kept_side,
    picture_size,
    pictures_after_holdout,
    training_pictures,
)
from engine.data.facts import Facts, data_facts
from engine.data.storage import fits_resized, plan_storage, scaled_padding
from engine.data.streaming import AHEAD, AT_ONCE, pieces_ahead
from engine.tasks import task_of


@dataclass(frozen=True)
class PictureMemory:
    """Bytes of the pictures that a trainer holds.

    Attributes:
        kept: during training, validation and test.
        making: peak before the first step, while they are prepared from the originals.
        on_device: the part that training keeps on the device, such as a GPU.
    """

    kept: int
    making: int
    on_device: int


def picture_memory(config: RunConfig) -> PictureMemory:
    found: PictureMemory = task_of(config.dataset).held(config)
    return found


def memory_of_arrays(config: RunConfig) -> PictureMemory:
    """Return the memory of pictures of one size: arrays, or the batches read ahead if the set stays in files."""
    facts, size = data_facts(config.dataset, config.data_path), picture_size(config)
    if is_cropped(config):
        cut = size**2 * facts.channels
        ahead = cut * (AT_ONCE * pieces_ahead(config.batch_size) + 2 * config.batch_size)
        held = 0 if facts.listed else facts.size**2 * facts.channels * training_pictures(config)
        return PictureMemory(held + ahead, held, config.batch_size * cut)
    if facts.streamed:
        return _read_ahead(config, facts.size, facts)
    recipe = AUGMENTATIONS[config.augmentation]
    shape = (training_pictures(config), facts.size, facts.size, facts.channels)
    train = plan_storage(shape, size=size, padding=scaled_padding(recipe, size), flips=recipe.flip and facts.flips,
                         scales=scale_range(config.train_scale) if recipe.scaled else None)
    making = math.prod(shape) + (train.bytes if train.shape != shape else 0)
    evaluated = (_eval_bytes(count, facts, size) for count in _eval_counts(config, facts))
    return PictureMemory(train.bytes + sum(evaluated), making, train.bytes)


_ASPECT = 4 / 3
"""Longer side of a photograph in relation to the shorter, of most cameras."""


def store_bytes(config: RunConfig) -> int:
    """Return about how much disk the pictures take that the first epoch decodes and keeps; 0: none are kept."""
    facts = data_facts(config.dataset, config.data_path)
    if is_cropped(config) and facts.listed:
        return int((facts.train + facts.test) * kept_side(config)**2 * _ASPECT * facts.channels)
    return (facts.train + facts.test) * facts.size**2 * facts.channels if facts.streamed and facts.listed else 0


def memory_of_files(config: RunConfig) -> PictureMemory:
    """Return the memory of pictures of many sizes, which are decoded on use and kept if they fit the budget."""
    facts, size = data_facts(config.dataset, config.data_path), picture_size(config)
    counts = (training_pictures(config), *_eval_counts(config, facts))
    kept = sum(count * facts.channels * size**2 for count in counts
               if fits_resized(count, (size, size), facts.channels))
    ahead = _read_ahead(config, size, facts)
    return PictureMemory(kept + ahead.kept, 0, ahead.on_device)


def _eval_counts(config: RunConfig, facts: Facts) -> tuple[int, int]:
    """Return the numbers of validation and test pictures."""
    return facts.train - pictures_after_holdout(config), facts.test


def _eval_bytes(count: int, facts: Facts, size: int) -> int:
    """Return the bytes of ``count`` pictures for evaluation."""
    side = size if fits_resized(count, (size, size), facts.channels) else facts.size
    return count * facts.channels * side**2


def _read_ahead(config: RunConfig, side: int, facts: Facts) -> PictureMemory:
    batch = config.batch_size * facts.channels * side**2
    return PictureMemory((AHEAD + 2) * batch, 0, batch)
