"""Rules that compare a run with related runs: other seeds, other weights, other pictures."""

import math
from statistics import fmean, stdev
from typing import Any

from engine.analysis.doctor.case import Case, standard_error
from engine.analysis.doctor.chance import beyond, share_above
from engine.analysis.doctor.finding import Rule
from engine.config import RunConfig, option_of
from engine.store import Run
from engine.words import percent

_SEED = ("seed",)
_WEIGHTS = ("seed", "weights", "weights_path", "normalisation")
_ALPHA, _LIKE = 0.01, 0.05
_REPEATS = 3


def differs_only_in(run: Run, other: Run, fields: tuple[str, ...]) -> bool:
    """Return whether two runs compute the same except for these options."""
    return run.id != other.id and _identity(run.config, fields) == _identity(other.config, fields)


def _identity(config: dict[str, Any], but: tuple[str, ...]) -> dict[str, Any]:
    return {name: config.get(name, info.default) for name, info in RunConfig.model_fields.items()
            if option_of(name).identity and name not in but}


def _outlier(case: Case) -> str | None:
    """Test a run against the prediction interval of its repeats, computed without the run itself."""
    others = [found for other in case.group if differs_only_in(case.run, other, _SEED)
              and other.is_imported == case.run.is_imported and (found := other.test_score) is not None]
    score, count = case.run.test_score, len(others)
    if score is None or count < _REPEATS:
        return None
    mean = fmean(others)
    least = standard_error(mean, case.test_pictures) if case.run.score.counted else 0.0
    spread = max(stdev(others), least) * math.sqrt(1 + 1 / count)
    if not spread:
        return None
    p = min(1.0, beyond((score - mean) / spread, count - 1) * (count + 1))
    if p >= _ALPHA:
        return None
    return (f"test {case.run.score_name} {percent(score)} is far from the {percent(mean)} of its {count} repeats with "
            f"other seeds (p = {p:.1g})")


def _like_scratch(case: Case) -> str | None:
    accuracy = case.accuracy
    if accuracy is None or case.run.config.get("weights") == "scratch":
        return None
    scratch = [found for other in case.group if other.config.get("weights") == "scratch"
               and differs_only_in(case.run, other, _WEIGHTS) and (found := other.test_accuracy) is not None]
    if not scratch or _significantly_above(accuracy, fmean(scratch), case):
        return None
    return (f"with pretrained weights it reaches {percent(accuracy)}, no more than the same recipe from scratch with "
            f"{percent(fmean(scratch))}: check that the weights were loaded and that pictures are normalised as in "
            "pretraining")


def _significantly_above(accuracy: float, before: float, case: Case) -> bool:
    if accuracy - before <= 2 * case.rounding("top1"):
        return False
    pictures = case.test_pictures
    if pictures is None:
        return True
    return share_above(round(accuracy * pictures), pictures, round(before * pictures), pictures) < _LIKE


def _other_pictures(case: Case) -> str | None:
    run, place = case.run, ("dataset", "data_path")
    others = [other for other in case.group if other.dataset_fingerprint not in (None, run.dataset_fingerprint)
              and all(other.config.get(name) == run.config.get(name) for name in place)]
    if run.dataset_fingerprint is None or not others:
        return None
    return (f"{run.config['dataset']} had other pictures when {others[0].name} #{others[0].id} ran: the two runs were "
            "tested on different pictures")


def _fewer_epochs(case: Case) -> str | None:
    run = case.run
    longest = max((other.epoch for other in case.group if other.config.get("epochs") == run.config.get("epochs")
                   and other.status == "finished" and not other.is_imported), default=0)
    if run.is_imported or run.status != "finished" or run.epoch * 2 > longest:
        return None
    return (f"the run ended after {run.epoch} epochs, others with the same limit trained for up to {longest}: early "
            "stopping may have been too early")


KIN = (
    Rule("outlier", _outlier, "outside the prediction interval of three or more repeats (t; for classification, their "
         "spread is at least the standard error of the test set), at 1 % over all of them (Bonferroni)",
         "Student's t, prediction interval of one more value", serious=True),
    Rule("like-scratch", _like_scratch, "not above scratch in Fisher's exact test at 5 %, or by no more than rounding",
         "Fisher, 1935; Kornblith et al., 2019 (pretrained weights transfer)"),
    Rule("other-pictures", _other_pictures, "different fingerprints of the data set", "by definition", serious=True),
    Rule("fewer-epochs", _fewer_epochs, "at most half of the epochs of others", "Prechelt, 1998 (early stopping)"),
)
