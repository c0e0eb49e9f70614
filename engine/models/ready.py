"""Builds a model for the data and loads its initial weights, with a report."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from engine.catalog.models import model_row, size_note, timm_name
from engine.config import RunConfig
from engine.data.facts import Facts
from engine.errors import ConfigError, UserError
from engine.home import expanded
from engine.models.build import STEM_LAYER, build_model, build_options, check_size
from engine.models.groups import in_part, tuned_head
from engine.models.loading import Loaded, load_into
from engine.models.published import published_weights
from engine.models.recompute import recompute_activations
from engine.models.weight_files import WeightFile, read_weights

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class ReadyModel:
    """A model ready for training.

    Attributes:
        report: lines for the user: what the model's name means, and what was loaded, reset, adapted and frozen.
        mean, std: normalisation of the weights, one number per channel; None: use the data's.
        trained: weights were loaded.
    """

    model: nn.Module
    report: tuple[str, ...]
    mean: Numbers | None
    std: Numbers | None
    trained: bool


def ready_model(config: RunConfig, facts: Facts, size: int, filled: bool = True) -> ReadyModel:
    """Build a config's model for pictures of ``size`` px and load its initial weights.

    Args:
        filled: False leaves it at random, without normalisation, because a checkpoint is loaded next.

    Raises:
        ConfigError: the model does not support the size, stem, dropout, drop path or normalisation.
        UserError: the weights are missing, cannot be read, or are of another architecture.
    """
    name = config.model
    if config.start_size:
        check_size(name, channels=facts.channels, size=config.start_size, stem=config.stem, option="start_size")
    shape: dict[str, Any] = {"classes": len(facts.classes), "channels": facts.channels, "size": size,
                             "patch_size": config.patch_size, "dropout": config.dropout,
                             "drop_path": config.drop_path}
    model = build_model(name, stem=config.stem, **shape)
    if config.gradient_checkpointing:
        recompute_activations(model, name)
    report = [note] if (note := size_note(name, size, config.patch_size)) else []
    weights = load_initial_weights(config) if filled else None
    if weights is not None:
        loaded = load_into(
            model, name, weights, options=build_options(name, **shape),
            new_stem=STEM_LAYER if config.stem == "cifar" else "",
            asked_by="weights_path" if config.weights == "file" else "weights")
        _refuse_random_frozen_stem(config, loaded)
        report += loaded.report
    report += frozen_line(model, config)
    mean, std = _normalisation(config, weights, facts.channels) if filled else (None, None)
    return ReadyModel(model, tuple(report), mean, std, weights is not None)


def weights_normalisation(config: RunConfig, channels: int) -> tuple[Numbers, Numbers] | tuple[None, None]:
    """Return the ``mean`` and ``std`` of :func:`ready_model` without building the model.

    Raises:
        UserError: as :func:`ready_model`.
    """
    return _normalisation(config, load_initial_weights(config), channels)


def load_initial_weights(config: RunConfig) -> WeightFile | None:
    """Return the initial weights of a config; None: random.

    Raises:
        UserError: they are missing, or cannot be read.
    """
    if config.weights == "scratch":
        return None
    if config.weights == "pretrained":
        return published_weights(config.model)
    if not config.weights_path:
        raise UserError("weights_path: weights=file needs the path of a file")
    return read_weights(expanded(config.weights_path))


def _refuse_random_frozen_stem(config: RunConfig, loaded: Loaded) -> None:
    if config.fine_tune == "head" and any(in_part(name, (STEM_LAYER,)) for name in loaded.reset):
        raise ConfigError("fine_tune", "head", "possible with these weights and stem=cifar: the new stem would stay "
                                               "random; choose split or all")


def frozen_line(model: nn.Module, config: RunConfig) -> list[str]:
    """Return a line on the frozen weights, if any."""
    if config.fine_tune != "head":
        return []
    head = tuned_head(model, config)
    learning = sum(value.numel() for name, value in model.named_parameters() if in_part(name, head))
    everything = sum(value.numel() for value in model.parameters())
    random = ", and was never trained" if config.weights == "scratch" else ""
    return [f"only {' and '.join(head)} learns ({learning:,} of {everything:,} parameters): the rest is frozen{random}"]


def _normalisation(config: RunConfig, weights: WeightFile | None,
                   channels: int) -> tuple[Numbers, Numbers] | tuple[None, None]:
    """Return mean and std of the weights if requested; grey pictures get the average over colours."""
    if config.normalisation == "data" or (config.normalisation == "auto" and weights is None):
        return None, None
    found = (weights and weights.normalisation) or _published(config.model)
    if found is None and config.normalisation == "weights":
        raise ConfigError("normalisation", "weights", f"possible for {config.model}: no mean and standard deviation "
                                                      "are published with it; choose data")
    if found is None:
        return None, None
    mean, std = (values if len(values) == channels else (sum(values) / len(values),) * channels for values in found)
    return mean, std


def _published(name: str) -> tuple[Numbers, Numbers] | None:
    if model_row(name).builder:
        return None
    import timm

    config = timm.get_pretrained_cfg(timm_name(name))
    return (tuple(config.mean), tuple(config.std)) if config is not None else None
