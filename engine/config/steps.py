"""Numbers of pictures and steps of a config, computed before loading anything."""

import math

from engine.catalog.models import input_size
from engine.config.run_config import RunConfig
from engine.data.facts import data_facts
from engine.data.split import fold_size, share_of
from engine.data.views import testing_scales
from engine.tasks import task_of

_EVAL_PIXELS = 256 * 32 * 32


def pictures_after_holdout(config: RunConfig) -> int:
    """Return the number of training pictures without the validation part."""
    total = data_facts(config.dataset, config.data_path).train
    held = fold_size(total, config.folds, config.fold) if config.folds else share_of(total, config.val_fraction)
    return total - held


def training_pictures(config: RunConfig) -> int:
    """Return the number of pictures to train on: the train fraction of what remains after validation."""
    whole = pictures_after_holdout(config)
    return whole if config.train_fraction >= 1 else max(min_pictures(config), share_of(whole, config.train_fraction))


def min_pictures(config: RunConfig) -> int:
    """Return the minimum size of each part: one picture per class, if each picture has one class."""
    task = task_of(config.dataset)
    return len(data_facts(config.dataset, config.data_path).classes) if task.one_class_a_picture else 1


def pictures_per_epoch(config: RunConfig) -> int:
    """Return the number of pictures shown per epoch, including the repetitions of equal steps."""
    return pictures_after_holdout(config) if config.equal_steps else training_pictures(config)


def steps_per_epoch(config: RunConfig) -> int:
    return count_steps(pictures_per_epoch(config), config.batch_size)


def count_steps(pictures: int, batch_size: int) -> int:
    """Return the number of batches; like the training loop, it skips a last batch of a single picture."""
    whole, rest = divmod(pictures, batch_size)
    return whole + (rest > 1)


def total_steps(config: RunConfig) -> int:
    return steps_per_epoch(config) * config.epochs


def picture_size(config: RunConfig) -> int:
    """Return the side of the model's square input in pixels, or its longer side if not square."""
    return input_size(config.model, data_facts(config.dataset, config.data_path).size, config.image_size)[0]


def eval_batch(config: RunConfig, size: int) -> int:
    """Return the batch size for evaluation: at least a training micro-batch, more for small pictures.

    Evaluation thus needs no more memory than training.

    Args:
        size: side of the model's input in pixels.
    """
    return max(math.ceil(config.batch_size / config.accumulate), _EVAL_PIXELS // size**2)


def run_scales(config: RunConfig) -> tuple[int, ...]:
    """Return the test scales Q of a config: validation uses the first, the test averages over all.

    Raises:
        ConfigError: a text is not a scale.
    """
    return testing_scales(config.test_scale, config.augmentation, config.train_scale)
