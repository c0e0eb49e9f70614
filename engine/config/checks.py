"""What each option allows but their combination does not."""

from collections.abc import Mapping, Sequence

from engine.catalog.anchors import anchor_ratios, anchor_sizes
from engine.catalog.augmentations import AUGMENTATIONS, scale_range
from engine.catalog.datasets import names_of
from engine.catalog.models import model_row, size_options
from engine.catalog.weights import imported_file
from engine.config.run_config import RunConfig, applies, option_of, tasks_of
from engine.config.steps import fewest_pictures, left_to_learn, picture_size, training_pictures
from engine.data.dataset import refused
from engine.data.facts import data_facts
from engine.data.views import testing_scales, views
from engine.errors import ConfigError
from engine.tasks import TASKS, augmentations_for, models_for, task_name

_NAMED = 6


def check_combination(config: RunConfig) -> None:
    """Refuse what cannot run, before it is queued.

    Raises:
        ConfigError: the data is not there, cannot be read as a whole although it should, or has another number of
            classes than expected, the batch is larger than the data, a split would be empty, the pictures are too
            small or cannot be cut into the model's patches or from their scale, must not be mirrored, or the model
            cannot start as asked.
    """
    _check_task(config)
    row, left, pictures = data_facts(config.dataset, config.data_path), left_to_learn(config), training_pictures(config)
    if row.skipped and config.unreadable == "stop":
        raise refused(row.skipped, row.train + row.test)
    if config.num_classes not in (0, len(row.classes)):
        raise ConfigError("num_classes", config.num_classes, f"{len(row.classes)}, the classes of {config.dataset}")
    fewest = fewest_pictures(config)
    if row.train - left < fewest or left < fewest:
        what = f"each of the {fewest} classes" if fewest > 1 else "at least"
        raise ConfigError("val_fraction", config.val_fraction,
                          f"a share of {config.dataset}'s {row.train:,} pictures that leaves {what} one for training "
                          "and one for validation")
    if config.batch_size > pictures:
        raise ConfigError("batch_size", config.batch_size,
                          f"at most {pictures:,}, the training pictures of {config.dataset}"
                          + (f" at train_fraction {config.train_fraction:g}" if config.train_fraction < 1 else ""))
    size_options(config.model, picture_size(config))
    _check_views(config, row.flips)
    _check_start(config)


def _check_task(config: RunConfig) -> None:
    """Whether everything that is chosen suits what the data set is for."""
    task = task_name(config.dataset)
    if model_row(config.model).task != (TASKS[task].models_of or task):
        few, more = models_for(task)[:_NAMED], len(models_for(task)) - _NAMED
        suited = names_of(model_row(config.model).task)
        raise ConfigError("model", config.model, f"a model for {task}, which {config.dataset} is for: "
                          f"{', '.join(few)}{f' and {more:,} others' if more > 0 else ''}; or choose a dataset for "
                          f"this one: {', '.join(suited)}")
    if config.augmentation not in augmentations_for(task):
        raise ConfigError("augmentation", config.augmentation,
                          f"one for {task}, which {config.dataset} is for: {', '.join(augmentations_for(task))}")
    if model_row(config.model).anchored:
        anchor_sizes(config.anchor_sizes)
        anchor_ratios(config.anchor_ratios)


def _check_views(config: RunConfig, flips: bool) -> None:
    """How pictures are shown in training and test."""
    size = picture_size(config)
    if AUGMENTATIONS[config.augmentation].scaled and scale_range(config.train_scale)[0] < size:
        raise ConfigError("train_scale", config.train_scale, f"at least {size}, the side of the pictures that "
                                                             f"{config.model} sees, which are cropped from it")
    views(config.tta, testing_scales(config.test_scale, config.augmentation, config.train_scale), flips)


def _check_start(config: RunConfig) -> None:
    """What can be said of the model's start without building it."""
    if config.weights == "file" and not config.weights_path:
        raise ConfigError("weights_path", config.weights_path, "a file; weights=file needs one")
    if not model_row(config.model).builder:
        return
    if config.weights == "pretrained" and not model_row(config.model).published and imported_file(config.model) is None:
        raise ConfigError("weights", config.weights, f"possible: {config.model} has no published weights; choose "
                                                     "scratch or file")
    if config.normalisation == "weights" and config.weights == "scratch":
        raise ConfigError("normalisation", config.normalisation, f"possible for {config.model} from scratch: no mean "
                                                                 "and standard deviation come with it; choose data")
    if config.stem != "standard":
        raise ConfigError("stem", config.stem, f"an option of {config.model}, which keeps every pixel as it is")
    if config.drop_path:
        raise ConfigError("drop_path", config.drop_path, f"an option of {config.model}, which drops no branches")


def without_effect(given: Mapping[str, str], configs: Sequence[RunConfig]) -> list[str]:
    """One line for each option in ``given``, text by field name, that matters to none of the configs."""
    idle = [field for field, value in given.items() if value and not any(applies(field, config) for config in configs)]
    return [f"{field} has no effect here: it matters {when_it_matters(field)}" for field in idle]


def when_it_matters(field: str) -> str:
    """The tasks it is for and what other options must be, such as ``when weights is file``; empty: always."""
    option = option_of(field)
    parts = [f"for {' or '.join(tasks)}" for tasks in (tasks_of(field),) if tasks]
    parts += [f"when {other} is {' or '.join(values)}" for other, values in option.needs.items()]
    parts += [f"unless {other} is {' or '.join(str(value) for value in values)}"
              for other, values in option.unless.items()]
    return " and ".join(parts)
