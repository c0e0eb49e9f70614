"""Finding the feature map that shows where in the picture a model found what it saw."""

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

FEWEST_CELLS = 7
"""The side of the last map of most networks at 224 px; a deeper map with fewer says too little about where."""
_MOST_TRIED = 32
_SHUFFLED = ("Hiera",)
"""Models whose tokens are not in the picture's order."""


@dataclass(frozen=True)
class FeatureMap:
    """The output of one module, seen as a map.

    Attributes:
        module: its name in the model.
        layout: ``NCHW``, ``NHWC``, or ``tokens``: [N, prefix + side², C].
        side: cells a side.
        prefix: tokens before the map's own, such as the class token.
    """

    module: str
    layout: str
    side: int
    prefix: int = 0

    def cells(self, output: Tensor) -> Tensor:
        """The module's output as [N, C, side, side]."""
        if self.layout == "NCHW":
            return output
        if self.layout == "NHWC":
            return output.permute(0, 3, 1, 2)
        return output[:, self.prefix:].transpose(1, 2).reshape(len(output), -1, self.side, self.side)


def last_feature_map(model: nn.Module, picture: Tensor) -> FeatureMap | None:
    """The last map that everything the classifier reads has gone through, and that it reads.

    Maps of fewer than :data:`FEWEST_CELLS` a side are used only by a model that has no other. A branch beside a
    residual connection is no such map, nor are the patches of a last layer of which only the class token is read.

    Args:
        picture: float32 [1, C, S, S].
    """
    found = _maps(model, picture)
    fine = [where for where in found if where.side >= FEWEST_CELLS]
    coarse = [where for where in found if where.side < FEWEST_CELLS]
    tried = [*fine[:-_MOST_TRIED - 1:-1], *coarse[:-_MOST_TRIED - 1:-1]]
    return next((where for where in tried if _carries_all(model, picture, where)), None)


@torch.no_grad()
def _maps(model: nn.Module, picture: Tensor) -> list[FeatureMap]:
    """Every module's output that can be seen as a map, in the order in which modules finish."""
    found: list[FeatureMap] = []

    def look(_module: nn.Module, _inputs: object, output: object, name: str) -> None:
        if isinstance(output, Tensor) and output.is_floating_point() and len(output) == 1:
            found.extend(_as_map(model, name, output, picture.shape[-1]))

    handles = [module.register_forward_hook(partial(look, name=name)) for name, module in model.named_modules() if name]
    try:
        model(picture)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _as_map(model: nn.Module, name: str, output: Tensor, finest: int) -> list[FeatureMap]:
    """The output as a map: square, of more than one cell and no finer than the picture; else nothing."""
    if output.ndim == 4:
        _, first, second, third = output.shape
        ways = {"NCHW": (second, third), "NHWC": (first, second)}
        return [FeatureMap(name, layout, high) for layout, (high, wide) in ways.items()
                if high == wide and 1 < high <= finest][:1]
    if output.ndim == 3 and type(model).__name__ not in _SHUFFLED:
        tokens = output.shape[1]
        sides = {prefix: math.isqrt(tokens - prefix) for prefix in (getattr(model, "num_prefix_tokens", 0), 0)
                 if tokens > prefix}
        return [FeatureMap(name, "tokens", side, prefix) for prefix, side in sides.items()
                if side > 1 and side**2 + prefix == tokens][:1]
    return []


def _carries_all(model: nn.Module, picture: Tensor, where: FeatureMap) -> bool:
    """Whether the logits depend on the picture through this map alone."""
    kept: list[Tensor] = []
    handle = cut_at(model, where, kept)
    try:
        with torch.enable_grad():
            source = picture.detach().requires_grad_()
            score = model(source).square().sum()
            found: tuple[Tensor | None, ...] = torch.autograd.grad(score, [source, kept[0]], allow_unused=True)
    finally:
        handle.remove()
    beside, through = found
    return beside is None and through is not None and bool(where.cells(through).any())


def cut_at(model: nn.Module, where: FeatureMap, kept: list[Tensor]) -> torch.utils.hooks.RemovableHandle:
    """Start the graph at the map, which is put into ``kept``: no gradient goes further back, and what follows may
    work in place. Ends when the handle is removed."""
    def cut(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        kept[:] = [output.detach().requires_grad_()]
        return kept[0].clone()

    return model.get_submodule(where.module).register_forward_hook(cut)
