"""Parameter groups for the optimizer: which weights are trained, and their learning rates; a model's classifier."""

from typing import Any, cast

from torch import nn

from engine.config import RunConfig
from engine.errors import ConfigError

Group = dict[str, Any]
"""``params`` with their ``lr`` and ``weight_decay``."""

_HEAD_NAMES = ("head", "classifier", "fc")


def parameter_groups(model: nn.Module, config: RunConfig) -> list[Group]:
    """Return parameter groups for ``timm.optim.create_optimizer_v2``, and freeze all others.

    Each group has its ``lr``, already scaled, and ``weight_decay``, which is 0 for norms, biases and parameters that
    the model exempts. The group with the highest rate comes first. Layer decay is timm's, after BEiT (Bao et al.,
    2022).
    """
    if config.fine_tune == "head":
        _freeze_backbone(model, config)
    if config.fine_tune == "split":
        groups = _split(model, config)
    elif config.layer_decay < 1:
        groups = _by_layer(model, config)
    else:
        groups = [group | {"lr": config.lr} for group in _by_decay(model, config)]
    return sorted(groups, key=lambda group: group["lr"], reverse=True)


def set_train_mode(model: nn.Module, config: RunConfig) -> None:
    """Set a model to training mode, except for a frozen backbone, whose norms and dropout stay in evaluation mode.
    Dropout just before a classifier that is trained alone stays active."""
    model.train()
    if config.fine_tune != "head":
        return
    head = tuned_head(model, config)
    for name, module in model.named_modules():
        drops = isinstance(module, nn.Dropout) and name.startswith(_HEAD_NAMES)
        # The model's own flag stays on, as several models use it for the dropout before their classifier.
        module.training = name == "" or drops or in_part(name, head)


def _freeze_backbone(model: nn.Module, config: RunConfig) -> None:
    head = tuned_head(model, config)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(in_part(name, head))


def _by_decay(model: nn.Module, config: RunConfig) -> list[Group]:
    from timm.optim import param_groups_weight_decay

    groups: list[Group] = param_groups_weight_decay(
        model, config.weight_decay, no_weight_decay_list=_exempt(model))
    return groups


def _by_layer(model: nn.Module, config: RunConfig) -> list[Group]:
    from timm.optim import param_groups_layer_decay

    groups: list[Group] = param_groups_layer_decay(
        model, config.weight_decay, no_weight_decay_list=_exempt(model), layer_decay=config.layer_decay)
    return [group | {"lr": config.lr * group.pop("lr_scale")} for group in groups]


def _split(model: nn.Module, config: RunConfig) -> list[Group]:
    head = tuned_head(model, config)
    heads = {id(parameter) for name, parameter in model.named_parameters() if in_part(name, head)}
    groups = []
    for group in _by_decay(model, config):
        for lr, inside in ((config.lr, True), (config.backbone_lr, False)):
            chosen = [parameter for parameter in group["params"] if (id(parameter) in heads) is inside]
            if chosen:
                groups.append(group | {"params": chosen, "lr": lr})
    return groups


def _exempt(model: nn.Module) -> set[str]:
    own = getattr(model, "no_weight_decay", set)
    return set(own())


def head_names(model: nn.Module) -> tuple[str, ...]:
    """Return the modules that turn features into logits: one, or two in distilled models.

    They are given by ``get_classifier()``, as in timm's models; else the classifier is the part called head, classifier
    or fc. Empty: unknown.
    """
    if not hasattr(model, "get_classifier"):
        return tuple(name for name, _ in model.named_children() if name in _HEAD_NAMES)[:1]
    found = cast(nn.Module | tuple[nn.Module, ...], model.get_classifier())  # type: ignore[operator]
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(name for name, module in model.named_modules() if any(module is part for part in parts))


def tuned_head(model: nn.Module, config: RunConfig) -> tuple[str, ...]:
    """Return :func:`head_names` for a run that treats the classifier differently from the backbone.

    Raises:
        ConfigError: the classifier is unknown.
    """
    found = head_names(model)
    if not found:
        raise ConfigError("fine_tune", config.fine_tune, f"possible for {config.model}, whose classifier is "
                          f"unknown: name that part {', '.join(_HEAD_NAMES[:-1])} or {_HEAD_NAMES[-1]}, or return it "
                          "from a method get_classifier")
    return found


def in_part(name: str, parts: tuple[str, ...]) -> bool:
    """Whether a parameter, buffer or module is one of the parts or inside one."""
    return any(name == part or name.startswith(f"{part}.") for part in parts)
