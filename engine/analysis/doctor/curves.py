"""Rules about curves: losses that are not finite, chance, spikes, overfitting, and scores that were still rising.

Only two of them can be sure before the end: a falling learning rate often mends what the others find.
"""

import math

import numpy as np

from engine.analysis.doctor.case import Case, standard_error
from engine.analysis.doctor.chance import needed_share, rising
from engine.analysis.doctor.finding import Rule
from engine.evaluation.metrics import Floats
from engine.words import percent

_LOSSES = ("loss", "train_loss", "val_loss")
_WINDOW, _AFTER = 50, 5
_BLOCK = 20_000
_TRIPLED, _STAYS, _SPREADS = math.log(3), math.log(1.5), 8.0
_GAP, _RISEN = 0.1, 1.2
_TREND_AT_LEAST, _TREND_AT_MOST = 4, 10
_SURE, _A_POINT = 0.01, 0.01
_FALLING, _FELL = ("cosine", "onecycle", "step"), 0.9
_WIDE = 0.2
_FALL, _TIMES = 0.1, 3
_TELLING, _FALLS, _STEPS = 0.1, 0.05, 100
_NO_OBJECT = 0.01


def _not_finite(case: Case) -> str | None:
    for name in _LOSSES:
        bad, count = case.nonfinite(name)
        if bad:
            return (f"{bad:,} of {count:,} values of {name.replace('_', ' ')} are NaN or infinite: "
                    "a lower learning rate, gradient clipping or fp32 usually helps")
    return None


def _learns_nothing(case: Case) -> str | None:
    """Find a run that guesses, from validation alone; once there is a test, rules about the test judge that."""
    losses = case.curve("train_loss")
    steps = case.run.steps_per_epoch * len(losses)
    if case.run.test_score is not None or len(losses) < _TREND_AT_LEAST or 0 < steps < _STEPS:
        return None
    return None if _falls(losses[-_TREND_AT_LEAST:]) else _guesses(case) or _finds_no_object(case)


def _finds_no_object(case: Case) -> str | None:
    scores = case.curve("val_map50")
    if not len(scores) or not scores[-1] < _NO_OBJECT:  # NaN where validation has no objects
        return None
    return (f"validation mAP at IoU 0.5 is {percent(scores[-1])} and the loss does not fall: the detector finds almost "
            "nothing; another learning rate, larger pictures or a look at the boxes usually helps")


def _guesses(case: Case) -> str | None:
    scores, pictures = case.curve("val_accuracy"), case.validation_pictures
    classes = int(case.run.resolved.get("classes") or 0)
    if not len(scores) or not pictures or classes < 2:
        return None
    needed = needed_share(pictures, 1 / classes, _SURE)
    seen = max([scores[-1], *case.curve("train_accuracy")[-1:]])
    if needed - 1 / classes > _TELLING or not seen < needed:
        return None
    return (f"validation accuracy {percent(scores[-1])} is not above chance and the loss does not fall: guessing gives "
            f"{percent(1 / classes)}, and only {percent(needed)} or more would tell it from guessing; another learning "
            "rate, a warm-up or a look at the labels usually helps")


def _falls(losses: Floats) -> bool:
    slope, p = rising(-losses)
    return slope > 0 and p < _FALLS


def _spike(case: Case) -> str | None:
    """Find jumps of the loss that last for several steps, unlike the loss of one hard batch."""
    loss = case.curve("loss")
    if len(loss) < 2 * _WINDOW or not np.isfinite(loss).all() or loss.min() <= 0:
        return None
    logs = np.log(loss)
    usual = _running_median(logs[:-1], _WINDOW)
    above = logs[_WINDOW:] - usual
    spread = 1.4826 * float(np.median(np.abs(above - np.median(above))))
    after = _running_median(logs[_WINDOW + 1:], _AFTER)
    above, usual = above[:len(after)], usual[:len(after)]
    jumped = (above > max(_TRIPLED, _SPREADS * spread)) & (after - usual > max(_STAYS, 2 * spread))
    if not jumped.any():
        return None
    worst = int(np.argmax(np.where(jumped, above, -np.inf)))
    return (f"the loss jumped to {math.exp(above[worst]):.1f} times its usual value at step {_WINDOW + worst + 1:,} "
            "and stayed high: warm-up, gradient clipping or a lower learning rate usually prevents it")


def _running_median(values: Floats, width: int) -> Floats:
    """Return the median of each window, in blocks: all windows of a long run would take gigabytes."""
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    blocks = [np.median(windows[start:start + _BLOCK], axis=1) for start in range(0, len(windows), _BLOCK)]
    return np.concatenate(blocks)


def _overfits(case: Case) -> str | None:
    train, validation, losses = (case.curve(name) for name in ("train_accuracy", "val_accuracy", "val_loss"))
    if min(len(train), len(validation), len(losses)) < 2 or not np.isfinite(losses).all():
        return None
    gap, risen = float(train[-1] - validation[-1]), float(losses[-1] / max(losses.min(), 1e-12))
    noise = 3 * standard_error(float(validation[-1]), case.validation_pictures)
    if gap < max(_GAP, noise) or risen < _RISEN:
        return None
    return (f"overfitting: at the end accuracy is {percent(train[-1])} in training and {percent(validation[-1])} in "
            f"validation, and the validation loss is {100 * (risen - 1):.0f} % above its minimum; try augmentation, "
            "weight decay or fewer epochs")


