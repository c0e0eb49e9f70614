"""AutoAugment and AugMix for whole batches, with torchvision's own tables of operations and magnitudes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.data.augmenting.policies import KINDS, apply_stages
from engine.data.augmenting.recipe import Canvas, Operation

_BINS = 10
_FACTORS = frozenset({"Brightness", "Color", "Contrast", "Sharpness"})
"""Operations whose argument is one more than their magnitude."""


@dataclass(frozen=True)
class AutoAugment(Operation):
    """One of the 25 pairs of operations that Cubuk et al. (2019) found for ImageNet, each applied with its own
    probability."""

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw like ``torchvision.transforms.v2.AutoAugment``.

        Returns:
            The position in :data:`KINDS`, int64 [count, 2], and the argument, float64 [count, 2].
        """
        from torchvision.transforms.v2 import AutoAugment as Peer

        peer: Any = Peer()
        names, table = _arguments(peer, canvas.size)
        policies = [[(KINDS.index(name), chance, table[names.index(name), level or 0].tolist())
                     for name, chance, level in policy] for policy in peer._policies]
        kinds, chances, arguments = (torch.tensor([[stage[part] for stage in policy] for policy in policies])
                                     for part in range(3))
        chosen = torch.randint(len(policies), (count,), generator=random)
        signs = torch.randint(2, (count, 2, 1), generator=random)
        done = torch.rand(count, 2, generator=random) <= chances[chosen]
        return kinds[chosen] * done, arguments[chosen].gather(2, signs)[..., 0].double()

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        return apply_stages(pictures, *drawn)


@dataclass(frozen=True)
class AugMix(Operation):
    """A picture mixed with three chains of one to three operations on it (Hendrycks et al., 2020), without their
    additional loss.

    Attributes:
        severity: number of magnitudes, the mildest ones of ten, that are drawn from.
        width: number of chains.
        depth: largest length of a chain.
    """

    severity: int = 3
    width: int = 3
    depth: int = 3

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draw like ``torchvision.transforms.v2.AugMix`` with its defaults.

        Returns:
            The shares of the picture and of each chain, float32 [count, 1 + width], the operations, positions in
            :data:`KINDS`, int64 [count, width, depth], and their arguments, float64 of the same shape.
        """
        from torchvision.transforms.v2 import AugMix as Peer

        names, table = _arguments(Peer(), canvas.size)
        shape = count, self.width, self.depth
        operations = torch.randint(len(names), shape, generator=random)
        levels, signs = (torch.randint(most, shape, generator=random) for most in (self.severity, 2))
        lengths = torch.randint(1, self.depth + 1, shape[:2], generator=random)
        unused = torch.arange(self.depth) >= lengths[..., None]
        kinds = torch.tensor([KINDS.index(name) for name in names])[operations].masked_fill_(unused, 0)
        own, chains = _even_dirichlet((count, 2), random), _even_dirichlet(shape[:2], random)
        return torch.cat((own[:, :1], chains * own[:, 1:]), 1), kinds, table[operations, levels, signs]

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        shares, kinds, arguments = drawn
        each = shares.to(pictures.device)[:, :, None, None, None].unbind(1)
        mixed = each[0] * pictures
        for share, chain, values in zip(each[1:], kinds.unbind(1), arguments.unbind(1), strict=True):
            mixed.add_(share * apply_stages(pictures, chain, values))
        return mixed.byte()


def _arguments(peer: Any, size: int) -> tuple[Sequence[str], Tensor]:
    """Return the names of a torchvision policy's operations, and their arguments by magnitude and sign, float64
    [operations, 10, 2]."""
    names, rows = [], []
    for name, (magnitudes, signed) in peer._AUGMENTATION_SPACE.items():
        found = magnitudes(_BINS, size, size)
        values = torch.zeros(_BINS, dtype=torch.float64) if found is None else found.double()
        names.append(name)
        rows.append(torch.stack((values, -values if signed else values), 1) + (name in _FACTORS))
    return names, torch.stack(rows)


def _even_dirichlet(shape: tuple[int, ...], random: torch.Generator) -> Tensor:
    """Draw shares from Dirichlet(1, 1, …), float32, each row summing to 1: exponential numbers, divided by their sum
    (Devroye, Non-Uniform Random Variate Generation, 1986, chapter XI)."""
    drawn = torch.empty(shape, dtype=torch.float64).exponential_(generator=random)
    return (drawn / drawn.sum(1, keepdim=True)).float()
