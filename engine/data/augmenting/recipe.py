"""``Operation``, one random change of training pictures, and ``Recipe``, the operations of an augmentation in order."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.catalog.augmentations import Augmentation, OperationRow
from engine.errors import UserError

Drawn = Tensor | tuple[Tensor, ...]
"""Tensors [N, …] on the CPU, a row a picture, in the order of the epoch."""

_AT_ONCE = 1 << 19
"""Values of pictures that are changed together."""


@dataclass(frozen=True)
class Canvas:
    """What the pictures have in common when an operation is applied.

    Attributes:
        size: their side in pixels; they are square.
        channels: 1 (grey) or 3 (colour).
        mirrors: whether a mirrored picture still shows its class; where it does not, a far turn does not either.
    """

    size: int
    channels: int
    mirrors: bool


class Operation(ABC):
    """One random change of training pictures. A new one is a subclass that a row of ``AUGMENTATIONS`` names.

    It is made once a run, from the settings in the row. Everything random comes from :meth:`draw`, so that a run that
    is continued sees the pictures it would have seen::

        class Fog(Operation):
            def __init__(self, most: float) -> None:
                self.most = most

            def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Tensor:
                return self.most * torch.rand(count, generator=random)

            def apply(self, pictures: Tensor, drawn: Tensor) -> Tensor:
                share = drawn.to(pictures.device)[:, None, None, None]
                return (pictures * (1 - share) + 255 * share).round().byte()

        AUGMENTATIONS["foggy"] = Augmentation("Fog that hides up to half.", operations=(Fog.row(most=0.5),))

    Attributes:
        normalised: whether it works on normalised pictures, where zero is the mean colour, instead of on bytes.
    """

    normalised: ClassVar[bool] = False

    @classmethod
    def row(cls, **settings: Any) -> OperationRow:
        """What a row of ``AUGMENTATIONS`` has of it: this class, by its name, with these settings."""
        return OperationRow(f"{cls.__module__}:{cls.__qualname__}", settings)

    @abstractmethod
    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Drawn:
        """Everything random of an epoch of ``count`` pictures.

        Returns:
            A tensor [count, …] on the CPU, or a tuple of them: a row for each picture, in the order of the epoch.
        """

    @abstractmethod
    def apply(self, pictures: Tensor, drawn: Any) -> Tensor:
        """Some of the epoch's pictures changed. Each is changed by its own row alone: how many come together varies.

        Args:
            pictures: uint8 [B, C, size, size]; of a ``normalised`` operation float32, of the same shape. On the run's
                device, which need not be the CPU. They may be changed in place.
            drawn: the rows that :meth:`draw` returned for these pictures, on the CPU.

        Returns:
            Pictures of the same shape and dtype, on the same device.
        """


class Recipe:
    """The operations of an augmentation. They draw in the order of its row; those on bytes are applied before those on
    normalised pictures.

    Args:
        augmentation: a row of ``AUGMENTATIONS``.
    """

    def __init__(self, augmentation: Augmentation, canvas: Canvas) -> None:
        self._canvas = canvas
        self._operations: list[Operation] = [resolve_name(row.operation)(**row.settings)
                                             for row in augmentation.operations]

    def draw(self, count: int, random: torch.Generator) -> tuple[Drawn, ...]:
        """What each operation draws for an epoch.

        Raises:
            UserError: an operation returned something else than a row for each picture; names it.
        """
        return tuple(_checked_draws(operation, operation.draw(count, self._canvas, random), count)
                     for operation in self._operations)

    def vary(self, pictures: Tensor, drawn: tuple[Drawn, ...], start: int) -> Tensor:
        """The operations on bytes, a few pictures at a time, so that they stay in the cache.

        Args:
            pictures: uint8 [B, size, size, C]; those from ``start`` on in the order of the epoch.
            drawn: of the whole epoch.

        Returns:
            The same levels: float32 where anything was done, as floats are put back into place twice as fast as bytes.

        Raises:
            UserError: an operation returned another shape or dtype; names it.
        """
        chosen = [pair for pair in zip(self._operations, drawn, strict=True) if not pair[0].normalised]
        if not chosen:
            return pictures
        varied = []
        for chunk in pictures.split(max(1, _AT_ONCE // pictures[0].numel())):
            planes = chunk.permute(0, 3, 1, 2).contiguous()
            for operation, rows in chosen:
                planes = _applied(operation, planes, _part(rows, start, len(chunk)))
            start += len(chunk)
            varied.append(planes.float().permute(0, 2, 3, 1))
        return varied[0] if len(varied) == 1 else torch.cat(varied)

    def vary_normalised(self, pictures: Tensor, drawn: tuple[Drawn, ...], start: int) -> Tensor:
        """The operations on normalised pictures, float32 [B, size, size, C]; otherwise as :meth:`vary`."""
        for operation, rows in zip(self._operations, drawn, strict=True):
            if operation.normalised:
                planes = _applied(operation, pictures.permute(0, 3, 1, 2), _part(rows, start, len(pictures)))
                pictures = planes.permute(0, 2, 3, 1).contiguous()
        return pictures


def _part(drawn: Drawn, start: int, count: int) -> Drawn:
    rows = slice(start, start + count)
    return drawn[rows] if isinstance(drawn, Tensor) else tuple(each[rows] for each in drawn)


def _checked_draws(operation: Operation, drawn: Drawn, count: int) -> Drawn:
    for each in drawn if isinstance(drawn, tuple) else (drawn,):
        if not isinstance(each, Tensor) or each.shape[:1] != (count,) or each.device.type != "cpu":
            raise UserError(f"{_name(operation)}.draw returned {_described(each)}; expected a tensor [{count}, …] on "
                            "the CPU, a row for each picture of the epoch, or a tuple of them")
    return drawn


def _applied(operation: Operation, pictures: Tensor, drawn: Drawn) -> Tensor:
    # Read before it is applied, as it may resize pictures in place.
    shape, dtype, device = pictures.shape, pictures.dtype, pictures.device
    changed = operation.apply(pictures, drawn)
    if not isinstance(changed, Tensor) or (changed.shape, changed.dtype, changed.device) != (shape, dtype, device):
        raise UserError(f"{_name(operation)}.apply returned {_described(changed)}; expected "
                        f"{_form(shape, dtype, device)}, as it was given")
    return changed


def _name(operation: Operation) -> str:
    return f"augmentation operation {type(operation).__qualname__}"


def _described(found: object) -> str:
    return _form(found.shape, found.dtype, found.device) if isinstance(found, Tensor) else f"a {type(found).__name__}"


def _form(shape: torch.Size, dtype: torch.dtype, device: torch.device) -> str:
    return f"{str(dtype).removeprefix('torch.')} {list(shape)} on {device}"
