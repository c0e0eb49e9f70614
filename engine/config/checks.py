"""Checks of options in combination, and of the data."""

from collections.abc import Mapping, Sequence

from engine.catalog.anchors import anchor_ratios, anchor_sizes
from engine.catalog.augmentations import AUGMENTATIONS, crop_ratio, crop_scale, scale_range
from engine.catalog.datasets import datasets_for
from engine.catalog.models import imported_file, model_row, size_options
from engine.config.run_config import RunConfig, applies, option_of, tasks_of
from engine.config.steps import (
    is_cropped,
    min_pictures,
    picture_size,
    pictures_after_holdout,
    run_scales,
    training_pictures,
)
from engine.data.dataset import unreadable_error
from engine.data.facts import data_facts
from engine.data.views import views
from engine.errors import ConfigError
from engine.tasks import TASKS, augmentations_for, losses_for, models_for, scores_for, task_name

_NAMED = 6


def check_combination(config: RunConfig) -> None:
    """Reject a config that cannot run, before it is queued.

    Raises:
        ConfigError: the data set is missing, unreadable or has another number of classes; the batch size, the
        fractions, the picture size, the scales or mirroring do not suit the data or the model; or its weights cannot be
        loaded.
    """
    _check_task(config)
    row, left = data_facts(config.dataset, config.data_path), pictures_after_holdout(config)
    pictures = training_pictures(config)
    if row.skipped and config.unreadable == "stop":
        raise unreadable_error(row.skipped, row.train + row.test)
    if config.num_classes not in (0, len(row.classes)):
        raise ConfigError("num_classes", config.num_classes, f"{len(row.classes)}, the classes of {config.dataset}")
    _check_holdout(config, row.train, left)
    if config.batch_size > pictures:
        raise ConfigError("batch_size", config.batch_size,
                          f"at most {pictures:,}, the training pictures of {config.dataset}"
                          + (f" at train_fraction {config.train_fraction:g}" if config.train_fraction < 1 else ""))
    size_options(config.model, picture_size(config), config.patch_size)
    _check_growth(config)
    _check_schedule(config)
    _check_views(config, row.flips)
    _check_start(config)


def _check_holdout(config: RunConfig, pictures: int, left: int) -> None:
    """Check that training and validation can each have every class."""
    fewest = min_pictures(config)
    if config.folds == 1 or config.folds * fewest > pictures:
        raise ConfigError("folds", config.folds, f"2 to {pictures // fewest}, or 0 for no cross-validation")
    if config.fold > config.folds > 0:
        raise ConfigError("fold", config.fold, f"at most {config.folds}, the number of folds")
    if pictures - left < fewest or left < fewest:
        what = f"each of the {fewest} classes" if fewest > 1 else "at least"
        raise ConfigError("val_fraction", config.val_fraction,
                          f"a share of {config.dataset}'s {pictures:,} pictures that leaves {what} one for training "
                          "and one for validation")


def _check_task(config: RunConfig) -> None:
    """Check that model, augmentation and anchors suit the data set's task."""
    task = task_name(config.dataset)
    if model_row(config.model).task != (TASKS[task].models_of or task):
        few, more = models_for(task)[:_NAMED], len(models_for(task)) - _NAMED
        suited = datasets_for(model_row(config.model).task)
        theirs = f"{', '.join(few)}{f' and {more:,} others' if more > 0 else ''}" if few else \
            "there is none, as no model's row has this task and the task names no other in models_of"
        raise ConfigError("model", config.model, f"a model for {task}, the task of {config.dataset}: {theirs}; or "
                          f"choose a dataset for this one: {', '.join(suited)}")
    if config.augmentation not in augmentations_for(task):
        raise ConfigError("augmentation", config.augmentation,
                          f"an augmentation for {task}, the task of {config.dataset}: "
                          f"{', '.join(augmentations_for(task))}")
    for field, what, suited in (("loss_function", "loss", losses_for(task)), ("score", "score", scores_for(task))):
        if applies(field, config) and getattr(config, field) not in suited:
            raise ConfigError(field, getattr(config, field),
                              f"a {what} for {task}, the task of {config.dataset}: {', '.join(suited)}")
    if model_row(config.model).anchored:
        anchor_sizes(config.anchor_sizes)
        anchor_ratios(config.anchor_ratios)


