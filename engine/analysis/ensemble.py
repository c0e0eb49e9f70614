"""Ensembles of runs from stored predictions: their gain with a confidence interval, and the members' disagreement."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from engine.errors import UserError
from engine.evaluation.metrics import Floats, Ints, Predictions, summary
from engine.evaluation.predictions import load_predictions
from engine.evaluation.results import class_names
from engine.store import Conditions, Evaluation, Run, Store
from engine.tasks import TASKS

WEIGHTINGS = {
    "mean": "Equal weights.",
    "fitted": "Weights with the least validation loss; the test set is not used.",
}
_CHECKPOINTS = ("best", "last")


@dataclass(frozen=True, eq=False)
class Member:
    """A run with its predictions without test-time augmentation; ``validation`` is None if not stored."""

    run: Run
    checkpoint: str
    test: Predictions
    validation: Predictions | None


_LEVEL, _Z = 0.95, 1.959964


@dataclass(frozen=True)
class Gain:
    """A difference of accuracies (fractions) and its interval over the test pictures."""

    value: float
    low: float
    high: float
    level: float

    @property
    def verdict(self) -> str:
        """Whether the interval excludes zero, in words."""
        if self.low <= 0 <= self.high:
            return "no significant difference"
        return "significantly better" if self.low > 0 else "significantly worse"


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Members, their weights (non-negative, sum 1), and the weighted mean of their softmax on the test pictures."""

    members: tuple[Member, ...]
    weights: tuple[float, ...]
    predictions: Predictions

    @cached_property
    def metrics(self) -> dict[str, float]:
        return summary(self.predictions)

    @cached_property
    def of_members(self) -> list[dict[str, float]]:
        """The test metrics of each member."""
        return [summary(member.test) for member in self.members]

    @property
    def best(self) -> int:
        """The member with the highest test accuracy; choosing it on the test set makes the gain conservative."""
        return max(range(len(self.members)), key=lambda place: self.of_members[place]["top1"])

    def gain(self) -> Gain:
        """Return the gain in top-1 accuracy over the best member, with its interval over the test pictures."""
        return paired_gain(self.members[self.best].test, self.predictions)

    @cached_property
    def disagreement(self) -> Floats:
        """float64 [M, M]: share of test pictures that two members classify differently."""
        predicted = np.stack([member.test.predicted for member in self.members])
        differs: Floats = (predicted[:, None] != predicted[None]).mean(axis=2)
        return differs

    @cached_property
    def error_overlap(self) -> Floats:
        """float64 [M, M]: shared errors of two members over the errors of either; 1 if there are none."""
        wrong = np.stack([member.test.predicted != member.test.targets for member in self.members])
        both, either = (wrong[:, None] & wrong[None]).sum(axis=2), (wrong[:, None] | wrong[None]).sum(axis=2)
        overlap: Floats = np.divide(both, either, out=np.ones(both.shape), where=either > 0)
        return overlap


def load_members(store: Store, runs: Sequence[Run]) -> list[Member]:
    """Load two or more runs with stored test predictions on the same pictures.

    Raises:
        UserError: there are too few runs, one was not tested or has a task without averaging, or they were tested on
            different pictures or classes.
    """
    if len({run.id for run in runs}) < 2:
        raise UserError("ensemble: needs two different runs or more")
    alone = next((run for run in runs if not (TASKS[run.task].averages and TASKS[run.task].one_class_a_picture)), None)
    if alone:
        raise UserError(f"ensemble: {alone.name} is a run of {alone.task}, whose predictions cannot be averaged")
    members = [_member(store, run) for run in runs]
    first = members[0]
    for other in members[1:]:
        if first.run.dataset_fingerprint != other.run.dataset_fingerprint \
                or class_names(first.run) != class_names(other.run) or not same_pictures(first.test, other.test):
            raise UserError(f"ensemble: {other.run.name} and {first.run.name} were tested on different pictures")
    return members


def combine(members: Sequence[Member], weighting: str = "mean") -> Ensemble:
    """Combine members into an ensemble, with a key of :data:`WEIGHTINGS`.

    Raises:
        UserError: weights cannot be fitted: validation predictions are missing or of different pictures.
    """
    if weighting == "fitted":
        weights = fit_weights(_validation_predictions(members))
    else:
        weights = np.full(len(members), 1 / len(members))
    return Ensemble(tuple(members), tuple(float(weight) for weight in weights),
                    mix_predictions([member.test for member in members], weights))


