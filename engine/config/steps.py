"""Numbers of pictures and steps of a config, computed before loading anything."""

import math

from engine.catalog.augmentations import AUGMENTATIONS
from engine.catalog.models import input_size, model_row
from engine.config.run_config import RunConfig
from engine.data.facts import data_facts
from engine.data.split import fold_size, share_of
from engine.data.views import testing_scales
from engine.tasks import task_of

_EVAL_PIXELS = 256 * 32 * 32
_STAGES = 4
"""In which pictures grow, as in Tan and Le, 2021 (EfficientNetV2), table 6."""


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
    return input_side(config)[0]


def input_side(config: RunConfig) -> tuple[int, str]:
    """Return :func:`picture_size`, and a note if pictures are resized. Cropped photographs are at most as large as the
    model was designed for, unless the config says."""
    size = data_facts(config.dataset, config.data_path).size
    if not is_cropped(config):
        return input_size(config.model, size, config.image_size)
    side, _ = input_size(config.model, min(size, model_row(config.model).size), config.image_size)
    return side, f"random parts of the pictures are resized to {side}×{side} px"


def sides_by_epoch(config: RunConfig) -> tuple[int, ...]:
    """Return the side of the input pictures in each epoch, in pixels, if they grow; empty: they do not."""
    size, stages = picture_size(config), min(_STAGES, config.epochs)
    if not config.start_size or stages == 1:
        return ()
    growth = (size - config.start_size) / (stages - 1)
    return tuple(config.start_size + round(growth * (epoch * stages // config.epochs))
                 for epoch in range(config.epochs))


def is_cropped(config: RunConfig) -> bool:
    """Whether a run learns from crops of photographs that keep their aspect ratio."""
    return AUGMENTATIONS[config.augmentation].cropped


def kept_side(config: RunConfig) -> int:
    """Return the shorter side in pixels that photographs are reduced to before they are cropped."""
    return config.kept_side or max(run_scales(config))


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
    if is_cropped(config) and not config.test_scale.strip():
        share = config.crop_pct or min(1.0, model_row(config.model).crop_pct)
        return (math.floor(picture_size(config) / share),)
    return testing_scales(config.test_scale, config.augmentation, config.train_scale)
