"""Rules about a study's declaration: seeds, margins, hypotheses and the size of its test set."""

import math

from engine.analysis.lint.comparisons import Messages
from engine.analysis.lint.plan import Planned
from engine.analysis.lint.remark import Cells, StudyRule
from engine.errors import UserError
from engine.study.study import Study

_SEEDS = 3
_ACCURACIES = ("top1", "top1_error", "macro_recall")


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
    """Compare the margin with the sampling error of a difference at an accuracy of one half."""
    if study.metric not in _ACCURACIES or not study.margin or not cells:
        return []
    try:
        pictures = min(Planned(config).facts.test for config in cells.values())
    except UserError:
        return []
    noise = 1.96 * math.sqrt(0.5 / max(pictures, 1)) / math.sqrt(max(len(study.seeds), 1))
    if study.margin >= noise:
        return []
    return [(f"{pictures:,} test pictures and {len(study.seeds)} seed{'s' * (len(study.seeds) != 1)} can resolve "
             f"{100 * noise:.1f} points at best, but the margin is {100 * study.margin:g}: use more seeds or a larger "
             "test set", ())]


def _no_hypothesis(study: Study, cells: Cells) -> Messages:
    if study.hypotheses or len(cells) < 2:
        return []
    return [("no hypothesis is declared: differences found afterwards are exploratory, not tested; declare one before "
             "the first run", ())]


DECLARED = (
    StudyRule("few-seeds", _few_seeds, "Bouthillier et al., 2021; Picard, 2021 (spread over seeds)"),
    StudyRule("none-without-margin", _none_without_margin, "Schuirmann, 1987 (two one-sided tests)"),
    StudyRule("margin-below-noise", _margin_below_noise, "the binomial 95 % interval of a difference at one half",
              level="note"),
    StudyRule("no-hypothesis", _no_hypothesis, "Nosek et al., 2018 (preregistration)", level="note"),
)
