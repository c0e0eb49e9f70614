"""A model ready to train: built for the data, its weights loaded, and what was done said."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from engine.catalog.models import model_row, size_note, timm_name
from engine.config import RunConfig
from engine.data.facts import Facts
from engine.errors import ConfigError, UserError
from engine.models.build import STEM_LAYER, build_model, build_options
from engine.models.heads import in_part, tuned_head
from engine.models.loading import Loaded, load_into
from engine.models.published import published_weights
from engine.models.weight_files import WeightFile, read_weights

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Ready:
    """A model and what is known of it.

    Attributes:
        report: lines for a person: what the model's name means here, what was loaded, reset, adapted and frozen.
        mean, std: what the weights' pictures were normalised by, a number a channel; None: take the data's.
        trained: weights were loaded; never False when any were asked for.
    """

    model: nn.Module
    report: tuple[str, ...]
    mean: Numbers | None
    std: Numbers | None
    trained: bool


def ready_model(config: RunConfig, facts: Facts, size: int, filled: bool = True) -> Ready:
    """Build the model of a config for pictures of ``size`` px and load the weights it asks for.

    Args:
        filled: else it is left at random, with no normalisation of its own, because a checkpoint's weights follow.

    Raises:
        ConfigError: the model cannot take the size, stem, dropout, drop path or normalisation asked for.
        UserError: weights are asked for and are not there, cannot be read, or are of another architecture.
    """
    name = config.model
    shape: dict[str, Any] = {"classes": len(facts.classes), "channels": facts.channels, "size": size,
                             "dropout": config.dropout, "drop_path": config.drop_path}
    model = build_model(name, stem=config.stem, **shape)
    report = [note] if (note := size_note(name, size)) else []
    weights = asked_weights(config) if filled else None
    if weights is not None:
        loaded = load_into(
            model, name, weights, options=build_options(name, **shape),
            new_stem=STEM_LAYER if config.stem == "cifar" else "",
            asked_by="weights_path" if config.weights == "file" else "weights")
        _check_nothing_random_is_frozen(config, loaded)
        report += loaded.report
    report += frozen_line(model, config)
    mean, std = _normalisation(config, weights, facts.channels) if filled else (None, None)
    return Ready(model, tuple(report), mean, std, weights is not None)


def own_normalisation(config: RunConfig, channels: int) -> tuple[Numbers, Numbers] | tuple[None, None]:
    """The ``mean`` and ``std`` that :func:`ready_model` gives, without building the model.

    Raises:
        UserError: as :func:`ready_model`.
    """
    return _normalisation(config, asked_weights(config), channels)


def asked_weights(config: RunConfig) -> WeightFile | None:
    """The weights that a config begins with; None: random ones.

    Raises:
        UserError: they are not there, or cannot be read.
    """
    if config.weights == "scratch":
        return None
    if config.weights == "pretrained":
        return published_weights(config.model)
    if not config.weights_path:
        raise UserError("weights_path: weights=file needs the path of a file")
    return read_weights(Path(config.weights_path).expanduser())


def _check_nothing_random_is_frozen(config: RunConfig, loaded: Loaded) -> None:
    if config.fine_tune == "head" and any(in_part(name, (STEM_LAYER,)) for name in loaded.reset):
        raise ConfigError("fine_tune", "head", "possible with these weights and stem=cifar: the new stem would stay "
                                               "random; choose split or all")


def frozen_line(model: nn.Module, config: RunConfig) -> list[str]:
    """What does not learn, in a line; none if all does."""
    if config.fine_tune != "head":
        return []
    head = tuned_head(model, config)
    learning = sum(value.numel() for name, value in model.named_parameters() if in_part(name, head))
    everything = sum(value.numel() for value in model.parameters())
    random = ", and was never trained" if config.weights == "scratch" else ""
    return [f"only {' and '.join(head)} learns ({learning:,} of {everything:,} parameters): the rest is frozen{random}"]


def _normalisation(config: RunConfig, weights: WeightFile | None,
                   channels: int) -> tuple[Numbers, Numbers] | tuple[None, None]:
    """Mean and standard deviation of the weights, where they are asked for; grey pictures get the colours' average."""
    if config.normalisation == "data" or (config.normalisation == "auto" and weights is None):
        return None, None
    found = _said(weights) or _published(config.model)
    if found is None and config.normalisation == "weights":
        raise ConfigError("normalisation", "weights", f"possible for {config.model}: no mean and standard deviation "
                                                      "are published with it; choose data")
    if found is None:
        return None, None
    mean, std = (values if len(values) == channels else (sum(values) / len(values),) * channels for values in found)
    return mean, std


def _said(weights: WeightFile | None) -> tuple[Numbers, Numbers] | None:
    mean, std = (weights.numbers("mean"), weights.numbers("std")) if weights else (None, None)
    return (mean, std) if mean and std else None


def _published(name: str) -> tuple[Numbers, Numbers] | None:
    if model_row(name).builder:
        return None
    import timm

    config = timm.get_pretrained_cfg(timm_name(name))
    return (tuple(config.mean), tuple(config.std)) if config is not None else None
