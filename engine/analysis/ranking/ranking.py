"""The ranking of a study's recipes over several sets, such as data sets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.judging.looks import Look
from engine.analysis.judging.sample import sample
from engine.analysis.ranking.ranks import (
    critical_difference,
    friedman,
    least_p,
    nemenyi,
    ranks_of,
    sets_needed,
    wilcoxon,
)
from engine.analysis.ranking.scores import BySet, Score, improvement, interquartile_mean
from engine.catalog.metrics import METRICS
from engine.evaluation.metrics import Floats
from engine.study.factors import CellKey
from engine.study.outcomes import Outcome
from engine.study.study import Study

_DIGITS = 12
"""Means that agree to so many decimals are equal: they may be summed in another order."""


@dataclass(frozen=True)
class Ranked:
    """A recipe among those that are ranked.

    Attributes:
        title: its levels, joined.
        ranks: its rank in each set; 1 is the best.
        mean: their mean.
        iqm: the interquartile mean of its runs, in the metric's unit.
        beaten: the probability that the first recipe's run is better than one of this; None for the first.
        p: of the comparison with the first, by Wilcoxon's or Nemenyi's test; None for the first, or if not tested.
    """

    title: str
    ranks: tuple[float, ...]
    mean: float
    iqm: Score
    beaten: Score | None
    p: float | None


@dataclass(frozen=True)
class Ranking:
    """Recipes ranked over the levels of a factor. It speaks of these levels only.

    Attributes:
        factor: the factor whose levels are the sets; ``chosen``: whether the study names it.
        sets: the levels in which every ranked recipe has a result.
        recipes: the best first; empty if no two have results in the same two sets.
        left_out: titles of recipes without a result in one of the sets.
        awaited: number of planned runs without a result; while there are some, nothing is tested.
        alpha: what p must be below.
        p: of Wilcoxon's test for two recipes, of Friedman's for more; None if not tested.
        difference: how far mean ranks must lie apart by Nemenyi's test; None for two recipes, or if not tested.
        groups: first and last place of recipes that are not told apart, each group as large as possible.
    """

    factor: str
    chosen: bool
    metric: str
    sets: tuple[str, ...]
    recipes: tuple[Ranked, ...]
    left_out: tuple[str, ...]
    awaited: int
    alpha: float
    p: float | None
    difference: float | None
    groups: tuple[tuple[int, int], ...]

    @property
    def least_p(self) -> float:
        """The smallest p that so many sets can give."""
        return least_p(len(self.sets), len(self.recipes))

    @property
    def sets_needed(self) -> int:
        """The smallest number of sets with which something can be significant."""
        return sets_needed(len(self.recipes), self.alpha)

    @property
    def differs(self) -> bool:
        """Whether the recipes differ by the test over all of them."""
        return self.p is not None and self.p < self.alpha


def ranking_of(study: Study, outcomes: Sequence[Outcome], kept_out: Collection[int] = (),
               look: Look | None = None) -> Ranking | None:
    """Rank the cells of all other factors over the study's sets, by the study's metric.

    A recipe has one value in each set, the mean over its seeds (Demšar, 2006). Only recipes with a result in every set
    are ranked. The tests are a family of their own beside the study's hypotheses.

    Args:
        kept_out: ids of runs to exclude.
        look: what may be read; by default everything, as the only look.

    Returns:
        None if the study has no such factor, fewer than two sets or recipes, or a metric without a better direction.
    """
    factor, look = study.ranked_over, look or Look()
    if not factor or METRICS[study.metric].higher_is_better is None:
        return None
    declared = _by_recipe(study, outcomes, kept_out)
    if len(declared) < 2 or len({place for found in declared.values() for place in found}) < 2:
        return None
    sets = [label for label in study.factor(factor).labels if any(len(found.get(label, ())) for found in
                                                                  declared.values())]
    runs = {recipe: [found[label] for label in sets] for recipe, found in declared.items()
            if all(len(found.get(label, ())) for label in sets)}
    empty = Ranking(factor, bool(study.across), study.metric, tuple(sets), (),
                    tuple(_title(study, recipe) for recipe in declared if recipe not in runs),
                    sum(look.awaited.values()), look.alpha, None, None, ())
    return _ranked(study, empty, runs) if len(sets) > 1 and len(runs) > 1 else empty


def _by_recipe(study: Study, outcomes: Sequence[Outcome],
               kept_out: Collection[int]) -> dict[CellKey, dict[str, Floats]]:
    """Return the runs of each combination of the other factors' levels, by set."""
    across = list(study.factors).index(study.ranked_over)
    found: dict[CellKey, dict[str, Floats]] = {}
    for cell, runs in sample(study.cells, outcomes, study.metric, kept_out).items():
        found.setdefault((*cell[:across], *cell[across + 1:]), {})[cell[across]] = runs.values
    return found


def _title(study: Study, recipe: CellKey) -> str:
    factors = [factor for factor in study.varied if factor.name != study.ranked_over]
    return " · ".join(label if factor.is_clear(label) else f"{factor.name} {label}"
                      for factor, label in zip(factors, recipe, strict=True))


def _ranked(study: Study, empty: Ranking, runs: Mapping[CellKey, BySet]) -> Ranking:
    """Return the ranking with its recipes, ranked and, if no run is awaited, tested."""
    sign = 1.0 if METRICS[study.metric].higher_is_better else -1.0
    scores = np.round([[sign * one.mean() for one in by_set] for by_set in runs.values()], _DIGITS).T
    ranks = ranks_of(scores)
    by_rank, p, difference = ranks.mean(axis=0), friedman(ranks), None
    if len(runs) == 2:
        signed, p = wilcoxon(scores[:, 0] - scores[:, 1])
        by_rank = np.array([-signed, signed])  # the test's own order, which that of the mean ranks may contradict
    elif not empty.awaited:
        difference = critical_difference(len(empty.sets), len(runs), empty.alpha)
    order = [(list(runs)[place], ranks[:, place]) for place in np.argsort(by_rank, kind="stable")]
    best, first = order[0][0], float(order[0][1].mean())
    found = replace(empty, p=None if empty.awaited else p, difference=difference, recipes=tuple(
        Ranked(_title(study, recipe), tuple(map(float, own)), float(own.mean()), interquartile_mean(runs[recipe]),
               None if recipe == best else improvement([sign * one for one in runs[best]],
                                                       [sign * one for one in runs[recipe]]), None)
        for recipe, own in order))
    if found.p is None:
        return found
    tested = (*found.recipes[:1], *(replace(one, p=_pairwise(found, one.mean - first)) for one in found.recipes[1:]))
    return replace(found, recipes=tested, groups=_groups(found))


def _pairwise(found: Ranking, distance: float) -> float | None:
    """Return p of two recipes, whose mean ranks lie so far apart; with more recipes only if they differ at all."""
    if found.difference is None:
        return found.p
    return nemenyi(distance, len(found.sets), len(found.recipes)) if found.differs else None


def _groups(found: Ranking) -> tuple[tuple[int, int], ...]:
    """Return the groups of recipes that are not told apart: all of them, if they do not differ at all."""
    means = [one.mean for one in found.recipes]
    if not found.differs:
        return ((0, len(means) - 1),)
    groups: list[tuple[int, int]] = []
    for start, mean in enumerate(means if found.difference is not None else ()):
        end = max(place for place, other in enumerate(means) if other - mean < (found.difference or 0.0))
        if end > max(start, groups[-1][1] if groups else 0):
            groups.append((start, end))
    return tuple(groups)
