"""Finds the feature map on which Grad-CAM is computed."""

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

FEWEST_CELLS = 7
"""The side of most networks' last map at 224 px; a coarser map localises too little."""
_MOST_TRIED = 32
_SHUFFLED = ("Hiera",)
"""Models whose tokens are not in picture order."""


@dataclass(frozen=True)
class FeatureMap:
    """The output of one module, interpreted as a map.

    Attributes:
        module: its name in the model.
        layout: ``NCHW``, ``NHWC``, or ``tokens``: [N, prefix + side², C].
        side: cells per side.
        prefix: tokens before those of the map, such as the class token.
    """

    module: str
    layout: str
    side: int
    prefix: int = 0

    def cells(self, output: Tensor) -> Tensor:
        """Reshape the module's output to [N, C, side, side]."""
        if self.layout == "NCHW":
            return output
        if self.layout == "NHWC":
            return output.permute(0, 3, 1, 2)
        return output[:, self.prefix:].transpose(1, 2).reshape(len(output), -1, self.side, self.side)


def last_feature_map(model: nn.Module, picture: Tensor) -> FeatureMap | None:
    """Return the last map through which all information flows from the picture to the classifier.

    Maps with fewer than :data:`FEWEST_CELLS` per side are used only if there is no finer one. This excludes branches
    beside residual connections, and the patches of a last layer if the classifier reads only the class token.

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
    """Return every module's output that can be interpreted as a map, in the order of computation."""
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
    """Interpret an output as a map: square, with more than one cell and no finer than the picture; else nothing."""
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
    """Whether the logits depend on the picture only through this map."""
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
    """Detach the graph at the map, which is put into ``kept``, and clone it, so that later layers may work in place.
    Removing the handle ends this."""
    def cut(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        kept[:] = [output.detach().requires_grad_()]
        return kept[0].clone()

    return model.get_submodule(where.module).register_forward_hook(cut)
