"""Any checkpoint, evaluated later, says what it said when the run ended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import parse_config
from engine.data import load_dataset
from engine.errors import UserError
from engine.evaluation import classification, evaluate
from engine.evaluation.classification import average_logits
from engine.evaluation.evaluate import Evaluator, evaluate_request
from engine.evaluation.predictions import load_predictions
from engine.evaluation.results import load_results, load_temperature
from engine.runner.main import train_run
from engine.store import Conditions, Run, Store
from tests.engine.data import sources
from tests.engine.evaluation.checkpoints import evaluate_checkpoint
from tests.engine.training.runs import CPU


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run of three epochs that kept every checkpoint and asked for two scales in its test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DARKROOM_HOME", str(tmp_path_factory.mktemp("home")))
        store = Store.open()
        config = parse_config(CPU | {"epochs": 3, "keep_checkpoints": "all", "test_scale": "32+36", "lr": 0.05})
        run = store.runs.create(config, status="starting", environment={}, git_commit=None, git_dirty=False)
        assert train_run(run.id) == 0
        yield store.runs.get(run.id)


def test_the_end_of_a_run_tests_and_validates_plainly_and_as_asked(trained: Run) -> None:
    store = Store.open()
    there = {found.conditions: found for found in store.evaluations.of(trained.id) if found.checkpoint == "best"}
    ways = {Conditions("best", split, scales=scales) for split in ("test", "val") for scales in ((), (32, 36))}
    assert ways <= there.keys()
    assert {found.conditions.scales for found in there.values() if found.asked} == {(32, 36)}
    assert trained.test_accuracy == there[Conditions(scales=(32, 36))].metrics["top1"]
    validated = there[Conditions("best", "val")]
    assert validated.metrics["top1"] == pytest.approx(trained.best_val_accuracy)
    assert load_results(store, trained).evaluation == there[Conditions(scales=(32, 36))]


def test_a_later_evaluation_is_the_one_of_the_runs_end(trained: Run) -> None:
    store = Store.open()
    before = load_predictions(store.evaluations.find(trained.id, Conditions()).predictions)  # type: ignore[union-attr]
    weights = classification.restored_model(trained, torch.device("cpu"))
    evaluate.load_weights(trained.folder / "checkpoints" / evaluate.checkpoint_folder(trained, "best"), weights)
    pictures = classification.own_pictures(trained, "test")
    again = classification.predict_logits(weights, classification.view_batches(
        pictures, trained, classification.views("none", (32,), False)[0], torch.device("cpu")))
    assert again.numpy() == pytest.approx(before.logits, abs=1e-4)
    assert (before.targets == load_dataset("Digits").test_targets).all()


def test_every_checkpoint_is_evaluated_and_the_validation_is_that_of_training(trained: Run) -> None:
    store = Store.open()
    done = evaluate_request({"run": trained.id, "checkpoint": "all", "split": "val"})
    names = [found["checkpoint"] for found in done["evaluations"]]
    assert names == ["best", "last", "epoch-0001", "epoch-0002", "epoch-0003"]
    _, recorded = store.metrics.curve(trained.id, "val_accuracy")
    found = [store.evaluations.find(trained.id, Conditions(name, "val")) for name in names[2:]]
    assert [each.metrics["top1"] for each in found if each] == pytest.approx(recorded.tolist())
    assert [each.epoch for each in found if each] == [1, 2, 3]
    assert store.runs.get(trained.id).test_accuracy == trained.test_accuracy


def test_what_is_stored_is_not_predicted_again_and_missing_figures_are_filled_in(
        trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open()
    first = evaluate_checkpoint(store, trained, None, "epoch-0002")
    found = store.evaluations.find(trained.id, Conditions("epoch-0002"))
    assert found is not None
    store.evaluations.put(trained.id, found.conditions, {"top1": 0.0}, found.predictions, found.sha256,
                          weights=found.weights, asked=False)
    monkeypatch.setattr(classification, "predict_logits", None)
    assert evaluate_checkpoint(store, trained, None, "epoch-0002") == first
    best = store.evaluations.find(trained.id, Conditions())
    assert best is not None
    assert evaluate_checkpoint(store, trained, None, best.weights) == best.metrics


def test_a_file_that_no_row_vouches_for_is_made_again(trained: Run) -> None:
    store = Store.open()
    first = evaluate_checkpoint(store, trained, None, "epoch-0001", "val")
    found = store.evaluations.find(trained.id, Conditions("epoch-0001", "val"))
    assert found is not None
    found.predictions.write_bytes(b"damaged")
    assert evaluate_checkpoint(store, trained, None, "epoch-0001", "val") == first


def test_softmax_is_averaged_not_logits() -> None:
    views = [torch.randn(7, 5) * 4 for _ in range(3)]
    expected = torch.stack([view.softmax(1) for view in views]).mean(0)
    assert average_logits(iter(views)).softmax(1).numpy() == pytest.approx(expected.numpy(), abs=1e-6)
    assert average_logits([views[0]]) is views[0]


def test_several_scales_are_the_mean_of_each(trained: Run) -> None:
    store = Store.open()
    found = {}
    for scales in ((36,), (40,), (36, 40)):
        evaluate_checkpoint(store, trained, None, "last", scales=scales)
        stored = store.evaluations.find(trained.id, Conditions("last", scales=scales))
        assert stored is not None
        found[scales] = np.exp(load_predictions(stored.predictions).log_probabilities)
    assert found[(36, 40)] == pytest.approx((found[(36,)] + found[(40,)]) / 2, abs=1e-6)
    assert abs(found[(36,)] - found[(40,)]).max() > 1e-3


def test_the_runs_own_scale_is_its_plain_evaluation(trained: Run) -> None:
    store = Store.open()
    evaluator = Evaluator(store, trained)
    assert evaluator.evaluate(Conditions("last", scales=(32,))).conditions == Conditions("last")
    assert evaluator.evaluate(Conditions("last", scales=(40, 36, 36))).conditions == Conditions("last", scales=(36, 40))


def test_another_data_set_is_labelled_by_its_classes_names(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    store, own = Store.open(), load_dataset("Digits")
    turned = replace(own, name="Turned", classes=own.classes[::-1], test_targets=9 - own.test_targets,
                     fingerprint="1" * 16)
    monkeypatch.setattr(classification, "load_dataset", lambda name, *_, **__: turned if name == "CIFAR10" else own)
    metrics = evaluate_checkpoint(store, trained, None, "last", dataset="CIFAR10")
    assert metrics == evaluate_checkpoint(store, trained, None, "last")
    other = store.evaluations.find(trained.id, Conditions("last", dataset="CIFAR10"))
    assert other is not None and "CIFAR10-1111111111111111" in other.predictions.name and not other.asked
    assert load_temperature(store, trained, other.conditions) == load_temperature(store, trained, Conditions("last"))
    with pytest.raises(UserError, match="only"):
        evaluate_checkpoint(store, trained, None, "last", "val", dataset="CIFAR10")


@pytest.mark.parametrize("budget", [2 << 30, 0])
def test_pictures_that_moved_are_the_runs_own_still(
    home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch, budget: int,
) -> None:
    monkeypatch.setattr("engine.data.readers.pictures.MEMORY_BUDGET", budget)
    store, before, after = Store.open(), home / "before", home / "after"
    options = CPU | {"dataset": "folder", "data_path": str(sources.class_folder(before)), "batch_size": 4, "epochs": 1}
    run = store.runs.create(parse_config(options), status="starting", environment={}, git_commit=None, git_dirty=False)
    assert train_run(run.id) == 0
    run = store.runs.get(run.id)
    told = store.evaluations.find(run.id, Conditions())
    assert told is not None
    told.predictions.unlink()
    before.rename(after)
    shutil.rmtree(home / "data" / "prepared")
    with pytest.raises(UserError, match="data_path"):
        evaluate_request({"run": run.id, "split": "test"})
    done = evaluate_request({"run": run.id, "split": "test", "data_path": str(after)})
    assert [Conditions(**found | {"scales": ()}) for found in done["evaluations"]] == [Conditions()]
    again = store.evaluations.find(run.id, Conditions())
    assert again is not None and again.metrics == told.metrics
    sources.picture(seed=99).save(after / "cats" / "000.png")
    with pytest.raises(UserError, match="changed since"):
        evaluate_request({"run": run.id, "split": "test", "data_path": str(after)})


def test_what_cannot_be_evaluated_is_one_line(trained: Run) -> None:
    store = Store.open()
    for words, told in (
            ({"checkpoint": "epoch-0009"}, "no checkpoint of epoch 9; there are best, last and those of epochs 1, 2"),
            ({"dataset": "CIFAR10"}, "CIFAR10 was not found|other classes than .* airplane"),
            ({"tta": "flip"}, "mirroring would change their class")):
        with pytest.raises(UserError, match=told):
            evaluate_checkpoint(store, trained, None, **words)  # type: ignore[arg-type]
    changed = replace(trained, dataset_fingerprint="0" * 16)
    with pytest.raises(UserError, match="files of Digits changed since"):
        evaluate_checkpoint(store, changed, None, "epoch-0003", "val", scales=(50,))


@pytest.mark.parametrize(("request_", "told"), [
    ({"checkpoint": "worst"}, "checkpoint: 'worst' is not best, last, all or the number"),
    ({"checkpoint": "9"}, "no checkpoint of epoch 9"), ({"split": "train"}, "one of test, val, both"),
    ({"tta": "mirror"}, "one of none, flip"), ({"scales": "36,big"}, "scales: '36,big' is not a side in pixels"),
    ({"dataset": "CIFAR10", "split": "val"}, "choose test for CIFAR10"),
])
def test_a_request_is_checked_before_torch_is_needed(trained: Run, request_: dict[str, str], told: str) -> None:
    from engine.evaluation.requests import parse_request

    with pytest.raises(UserError, match=told):
        parse_request(trained, request_)


def test_a_run_without_checkpoints_says_so(home: Path) -> None:
    store = Store.open()
    run = store.runs.create(parse_config({"name": "young"}), environment={}, git_commit=None, git_dirty=False)
    with pytest.raises(UserError, match="young: has no checkpoint to evaluate"):
        evaluate_checkpoint(store, run, None)
