"""Loads weights into a model, and reports what was loaded, adapted and reset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unittest.mock import patch

from torch import Tensor, nn
from torch.nn.modules.module import _IncompatibleKeys

from engine.catalog.models import model_row, timm_name
from engine.errors import UserError
from engine.models.groups import head_names, in_part
from engine.models.weight_files import WeightFile
from engine.tasks import TASKS
from engine.words import listed

_SHOWN = 3


@dataclass
class TensorComparison:
    """Comparison of a file's tensors with a model's, by name."""

    same: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    other_shape: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return bool(self.same) and not (self.missing or self.other_shape or self.unknown)


class Loaded(NamedTuple):
    """Names of the tensors that start at random, and a report for the user."""

    reset: tuple[str, ...]
    report: tuple[str, ...]


def load_into(model: nn.Module, name: str, weights: WeightFile, *, options: dict[str, Any], new_stem: str = "",
              asked_by: str = "weights_path") -> Loaded:
    """Load weights into a model, except for a classifier or stem that differs.

    Other weights that do not match go through timm's own adaptation of names, input channels, position embeddings,
    patches and windows.

    Args:
        options: the model's build options.
        new_stem: the layer that replaced the published stem; empty: none.
        asked_by: the option that an error names.

    Raises:
        UserError: the weights are of another architecture; says what does not match.
    """
    fit, tensors = _best_fit(model, name, weights.tensors, options, new_stem)
    if not fit.complete:
        raise UserError(f"{asked_by}: {weights.origin} does not fit {name}: {_mismatch(fit, tensors, model)}")
    used = {known: tensors[known] for known in fit.same}
    model.load_state_dict(used, strict=False)
    kept = "" if any(in_part(known, head_names(model)) for known in fit.reset) else ", including the classifier"
    return Loaded(tuple(fit.reset), (
        f"{len(used)} of {len(model.state_dict())} tensors loaded from {weights.origin}{kept}",
        *_reset_lines(fit, tensors, model, new_stem, TASKS[model_row(name).task].misfit),
        *_adapted_lines(weights.tensors, used)))


def _best_fit(model: nn.Module, name: str, given: dict[str, Tensor], options: dict[str, Any],
              new_stem: str) -> tuple[TensorComparison, dict[str, Tensor]]:
    """Return the first complete match: unchanged, adapted, or with a new stem; if none, the unchanged one."""
    head = head_names(model)
    direct = _compare(given, model, head)
    if direct.complete:
        return direct, given
    adapted = _adapt(model, name, given, options)
    for new in (head, (*head, new_stem)) if new_stem else (head,):
        fit = _compare(adapted, model, new)
        if fit.complete:
            return fit, adapted
    return direct, given


def _compare(tensors: Mapping[str, Tensor], model: nn.Module, new: tuple[str, ...]) -> TensorComparison:
    own, fit = model.state_dict(), TensorComparison()
    for name, tensor in own.items():
        given = tensors.get(name)
        if given is not None and given.shape == tensor.shape:
            fit.same.append(name)
        elif in_part(name, new):
            fit.reset.append(name)
        elif given is not None:
            fit.other_shape.append(name)
        elif not name.endswith("num_batches_tracked"):
            fit.missing.append(name)
    fit.unknown = [name for name in tensors if name not in own and not in_part(name, new)]
    return fit


def _adapt(model: nn.Module, name: str, tensors: dict[str, Tensor], options: dict[str, Any]) -> dict[str, Tensor]:
    """Return the tensors as timm would load them into this model; unchanged if it cannot."""
    if not model_row(name).builder:
        return _through_timm(name, tensors, options)
    from timm.models import adapt_input_conv

    first = next((known for known, own in model.state_dict().items() if own.ndim == 4), "")
    given = tensors.get(first)
    if given is None or given.ndim != 4 or given.shape[1] == options["in_chans"]:
        return tensors
    return tensors | {first: adapt_input_conv(options["in_chans"], given, base_chans=given.shape[1])}


def _through_timm(name: str, tensors: dict[str, Tensor], options: dict[str, Any]) -> dict[str, Tensor]:
    """Return what timm passes to ``load_state_dict`` after its filters, by intercepting that call."""
    import timm

    known = timm_name(name)
    config = timm.get_pretrained_cfg(known)
    overlay: dict[str, Any] = {"state_dict": dict(tensors), "num_classes": options["num_classes"]}
    first = tensors.get(f"{config.first_conv}.weight") if config is not None else None
    if first is not None and first.ndim == 4:
        overlay["input_size"] = (first.shape[1], *config.input_size[1:])
    handed: list[dict[str, Tensor]] = []

    def watch(_: nn.Module, state: dict[str, Tensor], *__: Any, **___: Any) -> _IncompatibleKeys:
        handed.append(dict(state))
        return _IncompatibleKeys([], [])

    try:
        with patch.object(nn.Module, "load_state_dict", watch):
            timm.create_model(known, pretrained=True, pretrained_cfg_overlay=overlay, **options)
    except Exception:  # timm's filters may raise anything for tensors of another architecture
        return tensors
    return handed[-1] if handed else tensors


def _reset_lines(fit: TensorComparison, tensors: Mapping[str, Tensor], model: nn.Module, new_stem: str,
                 misfit: str) -> list[str]:
    if not fit.reset:
        return []
    lines = []
    stem = [name for name in fit.reset if new_stem and in_part(name, (new_stem,))]
    if stem:
        lines.append(f"{listed(stem, _SHOWN)} starts at random: the weights have another stem")
    head = [name for name in fit.reset if name not in stem]
    if head:
        there = [tensors[name].shape[0] for name in head if name in tensors]
        why = misfit.format(there[0], model.state_dict()[head[0]].shape[0]) if there \
            else "the weights have no such classifier"
        lines.append(f"{listed(head, _SHOWN)} start at random: {why}")
    return lines


def _adapted_lines(given: Mapping[str, Tensor], used: Mapping[str, Tensor]) -> list[str]:
    """Return a line for each tensor whose shape changed, or for all similar ones together."""
    changed: dict[str, list[str]] = {}
    for name, tensor in used.items():
        if name in given and given[name].shape != tensor.shape:
            changed.setdefault(name.rpartition(".")[2] if name.count(".") > 2 else name, []).append(name)
    return [_adapted_line(names, given[names[0]], used[names[0]]) for names in changed.values()]


def _adapted_line(names: list[str], before: Tensor, after: Tensor) -> str:
    if before.ndim == after.ndim == 4 and before.shape[2:] == after.shape[2:]:
        return f"{names[0]} adapted from {before.shape[1]} to {after.shape[1]} input channels"
    more = f", and {len(names) - 1} similar ones" if len(names) > 1 else ""
    return f"{names[0]} resized from {_shape(before)} to {_shape(after)}{more}"


def _mismatch(fit: TensorComparison, tensors: Mapping[str, Tensor], model: nn.Module) -> str:
    own = model.state_dict()
    shapes = [f"{name}: {_shape(tensors[name])} there, {_shape(own[name])} here" for name in fit.other_shape]
    parts = [f"{len(found)} of {len(own)} tensors {what} ({listed(found, 2, '; ')})" for found, what in (
        (fit.missing, "are missing"), (shapes, "have another shape")) if found]
    if fit.unknown:
        parts.append(f"{len(fit.unknown)} in the file are not in the model ({listed(fit.unknown, 2)})")
    return ", ".join(parts) or "it contains only a classifier"


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a number"
