"""What is allowed but probably not meant, each a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.config.run_config import RunConfig, applies, option_of
from engine.config.steps import picture_size, steps_per_epoch
from engine.data.augmentations import AUGMENTATIONS
from engine.data.facts import data_facts
from engine.models.catalog import model_row


@dataclass(frozen=True)
class WarningRow:
    """``message`` is formatted with the config as ``c``."""

    when: Callable[[RunConfig], bool]
    message: str


WARNINGS: tuple[WarningRow, ...] = (
    WarningRow(lambda c: "adam" in c.optimizer.lower() and c.lr >= 0.01,
               "{c.optimizer} at learning rate {c.lr:g} usually diverges or stays at chance; 0.001 is a usual start"),
    WarningRow(lambda c: c.optimizer == "SGD" and c.lr >= 1,
               "SGD at learning rate {c.lr:g} usually diverges; 0.01 to 0.1 is a usual start"),
    WarningRow(lambda c: c.optimizer == "SGD" and c.lr <= 0.001,
               "SGD at learning rate {c.lr:g} learns slowly; 0.01 to 0.1 is a usual start"),
    WarningRow(lambda c: steps_per_epoch(c) < 10,
               "fewer than ten optimizer steps an epoch at batch size {c.batch_size}: a smaller batch learns faster"),
    WarningRow(lambda c: c.batch_size < 8 and model_row(c.model).family != "tinyvgg",
               "batch norm is noisy at batch size {c.batch_size}; 16 or more is usual"),
    WarningRow(lambda c: c.batch_size / c.accumulate < 8 <= c.batch_size and model_row(c.model).family != "tinyvgg",
               "batch norm is noisy when {c.batch_size} pictures are computed in {c.accumulate} parts; parts of 16 or "
               "more are usual"),
    WarningRow(lambda c: AUGMENTATIONS[c.augmentation].flip and not data_facts(c.dataset, c.data_path).flips,
               "{c.dataset} is not mirrored, as that would show something else: {c.augmentation} only crops"),
    WarningRow(lambda c: picture_size(c) > 4 * data_facts(c.dataset, c.data_path).size,
               "pictures are enlarged more than four times for {c.model}: slow, with no more to see"),
    WarningRow(lambda c: c.fine_tune == "head" and c.weights == "scratch",
               "only the classifier of {c.model} would learn, on features that stay random: choose pretrained weights "
               "or fine_tune=all"),
    WarningRow(lambda c: c.warmup_epochs >= c.epochs > 0 and c.warmup_epochs > 0,
               "the warm-up of {c.warmup_epochs} epochs is as long as the run"),
)


def config_warnings(config: RunConfig) -> list[str]:
    """One line for each warning that fits."""
    return [row.message.format(c=config) for row in WARNINGS if row.when(config)]


def without_effect(given: Mapping[str, str], configs: Sequence[RunConfig]) -> list[str]:
    """One line for each option in ``given``, text by field name, that matters to none of the configs."""
    idle = [field for field, value in given.items() if value and not any(applies(field, config) for config in configs)]
    return [f"{field} has no effect here: it matters {when_it_matters(field)}" for field in idle]


def when_it_matters(field: str) -> str:
    """What other options must or must not be, such as ``when weights is file``; empty: always."""
    option = option_of(field)
    parts = [f"when {other} is {' or '.join(values)}" for other, values in option.applies.items()]
    parts += [f"unless {other} is {' or '.join(str(value) for value in values)}"
              for other, values in option.unless.items()]
    return " and ".join(parts)
