"""Builds a detector for the data's classes and loads its initial weights, with a report."""

from pkgutil import resolve_name

from torch import Tensor, nn

from engine.catalog.anchors import RATIOS, SIZES, anchor_ratios, anchor_sizes
from engine.catalog.models import model_row
from engine.config import RunConfig
from engine.data.facts import Facts
from engine.errors import ConfigError, UserError
from engine.models.loading import load_into
from engine.models.ready import ReadyModel, frozen_line, load_initial_weights
from engine.models.weight_files import WeightFile
from engine.words import listed

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of torchvision's weights and of the timm backbones."""

_BODY = "backbone.body."


def build_detector(config: RunConfig, classes: int) -> nn.Module:
    """Build a config's detector at random; its norms are frozen if it starts with pretrained weights.

    Raises:
        ConfigError: its anchor options are invalid.
    """
    return detector_of(config.model, classes, anchor_sizes(config.anchor_sizes), anchor_ratios(config.anchor_ratios),
                       config.weights != "scratch")


def detector_of(model: str, classes: int, sizes: tuple[int, ...] = SIZES, ratios: tuple[float, ...] = RATIOS,
                frozen_norms: bool = False) -> nn.Module:
    """Build a detector by its name."""
    built: nn.Module = resolve_name(model_row(model).builder)(classes, sizes, ratios, frozen_norms)
    return built


def ready_detector(config: RunConfig, facts: Facts, size: int, filled: bool = True) -> ReadyModel:
    """Build a detector like :func:`engine.models.ready.ready_model`, with weights of a detector or of its backbone;
    raises as there."""
    model = build_detector(config, len(facts.classes))
    weights = load_initial_weights(config) if filled else None
    report = _load_weights(model, config, weights) if weights else ()
    known = weights is not None or config.normalisation == "weights"
    own = filled and config.normalisation != "data" and known
    mean, std = ((weights and weights.normalisation) or IMAGENET) if own else (None, None)
    return ReadyModel(model, (*report, *frozen_line(model, config)), mean, std, weights is not None)


def _load_weights(model: nn.Module, config: RunConfig, weights: WeightFile) -> tuple[str, ...]:
    asked_by = "weights_path" if config.weights == "file" else "weights"
    if any(name.startswith("backbone.") for name in weights.tensors):
        return load_into(model, config.model, weights, options={"in_chans": 3}, asked_by=asked_by).report
    own = {name.removeprefix(_BODY): tensor for name, tensor in model.state_dict().items() if name.startswith(_BODY)}
    found = {name: _matching_tensor(weights, name, tensor) for name, tensor in own.items()
             if not name.endswith("num_batches_tracked")}
    missing = [name for name, tensor in found.items() if tensor is None]
    if missing:
        raise UserError(f"{asked_by}: {weights.origin} does not fit {config.model} or its backbone, of which "
                        f"{len(missing)} of {len(found)} tensors are missing or have another shape "
                        f"({listed(missing, 3)})")
    if config.fine_tune == "head":
        raise ConfigError("fine_tune", "head", f"possible with {weights.origin}, which is a backbone alone: the "
                                               "feature pyramid would stay random; choose split or all")
    model.load_state_dict({_BODY + name: tensor for name, tensor in found.items() if tensor is not None}, strict=False)
    return (f"the {len(found)} tensors of the backbone loaded from {weights.origin}; pyramid and head start at random",)


def _matching_tensor(weights: WeightFile, name: str, own: Tensor) -> Tensor | None:
    tensor = weights.tensors.get(name, weights.tensors.get(f"features.{name}"))
    return tensor if tensor is not None and tensor.shape == own.shape else None