def _memorised(case: Case) -> str | None:
    """Find what ``_overfits`` leaves out: a wide gap although the validation loss stays low, or is not known."""
    train, validation = case.curve("train_accuracy"), case.curve("val_accuracy")
    if min(len(train), len(validation)) < 2 or _overfits(case) is not None:
        return None
    noise = 3 * standard_error(float(validation[-1]), case.validation_pictures)
    if not train[-1] - validation[-1] >= max(_WIDE, noise):
        return None
    return (f"at the end accuracy is {percent(train[-1])} in training and {percent(validation[-1])} in validation, "
            "although the validation loss has not risen: the network knows its training pictures by heart; more "
            "pictures, augmentation or pretrained weights usually narrow the gap")


def _fell_late(case: Case) -> str | None:
    """Find a score that has collapsed after its best epoch, by more than it used to change from epoch to epoch."""
    score = case.run.score
    scores = case.curve(score.validation)
    if len(scores) < _TREND_AT_LEAST or not np.isfinite(scores).all():
        return None
    best = int(scores.argmax())
    fall = float(scores[best] - scores[-1])
    usual = float(np.median(np.abs(np.diff(scores))))
    noise = standard_error(float(scores[best]), case.validation_pictures) if score.counted else _A_POINT
    if fall < max(_FALL, _TIMES * usual, _TIMES * noise):
        return None
    return (f"validation {case.run.score_name} fell from {percent(scores[best])} after epoch {best + 1} to "
            f"{percent(scores[-1])} at the end: the best checkpoint is tested, but training has come apart; a falling "
            "learning rate, gradient clipping or early stopping usually prevents it")


def _still_improving(case: Case) -> str | None:
    trend = _trend(case)
    if trend is None:
        return None
    return (f"validation {case.run.score_name} was still rising at the end, by {100 * trend[0]:.1f} points per epoch "
            f"over the last {trend[1]}: the recipe may reach more with longer training")


def _trend(case: Case) -> tuple[float, int] | None:
    """Return the slope over the last third of the epochs and their number, if it is significant and relevant."""
    run, score = case.run, case.run.score
    curve = case.curve(score.validation)
    count = min(max(len(curve) // 3, _TREND_AT_LEAST), _TREND_AT_MOST)
    if run.status != "finished" or len(curve) <= count or run.epoch < int(run.config["epochs"]):
        return None
    last = curve[-count:]
    if not np.isfinite(last).all() or np.ptp(last) == 0:
        return None
    if _rate_fell(case, count / len(curve)):
        return None
    slope, p = rising(last)
    noise = standard_error(float(last[-1]), case.validation_pictures) if score.counted else _A_POINT
    matters = slope * count > noise
    return (slope, count) if p < _SURE and matters else None


def _rate_fell(case: Case, share: float) -> bool:
    """Return whether the learning rate fell in the last ``share`` of the steps: then scores rise to a natural end."""
    rates = case.curve("lr")
    if not len(rates):
        return case.run.config.get("schedule") in _FALLING
    return bool(rates[-1] < _FELL * rates[int(len(rates) * (1 - share))])


def _more(case: Case) -> int:
    """Return a third of the epochs so far."""
    return max(1, round(case.run.epoch / 3))


CURVES = (
    Rule("not-finite", _not_finite, "any such value: later metrics cannot be trusted", "by definition", serious=True,
         sure=1),
    Rule("learns-nothing", _learns_nothing, "accuracy in training and in validation not above guessing (binomial test "
         "at 1 %, where ten points would be enough), or a detector's mAP at IoU 0.5 below 1 %; and the training loss "
         "of the last four epochs not falling (t-test of the slope at 5 %), from the hundredth step on; not where a "
         "test has been made", "the binomial test; Student's t; by the overlap of random boxes", serious=True, sure=3),
    Rule("spike", _spike, "three times the median of the 50 steps before, and eight robust spreads (1.4826 MAD) of the "
         "run's steps above it; the median of the five steps after still half above it and two spreads above it, which "
         "excludes single hard batches", "Chowdhery et al., 2023, section 5.1 (loss spikes)"),
    Rule("overfits", _overfits, "a gap of ten points and of three standard errors of validation accuracy, and a "
         "validation loss a fifth above its minimum", "Prechelt, 1998 (early stopping: loss above its minimum)"),
    Rule("memorised", _memorised, "a gap of twenty points and of three standard errors of validation accuracy, without "
         "the loss that makes it overfits", "Zhang et al., 2017 (networks fit any labels by heart)"),
    Rule("fell-late", _fell_late, "ten points below the best epoch, three times the median change from epoch to epoch, "
         "and three standard errors (of mAP three points)", "Prechelt, 1998; the binomial standard error"),
    Rule("still-improving", _still_improving, "a one-sided t-test of the slope over the last third of the epochs (4 to "
         "10 of them) at 1 %, and a gain over them above one standard error of validation accuracy, or a point of mAP; "
         "not where the learning rate fell by a tenth or more meanwhile, since scores rise at such an end",
         "Student's t; Loshchilov and Hutter, 2017 (scores rise as the rate falls)", more=_more),
)
