"""Rules about test metrics: chance level, collapse, metrics that contradict each other or validation."""

from collections.abc import Mapping

import numpy as np

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.chance import guessed_recall, needed_share, share_above
from engine.analysis.doctor.finding import Rule
from engine.data.audits.audit import known_leaks
from engine.evaluation.results import class_names, trained_on
from engine.words import listed, percent

_CHANCE = 0.01
_LOPSIDED = 1.5
_PER_CLASS = 5
_FAMILY = 0.01
_FAR = 0.05
_HIDDEN = 0.1
_NAMED = 3
_TINY = 1e-9


def _at_chance(case: Case) -> str | None:
    found = _recall_of_guessing(case) or _accuracy_of_guessing(case)
    if found is None:
        return None
    few = _predicted_classes(case)
    return found + (f"; only {few[0]} of {few[1]} classes are ever predicted" if few else "")


def _recall_of_guessing(case: Case) -> str | None:
    predictions = case.predictions
    if predictions is None or np.count_nonzero(predictions.confusion.sum(axis=1)) < 2:
        return None
    recall, guessed, limit = guessed_recall(predictions.confusion, _CHANCE)
    if recall > limit + _TINY:
        return None
    return (f"balanced accuracy {percent(recall)} is not above chance: guessing gives {percent(guessed)}, and only "
            f"more than {percent(limit)} would tell it from guessing (permutation test at 1 %)")


def _accuracy_of_guessing(case: Case) -> str | None:
    """Judge a run of which only the accuracy on a balanced test set is known."""
    accuracy, pictures, classes = case.accuracy, case.test_pictures, case.balanced_classes
    if case.predictions is not None or accuracy is None or not pictures or not classes:
        return None
    needed = needed_share(pictures, 1 / classes, _CHANCE)
    if round(accuracy * pictures) >= round(needed * pictures):
        return None
    return (f"test accuracy {percent(accuracy)} is not above chance: guessing gives {percent(1 / classes)}, and only "
            f"{percent(needed)} or more would tell it from guessing (binomial test at 1 %)")


def _collapsed(case: Case) -> str | None:
    few = _predicted_classes(case)
    if few is None or _at_chance(case) is not None:
        return None
    return (f"only {few[0]} of {few[1]} classes are ever predicted: the network has collapsed, for example because the "
            "learning rate is too high or normalisation statistics do not match")


def _class_never_named(case: Case) -> str | None:
    """Find classes that are never predicted, although others are found too often for that to be chance."""
    predictions = case.predictions
    if predictions is None or _predicted_classes(case) is not None:
        return None
    counts, named = predictions.confusion.sum(axis=1), predictions.confusion.sum(axis=0)
    lost, found = (counts > 0) & (named == 0), (counts > 0) & (named > 0)
    if not lost.any() or not found.any():
        return None
    recall = float((predictions.confusion.diagonal()[found] / counts[found]).mean())
    lost &= (counts >= _PER_CLASS) & ((1 - recall) ** counts * np.count_nonzero(counts) < _FAMILY)
    if not lost.any():
        return None
    classes = class_names(case.run)
    names = [f"{classes[label]} ({counts[label]:,} pictures)" for label in np.flatnonzero(lost)]
    return (f"never predicted: {listed(names, _NAMED)}, while the other classes have a mean recall of "
            f"{percent(recall)}: too few training pictures, or labels that differ between training and test")


def _predicted_classes(case: Case) -> tuple[int, int] | None:
    """Return the number of predicted classes and of classes in the test set, if at most half are predicted."""
    predictions = case.predictions
    if predictions is None:
        return None
    classes = np.unique(predictions.targets)
    predicted = np.intersect1d(predictions.predicted, classes)
    if len(classes) < 2 or len(predictions.ids) < _PER_CLASS * len(classes) or 2 * len(predicted) > len(classes):
        return None
    return len(predicted), len(classes)


def _lopsided(case: Case) -> str | None:
    """Find a collapse in metrics without stored predictions."""
    precision, recall = case.figures.get("macro_precision"), case.figures.get("macro_recall")
    if precision is None or not recall or case.predictions is not None or precision < _LOPSIDED * recall:
        return None
    return (f"precision {percent(precision)} is {precision / recall:.1f} times recall {percent(recall)}: most pictures "
            "are classified as a few classes, for example because training diverged or test pictures are normalised "
            "differently; this looks like a broken run, not like an effect")


def _rare_classes_missed(case: Case) -> str | None:
    accuracy, balanced = case.accuracy, case.figures.get("balanced_accuracy")
    found = trained_on(case.run)
    if accuracy is None or balanced is None or not found.is_strong or accuracy - balanced < _HIDDEN:
        return None
    return (f"test accuracy {percent(accuracy)} hides a balanced accuracy of {percent(balanced)}: training has "
            f"{found.ratio:.0f} pictures of the largest class for each of the smallest ({found}); sampling=balanced or "
            "class_weights=balanced learn rare classes better, score=balanced accuracy chooses the checkpoint by them")


def _recall_unlike_top1(case: Case) -> str | None:
    recall, top1 = case.figures.get("macro_recall"), case.accuracy
    if recall is None or top1 is None or not case.run.is_imported or not case.balanced_classes:
        return None
    if abs(recall - top1) <= case.rounding("macro_recall") + case.rounding("top1") + _TINY:
        return None
    return (f"recall {100 * recall:.2f} and top-1 {100 * top1:.2f} differ, but are equal by definition on a balanced "
            "test set: one of the two is wrong")


