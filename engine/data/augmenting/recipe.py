"""``Operation``, a random change of training pictures, and ``Recipe``, the operations of an augmentation."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.catalog.augmentations import Augmentation, OperationRow
from engine.errors import UserError, describe_error

Drawn = Tensor | tuple[Tensor, ...]
"""Tensors [N, …] on the CPU, one row per picture, in the order of the epoch."""

_AT_ONCE = 1 << 19
"""Number of values that are changed together."""


@dataclass(frozen=True)
class Canvas:
    """Properties of the pictures that an operation is applied to.

    Attributes:
        size: side of the square pictures in pixels.
        channels: 1 (grey) or 3 (colour).
        mirrors: whether a mirrored picture keeps its class; if not, large rotations do not either.
    """

    size: int
    channels: int
    mirrors: bool


class Operation(ABC):
    """A random change of training pictures. To add one, name a subclass in a row of ``AUGMENTATIONS``.

    It is created once per run, from the row's settings. All randomness comes from :meth:`draw`, so that a resumed run
    gets the same pictures::

        class Fog(Operation):
            def __init__(self, most: float) -> None:
                self.most = most

            def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Tensor:
                return self.most * torch.rand(count, generator=random)

            def apply(self, pictures: Tensor, drawn: Tensor) -> Tensor:
                share = drawn.to(pictures.device)[:, None, None, None]
                return (pictures * (1 - share) + 255 * share).round().byte()

        Augmentation("Fog that hides up to half.", operations=(Fog.row(most=0.5),))

    ``Fog.row(most=0.5)`` is ``OperationRow("module:Fog", {"most": 0.5})``, which the catalog writes out, as it imports
    no torch.

    Attributes:
        normalised: whether it is applied to normalised pictures, where zero is the mean colour, instead of bytes.
    """

    normalised: ClassVar[bool] = False

    @classmethod
    def row(cls, **settings: Any) -> OperationRow:
        """Return a row for ``AUGMENTATIONS`` with these settings."""
        return OperationRow(f"{cls.__module__}:{cls.__qualname__}", settings)

    @abstractmethod
    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Drawn:
        """Draw all random numbers for an epoch of ``count`` pictures.

        Returns:
            A tensor [count, …] on the CPU, or a tuple of them: one row per picture, in the order of the epoch.
        """

    @abstractmethod
    def apply(self, pictures: Tensor, drawn: Any) -> Tensor:
        """Change some of the epoch's pictures, each according to its own row only, as the number of pictures varies.

        Args:
            pictures: uint8 [B, C, size, size], or float32 for a ``normalised`` operation, on the run's device. They may
            be changed in place.
            drawn: the rows that :meth:`draw` returned for these pictures, on the CPU.

        Returns:
            Pictures of the same shape and dtype, on the same device.
        """


class Recipe:
    """The operations of an augmentation. They draw in their order; those on bytes are applied before the normalised
    ones.

    Args:
        augmentation: a row of ``AUGMENTATIONS``.

    Raises:
        UserError: a row names no operation, or one that does not take its settings.
    """

    def __init__(self, augmentation: Augmentation, canvas: Canvas) -> None:
        self._canvas = canvas
        self._operations = [_made(row) for row in augmentation.operations]

    def draw(self, count: int, random: torch.Generator) -> tuple[Drawn, ...]:
        """Return the draws of each operation for an epoch.

        Raises:
            UserError: an operation did not return one row per picture; names it.
        """
        return tuple(_checked_draws(operation, operation.draw(count, self._canvas, random), count)
                     for operation in self._operations)

    def vary(self, pictures: Tensor, drawn: tuple[Drawn, ...], start: int) -> Tensor:
        """Apply the operations on bytes, a few pictures at a time, so that they stay in the CPU's cache.

        Args:
            pictures: uint8 [B, size, size, C], from ``start`` on in the order of the epoch.
            drawn: draws of the whole epoch.

        Returns:
            The same levels; float32 if anything was done, since copying floats back is twice as fast as bytes.

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
        """Apply the operations on normalised pictures, float32 [B, size, size, C], like :meth:`vary`."""
        for operation, rows in zip(self._operations, drawn, strict=True):
            if operation.normalised:
                planes = _applied(operation, pictures.permute(0, 3, 1, 2), _part(rows, start, len(pictures)))
                pictures = planes.permute(0, 2, 3, 1).contiguous()
        return pictures


def _made(row: OperationRow) -> Operation:
    try:
        made: Operation = resolve_name(row.operation)(**row.settings)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        settings = ", ".join(f"{name}={value!r}" for name, value in row.settings.items())
        raise UserError(f"augmentation operation {row.operation}({settings}) cannot be made: {describe_error(error)}"
                        ) from error
    return made


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
    # Read first, as the operation may change the shape in place.
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
