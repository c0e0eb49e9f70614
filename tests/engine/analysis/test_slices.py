"""Slices: their tests are the usual ones, and a group that is worse or got worse is named."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from engine.analysis.slices import (
    Change,
    corrected,
    fisher,
    name_worsened,
    name_worst,
    slice_changes,
    slice_rows,
    wilson,
)
from engine.boxes.metrics import DetectionOutcome, summary
from engine.evaluation.metrics import Predictions
from engine.evaluation.metrics import summary as summary_of
from engine.evaluation.slices import CLASS, Slicing
from tests.engine.boxes.scenes import random_detections, random_truth


def predictions(right: np.ndarray, seed: int = 0) -> Predictions:
    """Of four classes; ``right`` says which are."""
    random = np.random.default_rng(seed)
    targets = np.arange(len(right)) % 4
    logits = random.normal(size=(len(right), 4)).astype(np.float32)
    logits[np.arange(len(right)), np.where(right, targets, (targets + 1) % 4)] += 9
    return Predictions(np.arange(len(right)), targets, logits)


def halves(pictures: int = 400) -> Slicing:
    return Slicing("light", ("dark", "bright"), (np.arange(pictures) >= pictures // 2).astype(np.int64))


def worse_in_the_dark(seed: int = 0, dark: float = 0.7, bright: float = 0.95) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.random(400) < np.where(np.arange(400) < 200, dark, bright)


@pytest.mark.parametrize("table", [(8, 2, 95, 5), (0, 12, 5, 30), (20, 0, 20, 0), (3, 9, 300, 40), (50, 1, 49, 50)])
def test_fishers_test_is_scipys(table: tuple[int, int, int, int]) -> None:
    right, wrong, others, rest = table
    assert fisher(*table) == pytest.approx(stats.fisher_exact([[right, wrong], [others, rest]])[1], rel=1e-6)


@pytest.mark.parametrize(("right", "pictures"), [(0, 10), (10, 10), (37, 50)])
def test_wilsons_interval_is_statsmodels(right: int, pictures: int) -> None:
    assert wilson(right, pictures) == pytest.approx(proportion_confint(right, pictures, method="wilson"), abs=1e-12)


def test_a_share_has_wilsons_interval_and_fishers_test_with_holms_correction() -> None:
    right = worse_in_the_dark()
    classes = Slicing(CLASS, tuple("abcd"), np.arange(400) % 4)
    rows = slice_rows(predictions(right), "top1", (halves(), classes))
    assert len(rows) == 6 and rows[0].group == "dark"
    assert rows[0].value == pytest.approx(right[:200].mean()) and rows[0].rest == pytest.approx(right[200:].mean())
    groups = {(row.slicing, row.group): row for row in rows}
    members = {("light", "dark"): np.arange(400) < 200, ("light", "bright"): np.arange(400) >= 200,
               **{(CLASS, name): np.arange(400) % 4 == place for place, name in enumerate("abcd")}}
    plain = [stats.fisher_exact([[right[own].sum(), (~right[own]).sum()], [right[~own].sum(), (~right[~own]).sum()]])[1]
             for own in members.values()]
    assert [groups[name].p for name in members] == pytest.approx(list(multipletests(plain, method="holm")[1]), rel=1e-6)
    told = name_worst(rows, "top1")
    assert told[0] == "Worse than the rest beyond chance: 1 slice (Holm's correction over 6 slices)"
    assert told[1].startswith("light dark, top-1 ") and "95 % interval" in told[1].replace("95%", "95 %")
    assert len(told) == 2


def test_a_loss_has_welchs_test_and_the_higher_is_the_worse() -> None:
    found = predictions(worse_in_the_dark())
    dark, bright = found.losses[:200], found.losses[200:]
    rows = slice_rows(found, "loss", (halves(),))
    assert [row.group for row in rows] == ["dark", "bright"]
    raw = stats.ttest_ind(dark, bright, equal_var=False).pvalue
    assert rows[0].p == pytest.approx(min(1, 2 * raw), rel=1e-6)
    interval = stats.t.interval(0.95, 199, dark.mean(), stats.sem(dark))
    assert rows[0][4:6] == pytest.approx(interval)
    assert "light dark, loss" in name_worst(rows, "loss")[1]


def test_a_metric_over_classes_is_that_of_the_slices_pictures_and_has_no_slice_of_one_class() -> None:
    found = predictions(worse_in_the_dark())
    rows = slice_rows(found, "macro_f1", (halves(), Slicing(CLASS, tuple("abcd"), np.arange(400) % 4)))
    assert {row.slicing for row in rows} == {"light"}
    dark = next(row for row in rows if row.group == "dark")
    assert dark.value == pytest.approx(summary_of(found.take(np.arange(200)))["macro_f1"])
    assert dark.low < dark.value < dark.high < dark.rest and dark.p < 0.001


def test_a_detectors_slice_is_its_metric_on_those_pictures() -> None:
    truth = random_truth(1, 100)
    outcome = DetectionOutcome(random_detections(truth, 2), truth)
    rows = slice_rows(outcome, "map", (halves(100),))
    first = next(row for row in rows if row.group == "dark")
    taken = outcome.take(np.arange(50))
    assert first.value == pytest.approx(summary(taken.detections, taken.truth)["map"], abs=1e-6)
    assert first.low < first.value < first.high


def test_small_slices_and_nearly_everything_are_left_out() -> None:
    few = Slicing("few", ("nine", "most"), (np.arange(400) >= 9).astype(np.int64))
    assert slice_rows(predictions(worse_in_the_dark()), "top1", (few,)) == []
    assert name_worst([], "top1") == []


def test_without_a_difference_slices_are_rarely_called_worse() -> None:
    """Of 300 sets of pictures without any difference, about one in forty, at most one in twelve."""
    called = [name_worst(slice_rows(predictions(worse_in_the_dark(seed, 0.9, 0.9)), "top1", (
        halves(), Slicing(CLASS, tuple("abcd"), np.arange(400) % 4))), "top1")[0].startswith("Worse")
        for seed in range(300)]
    assert np.mean(called) <= 1 / 12


def test_a_gain_in_the_mean_that_hurts_a_slice_is_seen() -> None:
    before, after = worse_in_the_dark(1, 0.9, 0.6), worse_in_the_dark(2, 0.6, 0.99)
    assert after.mean() > before.mean()
    changes = corrected(slice_changes(predictions(before), predictions(after), "top1", (halves(),)))
    assert [change.group for change in changes] == ["bright", "dark"]
    assert changes[1].change == pytest.approx(after[:200].mean() - before[:200].mean())
    told = name_worsened(changes, "top1")
    assert told[0].startswith("Got worse beyond chance") and told[1].startswith("light dark: top-1 ") and len(told) == 2


def test_of_many_slices_that_got_worse_the_worst_three_are_named() -> None:
    changes = [Change("class", str(number), 100, 0.9, 0.8 - number / 100, -0.2, -0.1, 0.001) for number in range(100)]
    told = name_worsened(sorted(changes, key=lambda change: change.change), "top1")
    assert told[0] == "Got worse beyond chance: 100 slices, here the worst 3 (Holm's correction over 100 slices)"
    assert [line.split(":")[0] for line in told[1:]] == ["class 99", "class 98", "class 97"]


def test_a_changed_loss_has_the_paired_t_test() -> None:
    a, b = predictions(worse_in_the_dark(1), 1), predictions(worse_in_the_dark(2), 2)
    dark, _ = slice_changes(a, b, "loss", (halves(),))
    expected = stats.ttest_rel(b.losses[:200], a.losses[:200])
    assert dark.p == pytest.approx(expected.pvalue)
    assert (dark.low, dark.high) == pytest.approx(tuple(expected.confidence_interval()))


def test_equal_checkpoints_changed_nowhere() -> None:
    same = predictions(worse_in_the_dark())
    for key in ("top1", "loss", "macro_f1"):
        changes = corrected(slice_changes(same, same, key, (halves(),)))
        assert [(change.change, change.p) for change in changes] == [(0, 1), (0, 1)]
        assert name_worsened(changes, key)[0].startswith("No slice got worse")


def test_untested_changes_are_not_corrected_for() -> None:
    nan = float("nan")
    rows = [Change("a", "x", 5, 0.5, 0.9, nan, nan, nan), Change("a", "y", 50, 0.5, 0.6, 0.0, 0.2, 0.04)]
    found = corrected(rows)
    assert found[0].p != found[0].p and found[1].p == 0.04
