"""How a run ends, and that its row says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support

from engine.config import RunConfig, parse_config
from engine.costs.pace import measured_cost
from engine.evaluation.predictions import load_predictions
from engine.launch import resume
from engine.runner import main
from engine.runner.main import train_run
from engine.store import Run, Store
from tests.engine.training.runs import CPU, Notebook


def created(store: Store, **options: object) -> Run:
    return store.runs.create(parse_config(CPU | {"epochs": 2} | options), status="starting", environment={},
                             git_commit=None, git_dirty=False)


def test_a_run_trains_is_evaluated_and_finishes(home: Path) -> None:
    store = Store.open()
    run = created(store, **{field: info.default for field, info in RunConfig.model_fields.items()})
    assert train_run(run.id) == 0
    run = store.runs.get(run.id)
    assert (run.status, run.epoch, run.step, run.error) == ("finished", 20, run.total_steps, None)
    # 97.5 % as a rule, less three standard deviations of a share of 360 pictures: another processor's last bits
    # lead to other weights.
    assert run.test_accuracy is not None and run.test_accuracy > 0.95
    assert run.resolved["image_size"] == 32 and run.parameters == 153_386 and run.dataset_fingerprint
    steps, losses = store.metrics.curve(run.id, "loss")
    assert steps.tolist() == list(range(1, run.total_steps + 1)) and losses[-1] < losses[0]
    assert measured_cost(store, run)["macs"] > 1e6, "from which the time of other models is estimated"


def test_stored_metrics_agree_with_scikit_learn_on_the_stored_predictions(home: Path) -> None:
    store = Store.open()
    run = created(store)
    train_run(run.id)
    validated, evaluation = store.evaluations.of(run.id)
    assert (validated.split, evaluation.split) == ("val", "test")
    found = load_predictions(evaluation.predictions)
    labels = np.arange(10)
    probabilities = torch.from_numpy(found.logits).double().softmax(1).numpy()
    expected = dict(zip(("macro_precision", "macro_recall", "macro_f1"), precision_recall_fscore_support(
        found.targets, found.predicted, average="macro", zero_division=0), strict=False))
    expected |= {"top1": accuracy_score(found.targets, found.predicted),
                 "loss": log_loss(found.targets, probabilities, labels=labels)}
    assert {name: evaluation.metrics[name] for name in expected} == pytest.approx(expected, abs=1e-6)
    assert store.runs.get(run.id).test_accuracy == evaluation.metrics["top1"]


def test_a_run_of_an_earlier_version_is_not_resumed_but_says_what_to_do(home: Path) -> None:
    store = Store.open()
    run = created(store, epochs=1)
    train_run(run.id)
    decided = store.runs.get(run.id).resolved
    store.runs.requeue(run.id, epochs=2)
    store.runs.update(run.id, status="starting",
                      resolved={key: decided[key] for key in ("image_size", "channels", "classes", "mean", "std")})
    assert train_run(run.id) == 1
    error = store.runs.get(run.id).error
    assert error and error.startswith("this run was started by an earlier version of Darkroom")


def test_a_stop_request_leaves_the_run_resumable_to_the_same_numbers(home: Path) -> None:
    store = Store.open()
    whole, halted = created(store, epochs=12), created(store, epochs=12)
    train_run(whole.id)
    assert train_run(halted.id, Asking(store, halted.id)) == 0
    assert store.runs.get(halted.id).status == "stopped"
    store.runs.requeue(halted.id)
    store.runs.transition(halted.id, "starting", expected=("queued",))
    assert train_run(halted.id) == 0
    for name in ("loss", "lr", "train_loss", "val_accuracy"):
        expected, found = store.metrics.curve(whole.id, name), store.metrics.curve(halted.id, name)
        assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True)), name
    logits = [load_predictions(store.evaluations.of(run.id)[0].predictions).logits for run in (whole, halted)]
    assert np.array_equal(*logits)


def test_a_run_is_not_resumed_on_other_pictures(home: Path) -> None:
    store = Store.open()
    run = created(store)
    store.runs.update(run.id, dataset_fingerprint="0123456789abcdef")
    assert train_run(run.id) == 1
    run = store.runs.get(run.id)
    assert run.error is not None and "files of Digits changed since the run began" in run.error
    assert run.dataset_fingerprint == "0123456789abcdef"


def test_divergence_fails_with_advice_and_no_traceback(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = Store.open()
    run = created(store, lr=90)
    assert train_run(run.id) == 1
    run = store.runs.get(run.id)
    assert run.status == "failed" and run.error == "the loss became nan in epoch 1: try lr below 90"
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(("error", "code", "sentence"), [
    (torch.OutOfMemoryError("CUDA out of memory"), 1, "out of GPU memory at batch 256: try 128"),
    (RuntimeError("something odd\nmore"), 70,
     "something went wrong inside Darkroom (RuntimeError: something odd); the traceback is in {home}"),
    (OSError(28, "No space left on device", "/x/y"), 1,
     "the disk is full: /x/y cannot be written (No space left on device); free some space, then resume or try again"),
])
def test_what_breaks_while_training_is_one_sentence_in_the_row(
    error: Exception, code: int, sentence: str, home: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(main, "prepare", breaks)
    store = Store.open()
    run = created(store)
    assert train_run(run.id) == code
    run = store.runs.get(run.id)
    assert run.status == "failed" and run.error and run.error.startswith(sentence.format(home=home))


class Asking(Notebook):
    """Asks the store to stop the run at its first step, as somebody else would."""

    def __init__(self, store: Store, run_id: int) -> None:
        super().__init__()
        self._store, self._run_id = store, run_id

    def steps_done(self, records: object, progress: object) -> None:
        self._store.runs.request(self._run_id, "stop")


GUESSES = {"lr": 0.3, "optimizer": "AdamW", "batch_size": 16, "train_fraction": 0.4, "epochs": 9}
"""Diverges in the first steps, and is at chance from then on."""


def test_a_run_is_stopped_when_the_doctor_is_sure_and_goes_on_bit_for_bit_without(
        home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open()
    whole, halted = created(store, **GUESSES), created(store, **GUESSES, stop_when_sure=True)
    assert whole.config_hash == halted.config_hash
    train_run(whole.id)
    assert train_run(halted.id) == 0
    assert "doctor: learns-nothing: validation accuracy" in capsys.readouterr().err
    stopped = store.runs.get(halted.id)
    assert (stopped.status, store.runs.get(whole.id).status) == ("stopped", "finished") and 6 <= stopped.epoch < 9
    assert str(stopped.error).startswith(f"stopped after epoch {stopped.epoch} of 9, as the doctor is sure of learns-n")
    resumed = resume(store, stopped)
    assert not resumed.config["stop_when_sure"] and resumed.error is None
    assert any("no longer to stop" in event.message for event in store.events.of(halted.id))
    store.runs.transition(halted.id, "starting", expected=("queued",))
    assert train_run(halted.id) == 0 and store.runs.get(halted.id).status == "finished"
    for name in ("loss", "train_loss", "val_accuracy"):
        expected, found = store.metrics.curve(whole.id, name), store.metrics.curve(halted.id, name)
        assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True)), name


def test_a_mistake_of_the_doctor_does_not_stop_a_run(
        home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open()
    run = created(store, epochs=1)
    monkeypatch.setattr("engine.analysis.doctor.watching.Watch.epoch_done", lambda *_: 1 / 0)
    assert train_run(run.id) == 0
    assert "the doctor could not look at epoch 1: division by zero; training goes on" in capsys.readouterr().err
