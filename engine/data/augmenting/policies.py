"""Policies of random operations on whole batches: TrivialAugment and RandAugment, each picture with its own draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.augmenting import operations
from engine.data.augmenting.geometry import Geometry
from engine.data.augmenting.operations import Operation, by_kind

_BINS = 31
_UPRIGHT = 30.0
"""Degrees up to which pictures are turned that must not be mirrored: beyond, a 6 becomes a 9."""


@dataclass(frozen=True)
class Magnitudes:
    """What an operation can be asked for: 31 values from ``first`` to ``last``, if ``signed`` also their negatives,
    each added to ``base``."""

    first: float = 0.0
    last: float = 0.0
    signed: bool = False
    base: float = 0.0

    def table(self) -> Tensor:
        """float64 [31, 2]: the arguments by bin and sign."""
        bins = torch.linspace(self.first, self.last, _BINS).double()
        return self.base + torch.stack((bins, -bins if self.signed else bins), 1)


@dataclass(frozen=True)
class PolicyRow:
    """``stages`` operations a picture, one after the other, each at one of ``bins`` of its magnitudes.

    Attributes:
        magnitudes: by the operations' names, for pictures of a side in pixels.
    """

    magnitudes: Callable[[int], dict[str, Magnitudes]]
    bins: tuple[int, ...]
    stages: int


def _magnitudes(shear: float, shift: float, turn: float, factor: float, bits: int) -> dict[str, Magnitudes]:
    """What both policies draw from, up to their own limits."""
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

_PHOTOMETRIC: dict[str, Operation] = {
    "Brightness": operations.brightness, "Color": operations.saturation, "Contrast": operations.contrast,
    "Sharpness": operations.sharpness, "Posterize": operations.posterize, "Solarize": operations.solarize,
    "AutoContrast": operations.autocontrast, "Equalize": operations.equalize,
}


class Policy:
    """A row of :data:`POLICIES` for square pictures of one size.

    Args:
        mirrors: whether pictures may be mirrored; those that may not are not turned far either.
    """

    def __init__(self, row: PolicyRow, size: int, device: torch.device, *, mirrors: bool) -> None:
        magnitudes = row.magnitudes(size)
        if not mirrors:
            magnitudes["Rotate"] = Magnitudes(last=min(magnitudes["Rotate"].last, _UPRIGHT), signed=True)
        self.names = tuple(magnitudes)
        self._arguments = torch.stack([magnitudes[name].table()[list(row.bins)] for name in self.names])
        self._stages, self._geometry = row.stages, Geometry(size, device)
        # All that move pixels are one family, so that one gather serves them all.
        families = ("Identity", *_PHOTOMETRIC)
        self._families = torch.tensor([families.index(name) if name in families else len(families)
                                       for name in self.names])
        self._operations = (None, *map(self._with_arguments, _PHOTOMETRIC.values()), self._move)

    def draw(self, count: int, random: torch.Generator) -> Tensor:
        """int64 [count, stages]: operation, bin and sign of each stage, all equally likely, as one number."""
        numbers = [torch.randint(length, (count, self._stages), generator=random) for length in self._arguments.shape]
        return (numbers[0] * self._arguments.shape[1] + numbers[1]) * 2 + numbers[2]

    def meaning(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Drawn codes as positions in ``names``, int64, and arguments, float64, both of the codes' shape."""
        return codes // self._arguments[0].numel(), self._arguments.flatten()[codes]

    def apply(self, pictures: Tensor, codes: Tensor) -> Tensor:
        """uint8 [B, C, size, size] changed by codes [B, stages] as drawn, on the CPU."""
        for stage in codes.unbind(1):
            pictures = by_kind(pictures, self._families[self.meaning(stage)[0]], stage, self._operations)
        return pictures

    def _with_arguments(self, operation: Operation) -> Operation:
        return lambda pictures, codes: operation(pictures, self.meaning(codes)[1])

    def _move(self, pictures: Tensor, codes: Tensor) -> Tensor:
        kinds, arguments = self.meaning(codes)
        return self._geometry(pictures, [(self.names[kind], argument) for kind, argument
                                         in zip(kinds.tolist(), arguments.tolist(), strict=True)])
