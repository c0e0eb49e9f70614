"""TrivialAugment and RandAugment for whole batches, with separate draws for each picture."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from engine.data.augmenting import operations
from engine.data.augmenting.geometry import MOVES, Geometry
from engine.data.augmenting.operations import Change, apply_by_kind
from engine.data.augmenting.recipe import Canvas, Operation

_BINS = 31
_UPRIGHT = 30.0
"""Largest rotation in degrees of pictures that must not be mirrored: beyond it, a 6 becomes a 9."""


@dataclass(frozen=True)
class Magnitudes:
    """The arguments of an operation: 31 values from ``first`` to ``last``, if ``signed`` also negated, added to
    ``base``."""

    first: float = 0.0
    last: float = 0.0
    signed: bool = False
    base: float = 0.0

    def table(self) -> Tensor:
        """Return the arguments by bin and sign, float64 [31, 2]."""
        bins = torch.linspace(self.first, self.last, _BINS).double()
        return self.base + torch.stack((bins, -bins if self.signed else bins), 1)


@dataclass(frozen=True)
class PolicyRow:
    """A policy of ``stages`` operations per picture, each with one of ``bins`` of its magnitudes.

    Attributes:
        magnitudes: from the picture's side in pixels to the magnitudes of each operation.
    """

    magnitudes: Callable[[int], dict[str, Magnitudes]]
    bins: tuple[int, ...]
    stages: int

    def arguments(self, canvas: Canvas) -> Tensor:
        """Return the arguments by operation, bin and sign, float64 [operations, bins, 2]. Rotations are limited for
        pictures that must not be mirrored."""
        magnitudes = self.magnitudes(canvas.size)
        if not canvas.mirrors:
            magnitudes["Rotate"] = Magnitudes(last=min(magnitudes["Rotate"].last, _UPRIGHT), signed=True)
        return torch.stack([magnitude.table()[list(self.bins)] for magnitude in magnitudes.values()])


def _magnitudes(shear: float, shift: float, turn: float, factor: float, bits: int) -> dict[str, Magnitudes]:
    """Return the magnitudes of both policies, given their limits."""
    factors = Magnitudes(last=factor, signed=True, base=1.0)
    return {
        "Identity": Magnitudes(),
        "ShearX": Magnitudes(last=shear, signed=True), "ShearY": Magnitudes(last=shear, signed=True),
        "TranslateX": Magnitudes(last=shift, signed=True), "TranslateY": Magnitudes(last=shift, signed=True),
        "Rotate": Magnitudes(last=turn, signed=True),
        "Brightness": factors, "Color": factors, "Contrast": factors, "Sharpness": factors,
        "Posterize": Magnitudes(8, bits), "Solarize": Magnitudes(1, 0), "AutoContrast": Magnitudes(),
        "Equalize": Magnitudes(),
    }


POLICIES: dict[str, PolicyRow] = {
    # TrivialAugment Wide (Müller & Hutter 2021).
    "trivial": PolicyRow(lambda size: _magnitudes(0.99, 32.0, 135.0, 0.99, 2), tuple(range(_BINS)), 1),
    # RandAugment (Cubuk et al. 2020) with two operations at magnitude 9 of 30.
    "rand": PolicyRow(lambda size: _magnitudes(0.3, 150.0 / 331.0 * size, 30.0, 0.9, 4), (9,), 2),
}

_PHOTOMETRIC: dict[str, Change] = {
    "Brightness": operations.brightness, "Color": operations.saturation, "Contrast": operations.contrast,
    "Sharpness": operations.sharpness, "Posterize": operations.posterize, "Solarize": operations.solarize,
    "AutoContrast": operations.autocontrast, "Equalize": operations.equalize,
}
NAMES = ("Identity", *MOVES, *_PHOTOMETRIC)
"""The operations of both policies, in the order of their magnitudes."""

KINDS = (*NAMES, "Invert")
"""The operations of all policies."""

# All operations that move pixels are one family, so that one gather applies them all.
_FAMILIES = torch.tensor([0, *(1 for _ in MOVES), *range(2, 3 + len(_PHOTOMETRIC))])


@dataclass(frozen=True)
class Policy(Operation):
    """Applies the policy's stages one after the other.

    Attributes:
        name: a key of :data:`POLICIES`.
    """

    name: str

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw the position in :data:`NAMES`, int64 [count, stages], and the argument, float64 [count, stages], of each
        stage. Operation, bin and sign are uniformly distributed."""
        row = POLICIES[self.name]
        table = row.arguments(canvas)
        kinds, bins, signs = (torch.randint(length, (count, row.stages), generator=random) for length in table.shape)
        return kinds, table[kinds, bins, signs]

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        return apply_stages(pictures, *drawn)


def apply_stages(pictures: Tensor, kinds: Tensor, arguments: Tensor) -> Tensor:
    """Apply to each picture its operations one after the other.

    Args:
        pictures: uint8 [B, C, size, size].
        kinds: int64 [B, stages], positions in :data:`KINDS`.
        arguments: float64 [B, stages].
    """
    for each, chosen in zip(kinds.unbind(1), arguments.unbind(1), strict=True):
        pictures = apply_by_kind(pictures, _FAMILIES[each], torch.stack((each.double(), chosen), 1), _CHANGES)
    return pictures


@lru_cache(maxsize=1)
def _geometry(size: int, device: torch.device) -> Geometry:
    return Geometry(size, device)


def _move(pictures: Tensor, drawn: Tensor) -> Tensor:
    moves = [(NAMES[int(kind)], argument) for kind, argument in drawn.tolist()]
    return _geometry(pictures.shape[-1], pictures.device)(pictures, moves)


def _with_arguments(change: Change) -> Change:
    return lambda pictures, drawn: change(pictures, drawn[:, 1])


_CHANGES = (None, _move, *map(_with_arguments, _PHOTOMETRIC.values()), _with_arguments(operations.invert))
"""By family; each takes positions in :data:`NAMES` with arguments, float64 [n, 2]."""
