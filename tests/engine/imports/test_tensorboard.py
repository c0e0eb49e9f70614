"""Event files that torch wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch.utils.tensorboard import SummaryWriter

from engine.errors import UserError
from engine.imports import import_results, plan_import
from engine.store import Store


def write(folder: Path, accuracy: float, **settings: str | float | bool) -> None:
    with SummaryWriter(str(folder)) as writer:
        for step in range(3):
            writer.add_scalar("val/acc", accuracy + step, step)
            writer.add_scalar("train/loss", 2.0 / (step + 1), step)
        if settings:
            writer.add_hparams(settings, {"hparam/test_acc": accuracy / 100})


def test_a_folder_of_runs_with_their_hyperparameters(tmp_path: Path) -> None:
    write(tmp_path / "a", 50, lr=0.1, model="resnet18", seed=3, pretrained=True)
    write(tmp_path / "deep" / "b", 60)
    first, second = plan_import(tmp_path).found
    assert (first.name, second.name) == ("a", "deep-b") and first.seed == 3 and second.settings == {}
    assert first.settings == {"lr": "0.1", "model": "resnet18", "seed": "3", "pretrained": "1"}
    steps, values = first.curves["val_accuracy"]
    assert steps.tolist() == [0, 1, 2] and values.tolist() == pytest.approx([0.50, 0.51, 0.52])
    assert first.curves["train_loss"][1].tolist() == pytest.approx([2, 1, 2 / 3])
    assert first.figures == {"top1": pytest.approx(0.5)}


def test_one_file_is_a_run_called_as_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "only", 50)
    (file,) = (tmp_path / "only").iterdir()
    (one,) = plan_import(file).found
    assert one.name == "only" and set(one.curves) == {"val_accuracy", "train_loss"}


def test_imported_into_a_study(home: Path, tmp_path: Path) -> None:
    for model, accuracy in (("resnet18", 50), ("resnet34", 70)):
        write(tmp_path / model, accuracy, model=model, pretrained=False)
    store = Store.open()
    result = import_results(store, tmp_path, "tb")
    assert [run.best_val_accuracy for run in result.runs] == pytest.approx([0.52, 0.72])
    assert [run.config["model"] for run in result.runs] == ["resnet18", "resnet34"]
    assert [run.config["weights"] for run in result.runs] == ["scratch"] * 2 and list(result.study.factors) == ["model"]


def test_tags_of_keras_lightning_and_hugging_face(tmp_path: Path) -> None:
    tags = {"keras/train": ("epoch_accuracy", "epoch_loss", "epoch_learning_rate"),
            "keras/validation": ("epoch_accuracy", "evaluation_loss_vs_iterations"),
            "lightning/version_0": ("train_loss_epoch", "train_loss_step", "val_acc", "lr-SGD", "hp_metric", "epoch"),
            "hf/runs/Nov30_10-00-00_host": ("train/loss", "train/learning_rate", "train/epoch", "eval/loss",
                                            "eval/accuracy", "train/train_runtime", "train/train_loss")}
    for folder, names in tags.items():
        with SummaryWriter(str(tmp_path / folder)) as writer:
            for name in names:
                writer.add_scalar(name, 0.5, 1)
    found = {one.name: set(one.curves) for one in plan_import(tmp_path).found}
    assert found == {
        "keras": {"train_accuracy", "train_loss", "lr", "val_accuracy", "val_evaluation_loss_vs_iterations"},
        "lightning-version_0": {"train_loss", "train_loss_step", "val_accuracy", "lr", "hp_metric", "epoch"},
        "hf-runs-Nov30_10-00-00_host": {"train_loss", "lr", "train_epoch", "val_loss", "val_accuracy", "seconds"}}


def test_the_events_of_a_hugging_face_run_belong_to_its_state(tmp_path: Path) -> None:
    for run in ("a", "b"):
        write(tmp_path / run / "runs" / "Nov30_10-00-00_host", 0.5)
        (tmp_path / run / "checkpoint-2").mkdir()
        (tmp_path / run / "checkpoint-2" / "trainer_state.json").write_text(
            '{"log_history": [{"loss": 2.0, "step": 1}, {"eval_accuracy": 0.7, "eval_loss": 0.9, "step": 2}]}')
    found = plan_import(tmp_path).found
    assert [one.name for one in found] == ["a", "b"]
    assert set(found[0].curves) == {"val_loss", "train_loss", "val_accuracy"}


def test_lightnings_two_loggers_in_two_folders_are_one_run(tmp_path: Path) -> None:
    rows = [(place, 2.0 / (place + 3), 1 / (place + 7)) for place in range(3)]
    for seed in ("0", "1"):
        csv = tmp_path / "csv" / "net" / f"version_{seed}"
        csv.mkdir(parents=True)
        (csv / "metrics.csv").write_text("epoch,step,train_loss,val_acc\n" + "".join(
            f"{step},{step * 10 + 9},{loss + int(seed)},{share}\n" for step, loss, share in rows))
        with SummaryWriter(str(tmp_path / "tb" / "net" / f"version_{seed}")) as writer:
            for step, loss, share in rows:
                writer.add_scalar("train_loss", loss + int(seed), step * 10 + 9)
                writer.add_scalar("val_acc", share, step * 10 + 9)
                writer.add_scalar("grad_norm", 1.5, step * 10 + 9)
    plan = plan_import(tmp_path)
    assert [one.name for one in plan.found] == ["csv-net-version_0", "csv-net-version_1"]
    assert set(plan.found[0].curves) == {"train_loss", "val_accuracy", "grad_norm"}
    assert plan.found[1].curves["train_loss"][1].tolist() == [loss + 1 for _, loss, _ in rows]
    assert sum("read as one run, recorded twice" in note for note in plan.notes) == 2
    assert not any("stand in several files" in note for note in plan.notes)
    assert [one.name for one in plan_import(tmp_path, "tensorboard").found] == ["tb-net-version_0", "tb-net-version_1"]


def test_no_events_or_no_scalars(tmp_path: Path, home: Path) -> None:
    with pytest.raises(UserError, match="has no TensorBoard event files"):
        import_results(Store.open(), tmp_path, "s")
    with SummaryWriter(str(tmp_path / "a")) as writer:
        writer.add_text("note", "hello")
    with pytest.raises(UserError, match="nothing was imported"):
        plan_import(tmp_path)
