"""Ensembles of runs from their stored predictions: what averaging them gains, how surely, and how they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from engine.errors import UserError
from engine.evaluation.metrics import Floats, Predictions, summary
from engine.evaluation.predictions import load_predictions
from engine.evaluation.results import class_names
from engine.store import Conditions, Evaluation, Run, Store
from engine.tasks import TASKS

WEIGHTINGS = {
    "mean": "Every member counts the same.",
    "fitted": "Weights with the least loss on the validation pictures; the test set has no part in them.",
}
_CHECKPOINTS = ("best", "last")


@dataclass(frozen=True, eq=False)
class Member:
    """A run and what it said, without test-time augmentation; ``validation`` is None when that was not stored."""

    run: Run
    checkpoint: str
    test: Predictions
    validation: Predictions | None


@dataclass(frozen=True)
class Gain:
    """A difference of accuracies (fractions) and its paired bootstrap interval."""

    value: float
    low: float
    high: float
    level: float = 0.95


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
        """Each member's own test figures."""
        return [summary(member.test) for member in self.members]

    @property
    def best(self) -> int:
        """The member with the highest test accuracy: chosen on the test set, so that the gain is not flattered."""
        return max(range(len(self.members)), key=lambda place: self.of_members[place]["top1"])

    def gain(self, resamples: int = 10_000, seed: int = 0) -> Gain:
        """Top-1 over the best member, with a paired bootstrap over the test pictures."""
        return paired_gain(self.members[self.best].test, self.predictions, resamples, seed)

    @cached_property
    def disagreement(self) -> Floats:
        """float64 [M, M]: share of test pictures that two members classify differently."""
        said = np.stack([member.test.predicted for member in self.members])
        differs: Floats = (said[:, None] != said[None]).mean(axis=2)
        return differs

    @cached_property
    def error_overlap(self) -> Floats:
        """float64 [M, M]: of the pictures either of two gets wrong, the share that both do; 1 if neither errs."""
        wrong = np.stack([member.test.predicted != member.test.targets for member in self.members])
        both, either = (wrong[:, None] & wrong[None]).sum(axis=2), (wrong[:, None] | wrong[None]).sum(axis=2)
        overlap: Floats = np.divide(both, either, out=np.ones(both.shape), where=either > 0)
        return overlap


def load_members(store: Store, runs: Sequence[Run]) -> list[Member]:
    """Two or more runs with stored test predictions on the same pictures.

    Raises:
        UserError: too few, one was not tested or is of a task that cannot be averaged, or they were tested on
            different pictures or classes.
    """
    if len({run.id for run in runs}) < 2:
        raise UserError("ensemble: needs two different runs or more")
    alone = next((run for run in runs if not TASKS[run.task].averages), None)
    if alone:
        raise UserError(f"ensemble: {alone.name} is a run of {alone.task}, whose predictions cannot be averaged")
    members = [_member(store, run) for run in runs]
    first = members[0]
    for other in members[1:]:
        if first.run.dataset_fingerprint != other.run.dataset_fingerprint \
                or class_names(first.run) != class_names(other.run) or not same_pictures(first.test, other.test):
            raise UserError(f"ensemble: {other.run.name} was tested on other pictures than {first.run.name}")
    return members


def combine(members: Sequence[Member], weighting: str = "mean") -> Ensemble:
    """The ensemble of members, weighted as :data:`WEIGHTINGS` says.

    Raises:
        UserError: weights are to be fitted and validation predictions are missing or of different pictures.
    """
    if weighting == "fitted":
        weights = fitted_weights(_validations(members))
    else:
        weights = np.full(len(members), 1 / len(members))
    return Ensemble(tuple(members), tuple(float(weight) for weight in weights),
                    mixed([member.test for member in members], weights))


def mixed(predictions: Sequence[Predictions], weights: Floats) -> Predictions:
    """The weighted mean of softmax as logits: their softmax is the mixture."""
    with np.errstate(divide="ignore"):
        logs = np.log(weights)
    total = np.full(predictions[0].logits.shape, -np.inf)
    for log, each in zip(logs, predictions, strict=True):
        total = np.logaddexp(total, log + each.log_probabilities)
    return Predictions(predictions[0].ids, predictions[0].targets, total.astype(np.float32))


def fitted_weights(predictions: Sequence[Predictions]) -> Floats:
    """The weights [M] of the mixture with the least mean loss on these pictures: L-BFGS over the softmax of M numbers.

    In the weights themselves the loss is convex, so the minimum found is the only one.
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


def paired_gain(before: Predictions, after: Predictions, resamples: int = 10_000, seed: int = 0,
                level: float = 0.95) -> Gain:
    """Difference of accuracies on the same pictures with its percentile interval (Efron, 1979).

    A resample draws N pictures with replacement; as each changes the difference by −1, 0 or +1, drawing how often each
    of the three comes is the same and takes no loop.
    """
    change = (after.predicted == after.targets).astype(int) - (before.predicted == before.targets).astype(int)
    count = len(change)
    shares = np.bincount(change + 1, minlength=3) / count
    worse, _, better = np.random.default_rng(seed).multinomial(count, shares, size=resamples).T
    low, high = np.quantile((better - worse) / count, [(1 - level) / 2, (1 + level) / 2])
    return Gain(float(change.mean()), float(low), float(high), level)


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


def _validations(members: Sequence[Member]) -> list[Predictions]:
    found = [member.validation for member in members if member.validation is not None]
    if len(found) < len(members):
        lacking = next(member.run for member in members if member.validation is None)
        raise UserError(f"ensemble: {lacking.name} has no stored validation predictions to fit weights on; "
                        f"python -m engine evaluate {lacking.id} makes them")
    for member, each in zip(members, found, strict=True):
        if not same_pictures(found[0], each):
            raise UserError(f"ensemble: {member.run.name} held back other validation pictures than "
                            f"{members[0].run.name} (val_fraction and seed decide which): weights cannot be fitted")
    return found


def same_pictures(one: Predictions, other: Predictions) -> bool:
    """The same pictures with the same labels in the same order, and as many classes."""
    return one.logits.shape == other.logits.shape and bool((one.ids == other.ids).all()) \
        and bool((one.targets == other.targets).all())