def mix_predictions(predictions: Sequence[Predictions], weights: Floats) -> Predictions:
    """Return the weighted mean of the softmax, as logits."""
    with np.errstate(divide="ignore"):
        logs = np.log(weights)
    total = np.full(predictions[0].logits.shape, -np.inf)
    for log, each in zip(logs, predictions, strict=True):
        total = np.logaddexp(total, log + each.log_probabilities)
    return Predictions(predictions[0].ids, predictions[0].targets, total.astype(np.float32))


def fit_weights(predictions: Sequence[Predictions]) -> Floats:
    """Fit the weights [M] of the mixture with the least mean loss, by L-BFGS over the logits of the weights.

    The loss is convex in the weights, so the minimum is global.
    """
    of_truth = -np.stack([each.losses for each in predictions])  # [M, N] log-probability of the true class

    def loss(free: Floats) -> tuple[float, Floats]:
        weights = softmax(free)
        joint = of_truth + np.log(weights)[:, None]
        log_mixture = logsumexp(joint, axis=0)
        shares = np.exp(joint - log_mixture).mean(axis=1)
        return -float(log_mixture.mean()), weights - shares

    found = minimize(loss, np.zeros(len(predictions)), jac=True, method="L-BFGS-B",
                     bounds=[(-12, 12)] * len(predictions))
    weights: Floats = softmax(found.x)
    return weights


def paired_gain(before: Predictions, after: Predictions) -> Gain:
    """Return the difference of accuracies on the same pictures, with its interval."""
    right_before, right_after = (each.predicted == each.targets for each in (before, after))
    return mean_change(right_after.astype(int) - right_before.astype(int))


def mean_change(change: Ints) -> Gain:
    """Return the mean of changes of −1, 0 and 1, with the adjusted Wald interval for paired proportions (Bonett and
    Price, 2012).

    It counts one more picture that is fixed and one more that is broken. A bootstrap cannot see a change that none of
    the pictures shows: of 100 pictures of which 2 % are fixed and none is broken, its intervals cover 86 %.
    """
    count = len(change) + 2
    fixed, broken = (float((change == sign).sum() + 1) / count for sign in (1, -1))
    centre, half = fixed - broken, _Z * math.sqrt((fixed + broken - (fixed - broken) ** 2) / count)
    return Gain(float(change.mean()), max(-1.0, centre - half), min(1.0, centre + half), _LEVEL)


def _member(store: Store, run: Run) -> Member:
    if run.is_imported:
        raise UserError(f"ensemble: {run.name}: {run.lacks}")
    stored = {found.conditions: found for found in store.evaluations.of(run.id)}
    for checkpoint in _CHECKPOINTS:
        tested = stored.get(Conditions(checkpoint, "test"))
        if tested is not None:
            validated = _same_weights(tested, stored.get(Conditions(checkpoint, "val")))
            return Member(run, checkpoint, load_predictions(tested.predictions),
                          load_predictions(validated.predictions) if validated else None)
    raise UserError(f"ensemble: {run.name} has no stored test predictions; "
                    f"python -m engine evaluate {run.id} makes them")


def _same_weights(tested: Evaluation, validated: Evaluation | None) -> Evaluation | None:
    return validated if validated and validated.weights == tested.weights else None


def _validation_predictions(members: Sequence[Member]) -> list[Predictions]:
    found = [member.validation for member in members if member.validation is not None]
    if len(found) < len(members):
        lacking = next(member.run for member in members if member.validation is None)
        raise UserError(f"ensemble: {lacking.name} has no stored validation predictions to fit weights on; "
                        f"python -m engine evaluate {lacking.id} makes them")
    for member, each in zip(members, found, strict=True):
        if not same_pictures(found[0], each):
            raise UserError(f"ensemble: {member.run.name} and {members[0].run.name} have different validation pictures "
                            "(see val_fraction and seed), so weights cannot be fitted; use mean weights")
    return found


def same_pictures(one: Predictions, other: Predictions) -> bool:
    """Return whether both have the same pictures and labels in the same order, and the same number of classes."""
    return one.logits.shape == other.logits.shape and bool((one.ids == other.ids).all()) \
        and bool((one.targets == other.targets).all())
