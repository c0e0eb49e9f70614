"""Rules about studies: what else differs between compared cells; seeds, margins, hypotheses and test set size."""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from engine.analysis.lint.confounding import find_bundled, find_confounded, level_options
from engine.analysis.lint.plan import Planned
from engine.analysis.lint.remark import Cells, Messages, StudyRule
from engine.errors import UserError
from engine.study.factors import CellKey
from engine.study.study import Study

_SEEDS = 3
_ACCURACIES = ("top1", "top1_error", "macro_recall")
_PICTURES = ("dataset", "data_path")
_TUNED = {"optimizer": "optimizer", "model": "architecture", "batch_size": "batch size"}


def _varies(fields: tuple[str, ...], consequence: str) -> Callable[[Study, Cells], Messages]:
    """Make a rule that finds options that differ between cells without being a factor."""
    def find(study: Study, cells: Cells) -> Messages:
        return [(f"{field} differs between cells ({_values(cells, field)}) without being a factor: {consequence}", ())
                for field in fields if _differs(cells, field) and not _is_factor(study, field)]
    return find


def _across_sets(study: Study, cells: Cells) -> Messages:
    """Find declared differences between data sets."""
    varies = {factor.name for factor in study.varied if any("dataset" in level_options(level.options)
                                                           for level in factor.levels)}
    return [(f"{hypothesis.name} compares accuracies on different test sets: the difference includes their difficulty",
             ()) for hypothesis in study.hypotheses if varies & {*hypothesis.between, *hypothesis.order,
                                                                 *hypothesis.best}]


def _same_run(study: Study, cells: Cells) -> Messages:
    by_hash: dict[str, list[CellKey]] = defaultdict(list)
    for cell, config in cells.items():
        by_hash[config.hash()].append(cell)
    return [(f"cells {_listed(same)} are the same run: the options in which they differ have no effect", tuple(same))
            for same in by_hash.values() if len(same) > 1]


def _untuned(study: Study, cells: Cells) -> Messages:
    found: Messages = []
    for field, what in _TUNED.items():
        if _differs(cells, field) and len({config.lr for config in cells.values()}) == 1 and len(cells) > 1:
            rate = next(iter(cells.values())).lr
            found.append((f"every {what} uses learning rate {rate:g}, but each has its own best rate: the study "
                          "compares them at this rate, not at their best", ()))
    return found


def _steps_with_data(study: Study, cells: Cells) -> Messages:
    """Find fractions of one data set that also change the number of steps."""
    totals: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for config in cells.values():
        try:
            same = (config.dataset, config.data_path, config.batch_size, config.epochs)
            totals[same].add(Planned(config).total)
        except UserError:
            continue
    spread = next((found for found in totals.values() if len(found) > 1), None)
    if spread is None or not _differs(cells, "train_fraction"):
        return []
    return [(f"smaller fractions also train for fewer steps, {min(spread):,} to {max(spread):,}: the effects of data "
             "and of training length are confounded; equal_steps=yes separates them", ())]


def _few_seeds(study: Study, cells: Cells) -> Messages:
    count = len(study.seeds)
    if not study.hypotheses or count >= _SEEDS:
        return []
    seeds = "one seed is" if count == 1 else f"{count} seeds are"
    return [(f"{seeds} too few to estimate the spread of a recipe: verdicts will be inconclusive with fewer than "
             f"{_SEEDS}", ())]


def _none_without_margin(study: Study, cells: Cells) -> Messages:
    return [(f"{hypothesis.name} expects no difference but has no margin: no data can show a difference of exactly "
             "zero; set the smallest difference that matters", ()) for hypothesis in study.hypotheses
            if hypothesis.expect == "none" and not (study.margin if hypothesis.margin is None else hypothesis.margin)]


def _margin_below_noise(study: Study, cells: Cells) -> Messages:
    """Compare the margin with the sampling error of a difference at an accuracy of one half.

    Seeds do not shrink it: which pictures are hard for which recipe is the same in every run.
    """
    if study.metric not in _ACCURACIES or not study.margin or not cells:
        return []
    try:
        pictures = min(Planned(config).facts.test for config in cells.values())
    except UserError:
        return []
    noise = 1.96 * math.sqrt(0.5 / max(pictures, 1))
    if study.margin >= noise:
        return []
    return [(f"{pictures:,} test pictures can leave a difference of {100 * noise:.1f} points open, however many seeds "
             f"are run, but the margin is {100 * study.margin:g}: use a larger test set, or a larger margin", ())]


def _no_hypothesis(study: Study, cells: Cells) -> Messages:
    if study.hypotheses or len(cells) < 2:
        return []
    return [("no hypothesis is declared: differences found afterwards are exploratory, not tested; declare one before "
             "the first run", ())]


def _differs(cells: Cells, field: str) -> bool:
    return len({repr(getattr(config, field)) for config in cells.values()}) > 1


def _is_factor(study: Study, field: str) -> bool:
    """Return whether a factor varies this option and no other."""
    return any(all(set(level_options(level.options)) <= {field} for level in factor.levels)
               or (factor.name == field) or (field in _PICTURES and _about_data(factor.name))
               for factor in study.varied if any(field in level_options(level.options) for level in factor.levels))


def _about_data(name: str) -> bool:
    return name.lower().replace("_", " ") in ("dataset", "data set", "data")


def _values(cells: Cells, field: str) -> str:
    values = sorted({getattr(config, field) for config in cells.values()}, key=str)
    return ", ".join(str(value) or "none" for value in values[:4]) + (", …" if len(values) > 4 else "")


def _listed(same: list[CellKey]) -> str:
    shown = [" · ".join(cell) for cell in same[:3]]
    return ", ".join(shown[:-1]) + f" and {shown[-1]}" + (f" and {len(same) - 3} more" if len(same) > 3 else "")


_ONE_THING = "Montgomery, 2017 (a controlled comparison changes one factor at a time)"

STUDY_RULES = (
    StudyRule("other-length", _varies(("epochs", "early_stopping"), "a difference may come from training length"),
              _ONE_THING),
    StudyRule("other-selection", _varies(("val_fraction", "seed"), "best checkpoints are chosen on "
                                         "different validation pictures"), _ONE_THING),
    StudyRule("other-views", _varies(("tta", "test_scale"), "cells are tested in different ways"),
              "Simonyan and Zisserman, 2015, section 4 (test views change accuracy)"),
    StudyRule("other-pictures", _varies(_PICTURES, "accuracies on different test sets are not comparable"),
              "Recht et al., 2019 (another test set changes accuracy)"),
    StudyRule("across-sets", _across_sets, "Recht et al., 2019", level="note"),
    StudyRule("confounded", find_confounded, _ONE_THING),
    StudyRule("bundled", find_bundled, _ONE_THING, level="note"),
    StudyRule("same-run", _same_run, "by their configs' hash"),
    StudyRule("untuned", _untuned, "Choi et al., 2019; Sivaprasad et al., 2020", level="note"),
    StudyRule("steps-with-data", _steps_with_data, "counted from these options"),
    StudyRule("few-seeds", _few_seeds, "Bouthillier et al., 2021; Picard, 2021 (spread over seeds)"),
    StudyRule("none-without-margin", _none_without_margin, "Schuirmann, 1987 (two one-sided tests)"),
    StudyRule("margin-below-noise", _margin_below_noise, "the binomial 95 % interval of a difference at one half",
              level="note"),
    StudyRule("no-hypothesis", _no_hypothesis, "Nosek et al., 2018 (preregistration)", level="note"),
)