def _f1_too_high(case: Case) -> str | None:
    found, means = case.figures.get("macro_f1"), f1_of_means(case.figures)
    if found is None or means is None or not case.run.is_imported:
        return None
    loose = sum(case.rounding(name) for name in ("macro_f1", "macro_precision", "macro_recall"))
    if found <= means + loose + _TINY:
        return None
    return (f"macro F1 {100 * found:.2f} is above {100 * means:.2f}, the harmonic mean of macro precision and macro "
            "recall, which is its upper bound: one of the three is wrong")


def f1_of_means(figures: Mapping[str, float]) -> float | None:
    """Return the harmonic mean of macro precision and recall, an upper bound of macro F1 (Opitz and Burst, 2019)."""
    precision, recall = figures.get("macro_precision"), figures.get("macro_recall")
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _below_validation(case: Case) -> str | None:
    """Compare with validation, corrected for choosing the best epoch: each epoch counts as a test."""
    run, tested, validated = case.run, case.test_pictures, case.validation_pictures
    if case.accuracy is None or run.best_val_accuracy is None or not tested or not validated or run.is_imported \
            or not run.score.counted:
        return None
    right, before = round(case.accuracy * tested), round(run.best_val_accuracy * validated)
    p = min(1.0, share_above(before, validated, right, tested) * max(run.epoch, 1))
    if p >= _FAMILY:
        return None
    return (f"test accuracy {percent(case.accuracy)} is below validation accuracy {percent(run.best_val_accuracy)} by "
            f"more than chance and the choice of the best epoch explain (p = {p:.1g}): validation may contain copies "
            "of training pictures, or the test pictures may be of another kind")


def _above_validation(case: Case) -> str | None:
    run, tested, validated = case.run, case.test_pictures, case.validation_pictures
    if case.accuracy is None or run.best_val_accuracy is None or not tested or not validated or run.is_imported \
            or case.accuracy - run.best_val_accuracy < _FAR or _several_views(case) or not run.score.counted:
        return None
    right, before = round(case.accuracy * tested), round(run.best_val_accuracy * validated)
    p = share_above(right, tested, before, validated)
    if p >= _FAMILY:
        return None
    return (f"test accuracy {percent(case.accuracy)} is above validation accuracy {percent(run.best_val_accuracy)}, on "
            f"which the epoch was chosen, by more than chance explains (p = {p:.1g}): test pictures may be among the "
            f"training pictures{_unaudited(case)}, or easier than those of training")


def _several_views(case: Case) -> bool:
    """Return whether the test averages over views, which validation does not."""
    return case.run.config.get("tta", "none") != "none" or "+" in str(case.run.config.get("test_scale", ""))


def _unaudited(case: Case) -> str:
    fingerprint = case.run.dataset_fingerprint
    if fingerprint and known_leaks(fingerprint) is not None:
        return ""
    return f" (nobody has looked yet: `python -m engine data {case.run.config['dataset']}`)"


LEAKS = (
    Rule("leaked-test", lambda case: next(iter(case.leak_remarks), None), "any test picture that `python -m engine "
         "data NAME` found among the training pictures; metrics and verdicts keep all",
         "Barz and Denzler, 2020 (CIFAR: 3.3 % and 10 % of the pictures)"),
)
FIGURES = (
    Rule("at-chance", _at_chance, "balanced accuracy against that of guessing, 1 / classes, by permutations of the "
         "predictions at 1 %; of a printed accuracy on a balanced test set, an exact binomial test at 1 %",
         "Brodersen et al., 2010 (balanced accuracy); Ojala and Garriga, 2010 (permutation tests of classifiers)",
         serious=True),
    Rule("collapsed", _collapsed, "half of the classes or more never predicted, with five test pictures per class",
         "by definition", serious=True),
    Rule("class-never-named", _class_never_named, "five test pictures or more, all missed, which by chance happens in "
         "less than 1 % at the mean recall of the other classes, times the number of classes (Bonferroni)",
         "the binomial probability of no success"),
    Rule("lopsided", _lopsided, "precision 1.5 times recall or more; in sound runs they differ by a fifth",
         "measured: the printed tables in tests/published", serious=True),
    Rule("rare-classes-missed", _rare_classes_missed, "balanced accuracy ten points or more below accuracy, and ten "
         "training pictures of the largest class for each of the smallest",
         "Buda et al., 2018; Brodersen et al., 2010"),
    Rule("recall-unlike-top1", _recall_unlike_top1, "a difference larger than the rounding of both",
         "by definition, on a balanced test set", serious=True),
    Rule("f1-too-high", _f1_too_high, "above the bound by more than the rounding of all three",
         "Opitz and Burst, 2019", serious=True),
    Rule("below-validation", _below_validation, "Fisher's exact test at 1 %, times the number of epochs among which "
         "the best was chosen (Bonferroni)", "Fisher, 1935; Cawley and Talbot, 2010 (choosing on validation)"),
    Rule("above-validation", _above_validation, "five points or more, and Fisher's exact test at 1 %; not where the "
         "test alone averages over views", "Barz and Denzler, 2020 (copies in test sets); Fisher, 1935"),
)
