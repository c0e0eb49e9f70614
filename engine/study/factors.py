"""Factors of a study, their levels, and the cells that the levels form."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any

from pydantic import BeforeValidator

from engine.errors import UserError

_MOST = 10_000

CellKey = tuple[str, ...]
"""A cell: the label of its level in each factor, in the factors' order."""

Pattern = Mapping[str, Sequence[str]]
"""Selects cells by their levels: labels by factor."""


@dataclass(frozen=True)
class Level:
    """A level of a factor: its label, and the options it sets, by field of ``RunConfig``."""

    label: str
    options: Mapping[str, Any]

    @property
    def number(self) -> float | None:
        """The value on an axis, if the level is a single number; trends need it."""
        values = list(self.options.values())
        single = values[0] if len(values) == 1 and not isinstance(values[0], bool) else None
        try:
            return None if single is None else float(single)
        except (TypeError, ValueError):
            return None


@dataclass(frozen=True)
class Factor:
    """A factor: one option under its own name, or several options under any name."""

    name: str
    levels: tuple[Level, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(level.label for level in self.levels)

    def is_clear(self, label: str) -> bool:
        """Return whether a label is clear without the factor's name: neither a number nor yes, no or none."""
        return label not in ("no", "yes", "none") and self.level(label).number is None

    def level(self, label: str) -> Level:
        """Return the level with this label.

        Raises:
            KeyError: there is none.
        """
        for level in self.levels:
            if level.label == label:
                return level
        raise KeyError(f"{self.name} has no level {label!r}")


def cells(factors: Sequence[Factor], only: Sequence[Pattern] = (), leave_out: Sequence[Pattern] = ()) -> list[CellKey]:
    """Return all combinations of levels that match one of ``only`` (if given) and none of ``leave_out``.

    Raises:
        UserError: there are too many.
    """
    count = math.prod(len(factor.levels) for factor in factors)
    if count > _MOST:
        raise UserError(f"factors: they make {count:,} cells; {_MOST:,} is the most")
    names = [factor.name for factor in factors]
    every: Iterable[CellKey] = product(*(factor.labels for factor in factors))
    return [cell for cell in every if (not only or any(fits(cell, names, pattern) for pattern in only))
            and not any(fits(cell, names, pattern) for pattern in leave_out)]


def fits(cell: CellKey, names: Sequence[str], pattern: Pattern) -> bool:
    """Return whether the cell has one of the pattern's labels in each of its factors."""
    return all(cell[names.index(factor)] in labels for factor, labels in pattern.items())


def label_of(value: object) -> str:
    """Return the label of a level with this value."""
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _one(value: object) -> object:
    return label_of(value) if isinstance(value, (bool, int, float)) else value


def _several(value: object) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_one(each) for each in value)
    return (_one(value),)


Label = Annotated[str, BeforeValidator(_one)]
Labels = Annotated[tuple[str, ...], BeforeValidator(_several)]
"""A list of labels; a single label is accepted too."""

Pair = Annotated[tuple[str, str], BeforeValidator(_several)]
