"""What the figures of a test tell: chance, collapse, figures that contradict each other or validation."""

from collections.abc import Mapping

import numpy as np

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.chance import at_least, share_above
from engine.analysis.doctor.finding import Rule
from engine.words import percent

_CHANCE = 0.01
_LOPSIDED = 1.5
_A_CLASS = 5
_FAMILY = 0.01
_TINY = 1e-9


def _at_chance(case: Case) -> str | None:
    accuracy, pictures, share = case.accuracy, case.test_pictures, _commonest(case)
    if accuracy is None or not pictures or share is None:
        return None
    p = at_least(round(accuracy * pictures), pictures, share)
    if p <= _CHANCE:
        return None
    few = _named_classes(case)
    only = f"; only {few[0]} of {few[1]} classes are ever named" if few else ""
    return (f"test accuracy {percent(accuracy)} is not above chance: always naming the commonest class gives "
            f"{percent(share)} (binomial test, p = {p:.2g}){only}")


def _commonest(case: Case) -> float | None:
    """The share of the commonest class among the test pictures; None where it is not known."""
    if case.predictions is not None:
        return float(np.bincount(case.predictions.targets).max() / len(case.predictions.targets))
    return 1 / case.balanced_classes if case.balanced_classes else None


def _collapsed(case: Case) -> str | None:
    few = _named_classes(case)
    if few is None or _at_chance(case) is not None:
        return None
    return (f"only {few[0]} of {few[1]} classes are ever named: the network has collapsed onto them, as by a learning "
            "rate too high or norm statistics of other pictures")


def _named_classes(case: Case) -> tuple[int, int] | None:
    """How many of the classes that have pictures are named at all, where those are half of them or fewer."""
    said = case.predictions
    if said is None:
        return None
    there = np.unique(said.targets)
    named = np.intersect1d(said.predicted, there)
    if len(there) < 2 or len(said.ids) < _A_CLASS * len(there) or 2 * len(named) > len(there):
        return None
    return len(named), len(there)


def _lopsided(case: Case) -> str | None:
    """For figures without predictions, where a collapse shows in nothing else."""
    precision, recall = case.figures.get("macro_precision"), case.figures.get("macro_recall")
    if precision is None or not recall or case.predictions is not None or precision < _LOPSIDED * recall:
        return None
    return (f"precision {percent(precision)} is {precision / recall:.1f} times recall {percent(recall)}: most pictures "
            "are taken for a few classes, as when training has broken down or test pictures are normalised "
            "otherwise; this looks like a broken run, not like an effect")


def _recall_unlike_top1(case: Case) -> str | None:
    recall, top1 = case.figures.get("macro_recall"), case.accuracy
    if recall is None or top1 is None or not case.run.is_imported or not case.balanced_classes:
        return None
    if abs(recall - top1) <= case.rounding("macro_recall") + case.rounding("top1") + _TINY:
        return None
    return (f"recall {100 * recall:.2f} and top-1 {100 * top1:.2f} are one and the same figure on a test set with "
            "equally many pictures of each class: one of the two is wrong")


def _f1_too_high(case: Case) -> str | None:
    found, means = case.figures.get("macro_f1"), f1_of_means(case.figures)
    if found is None or means is None or not case.run.is_imported:
        return None
    loose = sum(case.rounding(name) for name in ("macro_f1", "macro_precision", "macro_recall"))
    if found <= means + loose + _TINY:
        return None
    return (f"a mean of the classes' F1 cannot be {100 * found:.2f}, above {100 * means:.2f}, the harmonic mean of the "
            "precision and recall beside it: one of the three is wrong")


def f1_of_means(figures: Mapping[str, float]) -> float | None:
    """Harmonic mean of macro precision and macro recall, which the mean of F1 never exceeds (Opitz and Burst, 2019)."""
    precision, recall = figures.get("macro_precision"), figures.get("macro_recall")
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _below_validation(case: Case) -> str | None:
    """The best of E epochs flatters validation, so each epoch counts as a test of its own."""
    run, tested, validated = case.run, case.test_pictures, case.validation_pictures
    if case.accuracy is None or run.best_val_accuracy is None or not tested or not validated or run.is_imported:
        return None
    right, before = round(case.accuracy * tested), round(run.best_val_accuracy * validated)
    p = min(1.0, share_above(before, validated, right, tested) * max(run.epoch, 1))
    if p >= _FAMILY:
        return None
    return (f"test accuracy {percent(case.accuracy)} is below validation's {percent(run.best_val_accuracy)} by more "
            f"than chance and the choice of the best epoch explain (p = {p:.1g}): copies of training pictures in "
            "validation, or test pictures of another kind")


FIGURES = (
    Rule("at-chance", _at_chance, "an exact binomial test against the share of the commonest class, at 1 %",
         serious=True),
    Rule("collapsed", _collapsed, "half of the classes or more never named, with five test pictures a class",
         serious=True),
    Rule("lopsided", _lopsided, "precision half as high again as recall; in sound runs they differ by a fifth",
         serious=True),
    Rule("recall-unlike-top1", _recall_unlike_top1, "further apart than the rounding of both", serious=True),
    Rule("f1-too-high", _f1_too_high, "above the bound by more than the rounding of all three", serious=True),
    Rule("below-validation", _below_validation, "Fisher's exact test at 1 %, times the number of epochs among which "
         "the best was chosen (Bonferroni)"),
)
