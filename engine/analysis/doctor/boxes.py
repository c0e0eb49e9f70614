"""Rules about a detector's boxes: nothing detected, classes never detected, false positives, thresholds far off."""

import math

import numpy as np

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.finding import Rule
from engine.boxes.judging import Kind
from engine.evaluation.box_results import View, own_score
from engine.words import percent

_OVERLAP = 0.5
_NOTHING = 0.01
_FEW = 5
_BOXES = 20
_WORTH_SHOWING = 0.25
_PICTURES = 20
_RISEN, _APART = 1.2, 1.5


def _finds_nothing(case: Case) -> str | None:
    found = case.figures.get("map50")
    if found is None or not found < _NOTHING:  # NaN where the test set has no objects
        return None
    return (f"test mAP at IoU 0.5 is {percent(found)}: the detector finds almost nothing; try more steps, another "
            "learning rate, larger pictures or anchors that fit the objects")


def _class_never_found(case: Case) -> str | None:
    view = _view(case)
    if view is None:
        return None
    lost = [(name, curve.objects) for name, curve in zip(view.classes, view.curves, strict=True)
            if curve.objects >= _FEW and not curve.right.any()]
    if not lost:
        return None
    named = ", ".join(f"{name} ({objects})" for name, objects in lost[:3]) + " …" * (len(lost) > 3)
    return (f"no box of any score finds a test object of {named}: these classes may be too rare, too small, or "
            "labelled differently in training")


def _many_ghosts(case: Case) -> str | None:
    view = _view(case)
    if view is None or view.totals.boxes < _BOXES:
        return None
    ghosts, boxes = view.judgement.counts[Kind.GHOST], view.totals.boxes
    if 2 * ghosts <= boxes:
        return None
    return (f"{ghosts:,} of {boxes:,} boxes with a score of {view.score_threshold:g} or more touch no object: raise "
            "the score threshold, train on more pictures without objects, or check for objects that are not annotated")


def _score_off(case: Case) -> str | None:
    view = _view(case)
    if view is None:
        return None
    best = view.suppressed.at(view.suppressed.best_score(_OVERLAP), _OVERLAP)
    own = 0.0 if math.isnan(view.totals.f1) else view.totals.f1
    if best.totals.f1 < _WORTH_SHOWING or 2 * own >= best.totals.f1:
        return None
    return (f"F1 is {percent(own)} at the run's score threshold of {view.score_threshold:g}, and "
            f"{percent(best.totals.f1)} at {best.score_threshold:g}: mAP does not depend on the threshold, but "
            "precision, recall and the boxes shown do")


def _view(case: Case) -> View | None:
    """Return the boxes at the run's own thresholds; None if it finds nothing, which is a finding of its own."""
    if case.boxes is None or _finds_nothing(case) is not None:
        return None
    return case.boxes.at(own_score(case.run), _OVERLAP)


def _map_below_validation(case: Case) -> str | None:
    tested, validated = case.figures.get("map"), case.run.best_val_score
    if tested is None or not validated or case.run.is_imported or validated < _NOTHING or 2 * tested >= validated:
        return None
    if min(case.test_pictures or 0, case.validation_pictures or 0) < _PICTURES:
        return None
    return (f"test mAP {percent(tested)} is less than half of the validation mAP {percent(validated)}: validation may "
            "contain copies of training pictures, or the test pictures may be of another kind")


def _losses_apart(case: Case) -> str | None:
    """Detect overfitting by losses, as detectors have no training accuracy, once mAP no longer rises."""
    train, validation, scores = (case.curve(name) for name in ("train_loss", "val_loss", "val_map"))
    if min(len(train), len(validation), len(scores)) < 2 or not np.isfinite(validation).all():
        return None
    risen, apart = (float(validation[-1] / max(other, 1e-12)) for other in (validation.min(), train[-1]))
    if risen < _RISEN or apart < _APART or scores[-1] >= scores.max():
        return None
    return (f"overfitting: at the end the validation loss is {100 * (risen - 1):.0f} % above its minimum and "
            f"{apart:.1f} times the training loss, and mAP no longer rises; try augmentation, pretrained weights or "
            "fewer epochs")


BOXES = (
    Rule("finds-nothing", _finds_nothing, "less than 1 % mAP at IoU 0.5; random boxes stay below it",
         "by the overlap of random boxes", serious=True),
    Rule("class-never-found", _class_never_found, "no object found at IoU 0.5 by a box of any score, of five or more",
         "Bolya et al., 2020 (missed objects)"),
    Rule("many-ghosts", _many_ghosts, "more than half of the boxes at the run's own score threshold touch no object "
         "(IoU under 0.1), of twenty or more", "Bolya et al., 2020 (background errors, IoU under 0.1)"),
    Rule("score-off", _score_off, "at the run's own score threshold less than half of the F1 at the best one, which "
         "is 25 % or more", "by definition of F1"),
    Rule("map-below-validation", _map_below_validation, "less than half, with twenty pictures or more in both splits; "
         "the test mAP is usually a little lower, because the best epoch is chosen on validation",
         "Cawley and Talbot, 2010"),
    Rule("losses-apart", _losses_apart, "a detector's validation loss a fifth above its minimum and half above the "
         "training loss, after the epoch with the best mAP", "Prechelt, 1998 (early stopping)"),
)
