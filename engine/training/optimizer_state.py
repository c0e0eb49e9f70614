"""An optimizer's state as named tensors and readable JSON, and back."""

from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

_GROUPS, _RANDOM = "groups", "rng.optimizer"


def pack_optimizer(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Split the state into named tensors and plain JSON.

    A parameter's tensor is named ``index.key``, one in a list ``index.key.place``, one of a group ``groups.index.key``.
    Values that JSON cannot hold (a dtype) are left to the restored optimizer.
    """
    state = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    plain = {str(index): _plain(values, f"{index}.", tensors) for index, values in state.pop("state").items()}
    groups = [_plain(group, f"{_GROUPS}.{index}.", tensors) for index, group in enumerate(state.pop("param_groups"))]
    generator = getattr(optimizer, "generator", None)
    if isinstance(generator, torch.Generator):
        tensors[_RANDOM] = generator.get_state()
    return tensors, {"state": plain, "groups": groups, "others": state}


def restore_optimizer(optimizer: Optimizer, plain: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Restore what :func:`pack_optimizer` returned into an optimizer of the same type and parameters.

    Raises:
        ValueError, TypeError, LookupError, AttributeError: it is something else.
    """
    state: dict[int, dict[str, Any]] = {int(index): dict(values) for index, values in plain["state"].items()}
    groups = [_group(fresh, group) for fresh, group
              in zip(optimizer.state_dict()["param_groups"], plain["groups"], strict=True)]
    for name, tensor in sorted(tensors.items(), key=lambda item: _place(item[0])):
        first, _, rest = name.partition(".")
        if first.isdigit():
            key, _, place = rest.partition(".")
            values = state.setdefault(int(first), {})
            values[key] = [*values.get(key, []), tensor] if place else tensor
        elif first == _GROUPS:
            index, _, key = rest.partition(".")
            groups[int(index)][key] = tensor
    others = {key: _as_tuple(value) for key, value in plain.get("others", {}).items()}
    optimizer.load_state_dict({"state": state, "param_groups": groups} | others)
    if _RANDOM in tensors:
        optimizer.generator.set_state(tensors[_RANDOM])  # type: ignore[attr-defined]
    _keep_layouts(optimizer)


def _group(fresh: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """Return a group's settings as stored, all of which must be of the kinds that the optimizer has.

    A setting that only a step makes, as Adan's number of steps, is a number.
    """
    for key, value in stored.items():
        expected = fresh.get(key, 0)
        kinds = type(_as_tuple(expected)), type(_as_tuple(value))
        if len(set(kinds)) > 1 and expected is not None and not set(kinds) <= {int, float}:
            raise ValueError(f"optimizer: {key}: {value!r:.60} is not expected")
    return fresh | stored


def _plain(values: dict[str, Any], prefix: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """Return the values that JSON can hold, and add tensors to ``tensors``."""
    rest = {}
    for key, value in values.items():
        if isinstance(value, Tensor):
            tensors[prefix + key] = value
        elif isinstance(value, list) and value and all(isinstance(item, Tensor) for item in value):
            tensors |= {f"{prefix}{key}.{place}": item for place, item in enumerate(value)}
        elif not isinstance(value, torch.dtype):
            rest[key] = value
    return rest


def _place(name: str) -> int:
    """Return the position in a list at the end of a tensor's name, else 0."""
    last = name.rpartition(".")[2]
    return int(last) if last.isdigit() else 0


def _as_tuple(value: Any) -> Any:
    """Convert lists back to tuples, as in random states."""
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def _keep_layouts(optimizer: Optimizer) -> None:
    """Give state tensors their parameter's memory layout, so that a resumed step rounds the same."""
    for parameter, values in optimizer.state.items():
        for key, value in values.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                values[key] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
