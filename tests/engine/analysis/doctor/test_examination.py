"""Each rule finds what it names, leaves sound runs alone, and what is serious keeps a run out until acknowledged."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

import engine.evaluation.leaks
from engine.analysis.doctor import examine, examine_all, kept_out
from engine.store import Run, Store
from tests.engine.analysis.doctor.ended import PICTURES, ended_run, targets


@pytest.fixture
def store(home: object) -> Store:
    return Store.open()


def found(store: Store, run: Run, group: Sequence[Run] = ()) -> dict[str, str]:
    return {finding.rule: finding.message for finding in examine(store, run, group)}


def test_a_sound_run_has_no_finding(store: Store) -> None:
    steps = np.exp(-np.arange(300) / 100) * np.exp(np.random.default_rng(0).normal(0, 0.3, 300))
    level = [0.5, 0.7, 0.8, 0.85, 0.88, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
    run = ended_run(store, {"loss": steps.tolist(), "val_accuracy": level, "val_loss": [1, 0.5], "epochs": level,
                            "train_accuracy": level}, accuracy=0.9, epochs=300)
    assert found(store, run) == {}


def test_leaked_test_pictures_are_told_with_the_accuracy_without_them(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ended_run(store, accuracy=0.9, fingerprint="leaky")
    monkeypatch.setattr(engine.evaluation.leaks, "known_leaks", {"leaky": frozenset(range(500, 1000))}.get)
    (finding,) = examine(store, run)
    assert finding.message == ("500 of 1,000 test pictures are among the training pictures: test accuracy is 90.00 % "
                               "on all 1,000, and 80.00 % on the 500 others")
    assert not finding.serious
    assert found(store, ended_run(store, accuracy=0.9)) == {}


def test_losses_that_are_no_numbers(store: Store) -> None:
    run = ended_run(store, {"loss": [2.0, math.nan, math.inf]}, status="failed")
    assert found(store, run)["not-finite"].startswith("2 of 3 values of loss are NaN or infinite")


def test_a_jump_of_the_network_is_a_spike_and_one_hard_batch_is_none(store: Store) -> None:
    noise = np.exp(np.random.default_rng(1).normal(0, 0.1, 200))
    hard, jumped = noise.copy(), noise.copy()
    hard[120] *= 50
    jumped[120:140] *= 8
    assert "spike" not in found(store, ended_run(store, {"loss": hard.tolist()}))
    message = found(store, ended_run(store, {"loss": jumped.tolist()}))["spike"]
    assert "at step 121" in message or "at step 1" in message


def test_no_spike_in_noise_of_heavy_tails(store: Store) -> None:
    for seed in range(20):
        loss = np.exp(0.5 * np.random.default_rng(seed).standard_t(3, 400))
        assert "spike" not in found(store, ended_run(store, {"loss": loss.tolist()}))


def test_a_gap_with_a_validation_loss_that_rises_is_overfitting(store: Store) -> None:
    curves = {"train_accuracy": [0.6, 0.9, 1.0], "val_accuracy": [0.6, 0.7, 0.7], "val_loss": [1.0, 0.8, 1.2]}
    assert "the validation loss is 50 % above its minimum" in found(store, ended_run(store, curves))["overfits"]
    calm = curves | {"val_loss": [1.0, 0.8, 0.8]}
    assert "overfits" not in found(store, ended_run(store, calm))


def test_rising_to_the_end_asks_for_a_third_more_epochs(store: Store) -> None:
    rising = [0.3 + 0.03 * epoch for epoch in range(12)]
    run = ended_run(store, {"val_accuracy": rising})
    finding = next(each for each in examine(store, run) if each.rule == "still-improving")
    assert finding.more == 4 and "by 3.0 points per epoch over the last 4" in finding.message
    early = ended_run(store, {"val_accuracy": rising}, limit=30, epochs=12)
    assert "still-improving" not in found(store, early)


def test_flat_validation_is_rarely_called_rising(store: Store) -> None:
    called = 0
    for seed in range(60):
        flat = 0.8 + np.random.default_rng(seed).normal(0, 0.018, 12)
        called += "still-improving" in found(store, ended_run(store, {"val_accuracy": flat.tolist()}))
    assert called <= 3


def test_chance_is_judged_by_balanced_accuracy_and_the_threshold_is_named(store: Store) -> None:
    at_chance = ended_run(store, predicted=np.random.default_rng(0).integers(0, 10, PICTURES))
    message = found(store, at_chance)["at-chance"]
    assert "not above chance: guessing gives 10.00 %, and only more than 12.21 % would tell it from guessing" in message
    assert "at-chance" not in found(store, ended_run(store, accuracy=0.15))


def test_a_network_that_names_few_classes_has_collapsed(store: Store) -> None:
    one = found(store, ended_run(store, predicted=np.full(PICTURES, 3)))
    assert one["at-chance"].endswith("only 1 of 10 classes are ever predicted") and "collapsed" not in one
    four = found(store, ended_run(store, predicted=np.where(targets() < 4, targets(), 0)))
    assert "only 4 of 10 classes" in four["collapsed"] and "at-chance" not in four
    six = np.where(targets() < 6, targets(), 0)
    assert "collapsed" not in found(store, ended_run(store, predicted=six))


def test_test_below_validation_counts_the_epochs_it_was_chosen_from(store: Store) -> None:
    far = ended_run(store, {"val_accuracy": [0.5, 0.99]}, accuracy=0.9)
    assert "below validation accuracy 99.00 %" in found(store, far)["below-validation"]
    near = ended_run(store, {"val_accuracy": [0.5, 0.93]}, accuracy=0.91)
    assert "below-validation" not in found(store, near)


def test_an_outlier_among_repeats_needs_three_others(store: Store) -> None:
    good = [ended_run(store, accuracy=share, seed=seed) for seed, share in enumerate((0.9, 0.91, 0.905, 0.9))]
    bad = ended_run(store, accuracy=0.3, seed=9)
    assert "far from the 90.38 % of its 4 repeats" in found(store, bad, [*good, bad])["outlier"]
    assert all("outlier" not in found(store, run, good) for run in good)
    assert "outlier" not in found(store, bad, good[:2])


def test_repeats_that_differ_by_chance_are_rarely_outliers(store: Store) -> None:
    random, called = np.random.default_rng(0), 0
    for study in range(10):
        runs = [ended_run(store, accuracy=float(np.clip(random.normal(0.8, 0.02), 0, 1)), seed=seed, epochs=study + 1)
                for seed in range(5)]
        called += sum(finding.rule == "outlier" for finding in examine_all(store, runs))
    assert called <= 1


def test_given_weights_that_change_nothing(store: Store) -> None:
    scratch = ended_run(store, accuracy=0.68, model="resnet18")
    same = ended_run(store, accuracy=0.69, model="resnet18", weights="pretrained")
    better = ended_run(store, accuracy=0.8, model="resnet18", weights="pretrained", epochs=1)
    other = ended_run(store, accuracy=0.6, model="resnet18", weights="pretrained", lr=0.5)
    group = [scratch, same, better, other]
    assert "no more than the same recipe from scratch with 68.00 %" in found(store, same, group)["like-scratch"]
    assert "like-scratch" not in found(store, better, group) | found(store, other, group)


def test_other_pictures_and_fewer_epochs_than_others(store: Store) -> None:
    long = ended_run(store, epochs=20, limit=20)
    short = ended_run(store, epochs=5, limit=20, fingerprint="other", seed=1)
    told = found(store, short, [long])
    assert f"#{long.id} ran" in told["other-pictures"] and "for up to 20" in told["fewer-epochs"]
    assert "fewer-epochs" not in found(store, long, [short])


def test_a_serious_finding_keeps_out_until_it_is_acknowledged(store: Store) -> None:
    run = ended_run(store, predicted=np.full(PICTURES, 3))
    findings = examine(store, run)
    assert kept_out(findings, store.acknowledged.of([run.id])) == {run.id}
    store.acknowledged.put(run.id, "still-improving")
    assert kept_out(findings, store.acknowledged.of([run.id])) == {run.id}
    store.acknowledged.put(run.id, "at-chance", "a rate too high, on purpose")
    known = store.acknowledged.of([run.id])
    assert kept_out(findings, known) == set()
    assert [each.note for each in known] == ["", "a rate too high, on purpose"]
    store.acknowledged.take_back(run.id, "at-chance")
    assert kept_out(findings, store.acknowledged.of([run.id])) == {run.id}
    store.runs.delete(run.id)
    assert store.acknowledged.of([run.id]) == []


def test_a_run_that_goes_on_has_no_finding(store: Store) -> None:
    assert examine(store, ended_run(store, {"loss": [math.nan]}, status="running")) == []