def _check_growth(config: RunConfig) -> None:
    """Check that the pictures can begin smaller."""
    row, size = model_row(config.model), picture_size(config)
    if config.start_size and (row.builder or row.patch or row.fixed_size):
        raise ConfigError("start_size", config.start_size, f"0 for {config.model}, which takes pictures of one size")
    if config.start_size >= size:
        raise ConfigError("start_size", config.start_size, f"below {size}, the side of the pictures that "
                                                           f"{config.model} gets; or 0")


def _check_schedule(config: RunConfig) -> None:
    """Check the options of the learning rate in combination."""
    if config.warmup_steps and config.warmup_epochs:
        raise ConfigError("warmup_steps", config.warmup_steps, f"0, as warmup_epochs is {config.warmup_epochs}: choose "
                                                               "one of the two")
    if config.min_lr > config.lr:
        raise ConfigError("min_lr", config.min_lr, f"at most {config.lr:g}, the learning rate")
    if config.cycles > config.epochs:
        raise ConfigError("cycles", config.cycles, f"at most {config.epochs}, the number of epochs")


def _check_views(config: RunConfig, flips: bool) -> None:
    """Check the scales, and mirroring in tests."""
    size = picture_size(config)
    if AUGMENTATIONS[config.augmentation].scaled and scale_range(config.train_scale)[0] < size:
        raise ConfigError("train_scale", config.train_scale, f"at least {size}, the side of the pictures that "
                                                             f"{config.model} gets, which are cropped from it")
    if is_cropped(config):
        crop_scale(config.crop_scale)
        crop_ratio(config.crop_ratio)
    views(config.tta, run_scales(config), flips)


def _check_start(config: RunConfig) -> None:
    """Check the initial weights and the options of the model, without building it."""
    if config.weights == "file" and not config.weights_path:
        raise ConfigError("weights_path", config.weights_path, "the path of a weights file, which weights=file needs")
    if not model_row(config.model).builder:
        return
    if config.weights == "pretrained" and not model_row(config.model).published and imported_file(config.model) is None:
        raise ConfigError("weights", config.weights, f"available: {config.model} has no published weights; choose "
                                                     "scratch or file")
    if config.normalisation == "weights" and config.weights == "scratch":
        raise ConfigError("normalisation", config.normalisation, f"possible for {config.model} from scratch, which has "
                                                                 "no mean and standard deviation; choose data")
    if config.stem != "standard":
        raise ConfigError("stem", config.stem, f"an option of {config.model}, which keeps every pixel as it is")
    if config.gradient_checkpointing:
        raise ConfigError("gradient_checkpointing", True, f"an option of {config.model}, which does not support it")
    if config.drop_path:
        raise ConfigError("drop_path", config.drop_path, f"an option of {config.model}, which drops no branches")


def ignored_options(given: Mapping[str, str], configs: Sequence[RunConfig]) -> list[str]:
    """Return one line for each given option, text by field name, that applies to none of the configs."""
    ignored = [field for field, value in given.items()
               if value and not any(applies(field, config) for config in configs)]
    return [f"{field} has no effect here: it applies {condition_text(field)}" for field in ignored]


def condition_text(field: str) -> str:
    """Return when an option applies, such as ``for detection and when weights is file``; empty: always."""
    option = option_of(field)
    parts = [f"for {' or '.join(tasks)}" for tasks in (tasks_of(field),) if tasks]
    parts += [f"when {other} is {' or '.join(map(str, values))}" for other, values in option.needs.items()]
    parts += [f"unless {other} is {' or '.join(str(value) for value in values)}"
              for other, values in option.unless.items()]
    return " and ".join(parts)
