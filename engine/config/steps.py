"""How much work a config is, counted before anything is loaded."""

import math

from engine.catalog.models import input_size
from engine.config.run_config import RunConfig
from engine.data.facts import data_facts
from engine.data.split import share_of
from engine.data.views import testing_scales
from engine.tasks import task_of

_EVAL_PIXELS = 256 * 32 * 32


def left_to_learn(config: RunConfig) -> int:
    """Training pictures after the validation part is held back, rounded as the split does."""
    total = data_facts(config.dataset, config.data_path).train
    return total - share_of(total, config.val_fraction)


def training_pictures(config: RunConfig) -> int:
    """Pictures learnt from: the train fraction of what is left after validation, rounded up as the split does."""
    whole = left_to_learn(config)
    return whole if config.train_fraction >= 1 else max(fewest_pictures(config), share_of(whole, config.train_fraction))


def fewest_pictures(config: RunConfig) -> int:
    """How many pictures each part of the data has at least: one of each class, where a picture has exactly one."""
    task = task_of(config.dataset)
    return len(data_facts(config.dataset, config.data_path).classes) if task.one_class_a_picture else 1


def pictures_per_epoch(config: RunConfig) -> int:
    """Pictures shown in one epoch, counting again those that equal steps show more than once."""
    return left_to_learn(config) if config.equal_steps else training_pictures(config)


def steps_per_epoch(config: RunConfig) -> int:
    """Optimizer steps of one epoch: with equal steps as many as the whole training part would make."""
    return steps_of(pictures_per_epoch(config), config.batch_size)


def steps_of(pictures: int, batch_size: int) -> int:
    """Batches of that many pictures; a last one of a single picture is left out, as the loop does."""
    whole, rest = divmod(pictures, batch_size)
    return whole + (rest > 1)


def total_steps(config: RunConfig) -> int:
    return steps_per_epoch(config) * config.epochs


def picture_size(config: RunConfig) -> int:
    """Side of the square pictures the model will see, or their longer side where they are not square, in pixels."""
    return input_size(config.model, data_facts(config.dataset, config.data_path).size, config.image_size)[0]


def eval_batch(config: RunConfig, size: int) -> int:
    """Pictures at once when nothing is learnt: no fewer than a step learns from at once, more where they are small.

    So testing never needs more memory than training does.

    Args:
        size: side of the pictures the model sees, in pixels.
    """
    return max(math.ceil(config.batch_size / config.accumulate), _EVAL_PIXELS // size**2)


def own_scales(config: RunConfig) -> tuple[int, ...]:
    """The sides Q the config names: the first is how the run looks at pictures, all together are averaged in its test.

    Raises:
        ConfigError: one of its texts is no scale.
    """
    return testing_scales(config.test_scale, config.augmentation, config.train_scale)
