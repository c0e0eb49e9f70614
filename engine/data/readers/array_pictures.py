"""``ArrayPictures``: pictures in an array, whatever the order of its dimensions and the type of its values."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Pictures
from engine.data.ledger import Decision
from engine.data.readers.depth import DARK, Values, scaled
from engine.data.reading import AXES, overruled
from engine.errors import UserError

_USUAL = frozenset({"NHWC", "NHW"})
_CHANNELS = (1, 3)
_NATURAL: tuple[Values, ...] = ((0, 1), (-1, 1), (0, 255))
"""Ranges that values usually have; the measured one counts if it covers less than half of each."""
_CHUNK = 256


@dataclass(frozen=True, eq=False)
class ArrayPictures:
    """Pictures that are read from an array on demand, uint8 [N, H, W, C].

    Attributes:
        name: of the array, for messages.
        axes: what its dimensions are, one of :data:`engine.data.reading.AXES`.
        places: int64 [N], of the pictures in the array.
        values: what is black and white; None: they are bytes, and 255 is white.
    """

    name: str
    array: NDArray[Any]
    axes: str
    places: NDArray[np.int64]
    values: Values | None = None

    @classmethod
    def of(cls, name: str, array: NDArray[Any], labels: int, said: str) -> Self:
        """Return the pictures of an array.

        Args:
            labels: their number, which tells pictures from other dimensions.
            said: the axes that the user says; may be empty.

        Raises:
            UserError: it holds no numbers, or its shape is not that of pictures.
        """
        if array.dtype.kind not in "biuf":
            raise UserError(f"{name}: holds {array.dtype} values of shape {shape_text(array)}; pictures must be "
                            "numbers, such as uint8 from 0 to 255")
        fitting = [axes for axes in AXES if _fits(array.shape, axes)]
        counted = [axes for axes in fitting if array.shape[axes.index("N")] == labels]
        axes = said if said in fitting else "" if said else next(iter(counted or fitting), "")
        if not axes or 0 in array.shape:
            raise UserError(f"{name}: shape {shape_text(array)} is not pictures [{', '.join(said or 'NHWC')}] of 1 or "
                            "3 channels")
        return cls(name, array, axes, np.arange(array.shape[axes.index("N")]))

    @property
    def shape(self) -> tuple[int, ...]:
        sides = dict(zip(self.axes, self.array.shape, strict=True))
        return len(self.places), sides["H"], sides["W"], sides.get("C", 1)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, ids: NDArray[np.int64] | slice) -> Pictures:
        found = self._raw(self.places[ids])
        return found if self.values is None else scaled(found, self.values)

    def at(self, ids: NDArray[np.int64]) -> Self:
        """Return some of the pictures."""
        return replace(self, places=self.places[ids])

    def extremes(self) -> Values:
        """Return the lowest and the highest finite value; zeros without any."""
        found = [part[np.isfinite(part)] for part in self._parts()]
        return (float(min((part.min() for part in found if part.size), default=0)),
                float(max((part.max() for part in found if part.size), default=0)))

    def ordered(self) -> list[Decision]:
        """Return what was decided of the dimensions, unless their order is the usual and only one."""
        others = [axes for axes in AXES if axes != self.axes and _fits(self.array.shape, axes)
                  and self.array.shape[axes.index("N")] == len(self)]
        if self.axes in _USUAL and not others:
            return []
        return [Decision(f"the dimensions {shape_text(self.array)} of {self.name} are {self.axes}",
                         "so their numbers of pictures and channels fit", overruled(f"axes={(*others, 'NHWC')[0]}"))]

    def _raw(self, places: NDArray[np.int64]) -> NDArray[Any]:
        taken = np.take(self.array, places, axis=self.axes.index("N"))
        turned = taken.transpose([self.axes.index(axis) for axis in "NHWC" if axis in self.axes])
        return turned if "C" in self.axes else turned[..., None]

    def _parts(self) -> Iterator[NDArray[Any]]:
        return (self._raw(self.places[start:start + _CHUNK]) for start in range(0, len(self), _CHUNK))


def with_values(train: ArrayPictures, test: ArrayPictures | None, said: Values | None) -> tuple[
        ArrayPictures, ArrayPictures | None, list[Decision]]:
    """Return the pictures of both parts with one range of values, and what was decided.

    Raises:
        UserError: the parts are of different types or scales.
    """
    found = train.extremes()
    values, decisions = said, list[Decision]()
    if not said:
        _check_alike(train, test, found)
        values, decisions = _decided(train, found)
    return replace(train, values=values), test and replace(test, values=values), decisions


def _decided(train: ArrayPictures, found: Values) -> tuple[Values | None, list[Decision]]:
    low, high = found
    if train.array.dtype == np.uint8:
        return None, [Decision(f"the values {low:g} to {high:g} of {train.name} are read as bytes, of which 255 is "
                               "white", "their type is uint8", overruled(f"range={low:g}:{high:g}"))] * (high < DARK)
    natural = next((each for each in _NATURAL if each[0] <= low and high <= each[1]
                    and 2 * (high - low) >= each[1] - each[0]), None)
    values = natural or (low, high if high > low else low + 1)
    why = f"the values of {train.name}, {train.array.dtype}, run from {low:g} to {high:g}"
    return values, [Decision(f"the values {values[0]:g} to {values[1]:g} are black to white", why,
                             overruled("range=BLACK:WHITE"))]


def _check_alike(train: ArrayPictures, test: ArrayPictures | None, found: Values) -> None:
    if test is None:
        return
    kinds = ["uint8" if each.array.dtype == np.uint8 else each.array.dtype.kind.replace("u", "i")
             for each in (train, test)]
    low, high = test.extremes()
    width = max(found[1] - found[0], 1)
    beyond = kinds[0] != "uint8" and (low < found[0] - width or high > found[1] + width)
    if kinds[0] != kinds[1] or beyond:
        told = [f"{each.name} holds {each.array.dtype} values of shape {shape_text(each.array)} from {ends[0]:g} to "
                f"{ends[1]:g}" for each, ends in ((train, found), (test, (low, high)))]
        raise UserError(f"{' and '.join(told)}: these are two scales; save both as uint8, 0 to 255, or say "
                        f"{overruled('range=BLACK:WHITE')}")


def _fits(shape: tuple[int, ...], axes: str) -> bool:
    return len(axes) == len(shape) and ("C" not in axes or shape[axes.index("C")] in _CHANNELS)


def shape_text(array: NDArray[Any]) -> str:
    """Return a shape as ``(40, 16, 16, 3)``."""
    return f"({', '.join(map(str, array.shape))})"
