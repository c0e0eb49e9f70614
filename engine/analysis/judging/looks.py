"""Looks: when a verdict may be read, and how much of the permitted error each reading may spend."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.study.factors import CellKey
from engine.study.matrix import Matrix, State
from engine.study.versions import StudyVersion

FIRST, LATER = 0.04, 0.01
"""What the look at all planned seeds spends, and what all later looks together, at seeds that were added."""


@dataclass(frozen=True)
class Look:
    """One reading of a study's verdicts.

    Attributes:
        number: 1, when all planned seeds are in; one more each time that seeds were changed after results were seen.
        planned: number of planned seeds of a cell.
        awaited: by cell, how many of them have no result yet; a verdict on such a cell is withheld.
    """

    number: int = 1
    planned: int = 0
    awaited: Mapping[CellKey, int] = field(default_factory=dict)

    @property
    def alpha(self) -> float:
        """The probability of any false claim at this look: 4 %, then 0.5 %, 0.25 %, … together at most 5 %.

        Any sequence of looks is valid, whenever it ends (Bonferroni over looks; Lan and DeMets, 1983, Biometrika 70,
        spend the same total by a function of the share of the data).
        """
        return _spent_at(self.number)

    @property
    def next_alpha(self) -> float:
        """That of the look after adding seeds."""
        return _spent_at(self.number + 1)


def _spent_at(number: int) -> float:
    return FIRST if number == 1 else LATER * 0.5 ** (number - 1)


def look_at(shown: Matrix, versions: Sequence[StudyVersion]) -> Look:
    """Return the look that the present runs allow; nothing is awaited in a study of imported results.

    Args:
        versions: all versions of the study, oldest first.
    """
    imported = any(entry.run is not None and entry.run.is_imported for entry in shown.entries)
    awaited = {cell: missing for cell, entries in shown.by_cell.items() if not imported
               and (missing := sum(entry.state is not State.DONE for entry in entries))}
    ended = [run.ended_at or run.created_at for run in shown.runs(State.DONE)]
    seeds = [(set(version.study.seeds), version.created_at) for version in versions]
    if seeds:  # what is shown may not have been saved yet
        seeds.append((set(shown.study.seeds), math.inf))
    changed = sum(before != after and min(ended, default=math.inf) < created_at
                  for (before, _), (after, created_at) in pairwise(seeds))
    return Look(1 + changed, len(shown.study.seeds), awaited)
