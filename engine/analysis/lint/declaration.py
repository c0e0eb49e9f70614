"""Rules about what a study declares: seeds, margins and the size of its test set."""

import math

from engine.analysis.lint.comparisons import Said
from engine.analysis.lint.plan import Planned
from engine.analysis.lint.remark import Cells, StudyRule
from engine.errors import UserError
from engine.study.study import Study

_SEEDS = 3
_ACCURACIES = ("top1", "top1_error", "macro_recall")


def _few_seeds(study: Study, cells: Cells) -> Said:
    count = len(study.seeds)
    if not study.hypotheses or count >= _SEEDS:
        return []
    seeds = "one seed leaves" if count == 1 else f"{count} seeds leave"
    return [(f"{seeds} a recipe's spread unknown or nearly so: verdicts about recipes will be inconclusive below "
             f"{_SEEDS}", ())]


def _none_without_margin(study: Study, cells: Cells) -> Said:
    return [(f"{hypothesis.name} expects no difference and has no margin: no data can show a difference of exactly "
             "zero; set the smallest one that matters", ()) for hypothesis in study.hypotheses
            if hypothesis.expect == "none" and not (study.margin if hypothesis.margin is None else hypothesis.margin)]


def _margin_below_noise(study: Study, cells: Cells) -> Said:
    """What two runs differ by, tested on so many pictures, when they are equally good at one half."""
    if study.metric not in _ACCURACIES or not study.margin or not cells:
        return []
    try:
        pictures = min(Planned(config).facts.test for config in cells.values())
    except UserError:
        return []
    noise = 1.96 * math.sqrt(0.5 / max(pictures, 1)) / math.sqrt(max(len(study.seeds), 1))
    if study.margin >= noise:
        return []
    return [(f"{pictures:,} test pictures and {len(study.seeds)} seed{'s' * (len(study.seeds) != 1)} may tell apart "
             f"{100 * noise:.1f} points at best, not the margin of {100 * study.margin:g}: more seeds or a larger test "
             "set would", ())]


def _no_hypothesis(study: Study, cells: Cells) -> Said:
    if study.hypotheses or len(cells) < 2:
        return []
    return [("nothing is claimed: differences found afterwards are explored, not tested; declare a hypothesis before "
             "the first run", ())]


DECLARED = (
    StudyRule("few-seeds", _few_seeds, "Bouthillier et al., 2021; Picard, 2021 (spread over seeds)"),
    StudyRule("none-without-margin", _none_without_margin, "Schuirmann, 1987 (two one-sided tests)"),
    StudyRule("margin-below-noise", _margin_below_noise, "the binomial 95 % interval of a difference at one half",
              level="note"),
    StudyRule("no-hypothesis", _no_hypothesis, "Nosek et al., 2018 (preregistration)", level="note"),
)
