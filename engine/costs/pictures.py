"""How much memory the pictures of a run take, found as training and testing decide it."""

import math
from dataclasses import dataclass

from engine.catalog.augmentations import AUGMENTATIONS, scale_range
from engine.config import RunConfig
from engine.config.steps import left_to_learn, picture_size, training_pictures
from engine.data.facts import Facts, data_facts
from engine.data.keeping import fits_resized, keeping, scaled_padding
from engine.data.streaming import AHEAD
from engine.tasks import task_of


@dataclass(frozen=True)
class Held:
    """Bytes of the pictures that a trainer holds.

    Attributes:
        kept: while it trains, validates and tests.
        making: at most before its first step, when they stand beside those that they are made of.
        on_device: those of them that training keeps on the device, be it a GPU.
    """

    kept: int
    making: int
    on_device: int


def held(config: RunConfig) -> Held:
    """What the pictures of a run take."""
    found: Held = task_of(config.dataset).held(config)
    return found


def held_as_arrays(config: RunConfig) -> Held:
    """Of pictures of one size: arrays, or, of a set that stays in its files, the batches read ahead."""
    facts, size = data_facts(config.dataset, config.data_path), picture_size(config)
    if facts.streamed:
        return _read_ahead(config, facts.size, facts)
    recipe = AUGMENTATIONS[config.augmentation]
    shape = (training_pictures(config), facts.size, facts.size, facts.channels)
    train = keeping(shape, size=size, padding=scaled_padding(recipe, size), flips=recipe.flip and facts.flips,
                    scales=scale_range(config.train_scale) if recipe.scaled else None)
    making = math.prod(shape) + (train.bytes if train.shape != shape else 0)
    looked_at = (_looked_at(count, facts, size) for count in _evaluated(config, facts))
    return Held(train.bytes + sum(looked_at), making, train.bytes)


def held_as_decoded(config: RunConfig) -> Held:
    """Of pictures of many sizes: each is decoded as it is shown, and a split is kept so where it fits the budget."""
    facts, size = data_facts(config.dataset, config.data_path), picture_size(config)
    counts = (training_pictures(config), *_evaluated(config, facts))
    kept = sum(count * facts.channels * size**2 for count in counts
               if fits_resized(count, (size, size), facts.channels))
    ahead = _read_ahead(config, size, facts)
    return Held(kept + ahead.kept, 0, ahead.on_device)


def _evaluated(config: RunConfig, facts: Facts) -> tuple[int, int]:
    """Validation and test pictures."""
    return facts.train - left_to_learn(config), facts.test


def _looked_at(count: int, facts: Facts, size: int) -> int:
    """Bytes of so many pictures that nothing is learnt from."""
    side = size if fits_resized(count, (size, size), facts.channels) else facts.size
    return count * facts.channels * side**2


def _read_ahead(config: RunConfig, side: int, facts: Facts) -> Held:
    batch = config.batch_size * facts.channels * side**2
    return Held((AHEAD + 2) * batch, 0, batch)
