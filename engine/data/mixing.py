"""MixUp and CutMix of pairs of pictures and their labels within a batch, with a share for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.data.augmenting.operations import inside


@dataclass(frozen=True, eq=False)
class Mixed:
    """The labels of mixed pictures.

    Attributes:
        first, second: int64 [B], classes of the two pictures; or [B, K], their 0 and 1 for each class.
        share: float32 [B], share of ``first``, from 0 to 1.
    """

    first: Tensor
    second: Tensor
    share: Tensor

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, part: slice) -> Mixed:
        return Mixed(self.first[part], self.second[part], self.share[part])

    def to(self, device: torch.device | str) -> Mixed:
        return Mixed(self.first.to(device), self.second.to(device), self.share.to(device))

    def soft(self, classes: int, smoothing: float = 0.0) -> Tensor:
        """Return the labels of pictures with one class each as probabilities, float32 [B, classes].

        Args:
            smoothing: label smoothing.
        """
        share = self.share[:, None]
        pair = share * functional.one_hot(self.first, classes) + (1 - share) * functional.one_hot(self.second, classes)
        return (1 - smoothing) * pair + smoothing / classes


@dataclass(frozen=True, eq=False)
class MixDraws:
    """The random numbers for mixing an epoch, in the order of the epoch, on the CPU.

    Attributes:
        shares: float32 [N], share of the picture itself; for CutMix, after clipping the rectangle.
        boxes: int64 [N, 4], left, top, right and bottom of the pasted rectangle; empty: MixUp.
    """

    shares: Tensor
    boxes: Tensor


@dataclass(frozen=True)
class Mixing:
    """How pairs are mixed.

    Attributes:
        kind: ``mixup`` (Zhang et al. 2018), ``cutmix`` (Yun et al. 2019), or ``both`` with equal probability.
        mixup_alpha, cutmix_alpha: shares are sampled from Beta(α, α).
        per_batch: one share, rectangle and kind per batch, as in ``torchvision.transforms.v2``.
    """

    kind: str
    mixup_alpha: float = 0.2
    cutmix_alpha: float = 1.0
    per_batch: bool = False

    def draws(self, batches: Sequence[int], size: int, random: torch.Generator) -> MixDraws:
        """Draw the random numbers for an epoch of batches of these sizes.

        Args:
            size: side of the square pictures in pixels.
        """
        units = torch.tensor(batches) if self.per_batch else torch.ones(sum(batches), dtype=torch.int64)
        count = len(units)
        # torch's Beta distribution does not take a generator.
        beta = np.random.default_rng(int(torch.randint(2**62, (1,), generator=random)))
        cut = torch.randint(2, (count,), generator=random).bool() if self.kind == "both" \
            else torch.full((count,), self.kind == "cutmix")
        blended = torch.from_numpy(beta.beta(self.mixup_alpha, self.mixup_alpha, count))
        boxes = _boxes(torch.from_numpy(beta.beta(self.cutmix_alpha, self.cutmix_alpha, count)), size, random)
        boxes *= cut[:, None]
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        shares = torch.where(cut, 1 - areas / size**2, blended)
        return MixDraws(shares.float().repeat_interleave(units), boxes.repeat_interleave(units, 0))


def mix(pictures: Tensor, targets: Tensor, shares: Tensor, boxes: Tensor) -> tuple[Tensor, Mixed]:
    """Mix every picture with the previous one of the shuffled batch, the first with the last.

    Args:
        pictures: float32 [B, size, size, C].
        targets: int64 [B], or [B, K].
        shares, boxes: as in :class:`MixDraws`, for this batch, on the CPU.

    Returns:
        Pictures float32 [B, size, size, C], and their labels.
    """
    shares = shares.to(pictures.device)
    own, lines = shares[:, None, None], pictures.flatten(2)
    if boxes.any():
        boxes = boxes.to(pictures.device)
        pasted = (boxes[:, 2] > boxes[:, 0])[:, None, None]
        rows, columns = inside(boxes, *pictures.shape[2:])
        own = torch.where(pasted, 1, own) - rows.float() * columns.float()
    mixed = torch.empty_like(lines)
    torch.lerp(lines[:-1], lines[1:], own[1:], out=mixed[1:])
    torch.lerp(lines[-1:], lines[:1], own[:1], out=mixed[:1])
    return mixed.view_as(pictures), Mixed(targets, targets.roll(1, 0), shares)


def _boxes(shares: Tensor, size: int, random: torch.Generator) -> Tensor:
    """Return rectangles with these shares of the picture around random centres, clipped at the border: int64 [N, 4]. An
    empty one is empty in both directions, so that nothing is pasted and the whole label stays."""
    centres = torch.randint(size, (len(shares), 2), generator=random)
    half = (0.5 * (1 - shares).sqrt() * size).long()[:, None]
    return torch.cat(((centres - half).clamp(min=0), (centres + half).clamp(max=size)), 1)
