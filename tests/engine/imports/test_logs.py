"""The logs of other programs: each is one run with curves, whose parts are those of the program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from timm.utils import update_summary
from torch.utils.tensorboard import SummaryWriter

from engine.errors import UserError
from engine.imports import Choices, Plan, import_results, plan_import
from engine.store import Store

KERAS = "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n0,0.5,0.001,1.5,0.4,1.6\n1,0.99,0.001,0.1,0.6,1.2\n"
LIGHTNING = """epoch,lr-SGD,step,train_acc,train_loss_epoch,train_loss_step,val_acc,val_loss
,0.1,0,,,,,
0,,49,,,1.4,,
0,,49,,,,0.5,1.5
0,,49,0.55,1.5,,,
1,,99,,,,0.6,1.3
1,,99,0.65,1.2,,,
"""
FASTAI = "epoch,train_loss,valid_loss,error_rate,time\n0,1.2,1.1,0.4,00:12\n1,0.9,0.8,0.25,00:11\n"
ULTRALYTICS = """         epoch,    train/loss,  metrics/accuracy_top1,  metrics/accuracy_top5,   val/loss,       lr/pg0
             1,       2.30259,                 0.3012,                      1,    2.10000,       0.0007
             2,       1.90259,                 0.5012,                      1,    1.80000,       0.0007
"""
DETECTION = """epoch,time,train/box_loss,metrics/precision(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss,lr/pg0
1,10.5,1.5,0.4,0.5,0.3,1.6,0.01
2,20.5,1.2,0.5,0.6,0.4,1.4,0.01
"""
STATE = {"best_metric": 0.8, "epoch": 2.0, "global_step": 100, "log_history": [
    {"epoch": 0.5, "grad_norm": 1.2, "learning_rate": 5e-5, "loss": 1.1, "step": 25},
    {"epoch": 1.0, "eval_accuracy": 0.7, "eval_loss": 0.9, "eval_runtime": 3.2, "step": 50},
    {"epoch": 2.0, "loss": 0.5, "learning_rate": 0.0, "step": 100},
    {"epoch": 2.0, "eval_accuracy": 0.8, "eval_loss": 0.6, "step": 100},
    {"epoch": 2.0, "step": 100, "total_flos": 1e15, "train_loss": 0.8, "train_runtime": 20.1}]}
DEIT = "".join(json.dumps({"train_lr": 0.1, "train_loss": 2 - epoch, "test_loss": 1.5, "test_acc1": 60.0 + epoch,
                           "test_acc5": 85.0, "epoch": epoch, "n_parameters": 5_717_416}) + "\n" for epoch in (0, 1))


def planned(path: Path, text: str, **columns: str) -> Plan:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return plan_import(path, choices=Choices(columns))


def curves(plan: Plan, name: str = "") -> dict[str, list[float]]:
    (one,) = [each for each in plan.found if name in ("", each.name)]
    return {title: [round(value, 6) for value in values.tolist()] for title, (_, values) in one.curves.items()}


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("training.log", KERAS, {"train_accuracy": [0.5, 0.99], "train_loss": [1.5, 0.1], "val_accuracy": [0.4, 0.6],
                             "val_loss": [1.6, 1.2], "lr": [0.001, 0.001]}),
    ("training.log", "epoch;accuracy;loss\n0;0,5;1,5\n1;0,6;1,25\n", {
        "train_accuracy": [0.5, 0.6], "train_loss": [1.5, 1.25]}),
    ("metrics.csv", LIGHTNING, {"train_accuracy": [0.55, 0.65], "train_loss": [1.5, 1.2], "train_loss_step": [1.4],
                                "val_accuracy": [0.5, 0.6], "val_loss": [1.5, 1.3], "lr": [0.1]}),
    ("history.csv", FASTAI, {"train_loss": [1.2, 0.9], "val_loss": [1.1, 0.8], "val_top1_error": [0.4, 0.25],
                             "val_accuracy": [0.6, 0.75], "time": [12, 11]}),
    ("results.csv", ULTRALYTICS, {"train_loss": [2.30259, 1.90259], "val_accuracy": [0.3012, 0.5012],
                                  "val_top5": [1, 1], "val_loss": [2.1, 1.8], "lr": [0.0007, 0.0007]}),
    ("results.csv", DETECTION, {"val_map50": [0.5, 0.6], "val_map": [0.3, 0.4], "train_box_loss": [1.5, 1.2],
                                "val_box_loss": [1.6, 1.4], "lr": [0.01, 0.01], "seconds": [10.5, 20.5],
                                "metrics_precision_b": [0.4, 0.5]}),
    ("trainer_state.json", json.dumps(STATE), {
        "train_loss": [1.1, 0.5], "val_accuracy": [0.7, 0.8], "val_loss": [0.9, 0.6], "lr": [5e-5, 0],
        "grad_norm": [1.2], "eval_runtime": [3.2], "total_flos": [1e15], "seconds": [20.1]}),
    ("log.jsonl", DEIT, {"lr": [0.1, 0.1], "train_loss": [2, 1], "test_loss": [1.5, 1.5], "test_accuracy": [0.6, 0.61],
                         "test_top5": [0.85, 0.85], "parameters": [5_717_416, 5_717_416]}),
    ("history.json", json.dumps({"loss": [2.0, 1.0], "val_loss": [2.5, 1.5], "epoch": [0, 1]}), {
        "train_loss": [2, 1], "val_loss": [2.5, 1.5]}),
    # Keras' history as JSON and as pandas writes it; a metric that is a list, an epoch without validation
    ("history.json", json.dumps({"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}), {
        "train_loss": [2, 1], "val_loss": [2.5, 1.5]}),
    ("history.csv", ",accuracy,loss,val_accuracy,val_loss\n0,0.5,2,0.4,2.5\n1,0.6,1,0.5,1.5\n", {
        "train_accuracy": [0.5, 0.6], "train_loss": [2, 1], "val_accuracy": [0.4, 0.5], "val_loss": [2.5, 1.5]}),
    ("training.log", 'epoch,accuracy,each,loss,val_loss\n0,0.5,"[0.1, 0.2]",2.0,NA\n1,0.6,"[0.1, 0.2]",1.0,1.5\n', {
        "train_accuracy": [0.5, 0.6], "train_loss": [2, 1], "val_loss": [1.5]}),
    # Lightning: rows of one step, the learning rate's monitor, and the test after the last epoch
    ("metrics.csv", "epoch,lr-AdamW,step,test_acc,train/loss_epoch,train/loss_step,val/acc\n"
     ",0.1,0,,,,\n0,,9,,,2.5,\n0,,9,,,,0.4\n0,,9,,2.0,,\n1,,10,0.45,,,\n", {
         "lr": [0.1], "train_loss": [2], "train_loss_step": [2.5], "val_accuracy": [0.4], "test_accuracy": [0.45]}),
    ("history.csv", "epoch,train_loss,valid_loss,accuracy,time\n0,2,None,None,59:59\n1,1,None,None,1:00:01\n", {
        "train_loss": [2, 1], "time": [3599, 3601]}),
    ("summary.csv", "epoch,train_loss,lr\n0,2.5,0.05\n1,2.0,0.04\n", {"train_loss": [2.5, 2], "lr": [0.05, 0.04]}),
    # YOLOv5 has the test part where a classifier's folder has one
    ("results.csv", "epoch, train/loss, test/loss, metrics/accuracy_top1, lr/0\n0, 2, 2.1, 0.3, 0.1\n"
     "1, 1, 1.1, 0.5, 0.1\n", {
         "train_loss": [2, 1], "test_loss": [2.1, 1.1], "test_accuracy": [0.3, 0.5], "lr": [0.1, 0.1]}),
    ("results.csv", "epoch, train/box_loss, metrics/precision, metrics/mAP_0.5, metrics/mAP_0.5:0.95, x/lr0\n"
     "0, 0.1, 0.2, 0.3, 0.1, 0.01\n1, 0.09, 0.3, 0.4, 0.2, 0.01\n", {
         "train_box_loss": [0.1, 0.09], "metrics_precision": [0.2, 0.3], "val_map50": [0.3, 0.4], "val_map": [0.1, 0.2],
         "lr": [0.01, 0.01]}),
    ("trainer_state.json", json.dumps({"log_history": [
        {"epoch": 1.0, "eval_test_accuracy": 0.7, "eval_validation_accuracy": 0.6, "step": 50},
        {"epoch": 2.0, "loss": 0.5, "step": 60}]}), {
        "test_accuracy": [0.7], "val_accuracy": [0.6], "train_loss": [0.5]}),
    ("h.csv", ",_step,_runtime,_timestamp,epoch,train/loss,val/acc\n0,0,1.5,1.7e9,0,2,\n1,1,2.5,1.7e9,0,,0.5\n", {
        "seconds": [1.5, 2.5], "train_loss": [2], "val_accuracy": [0.5]}),
])
def test_a_log_is_one_run(home: Path, tmp_path: Path, name: str, text: str, expected: dict[str, list[float]]) -> None:
    plan = planned(tmp_path / "first" / name, text)
    assert plan.kind == "log" and curves(plan) == expected and plan.found[0].name in ("first", "h")
    store = Store.open()
    (run,) = import_results(store, plan.path, "mine").runs
    assert run.name == plan.found[0].name and {name: column for name, column in expected.items()
                                    if len(store.metrics.curve(run.id, name)[0])} == expected


def test_the_results_that_hugging_face_writes_last(tmp_path: Path) -> None:
    plan = planned(tmp_path / "out" / "all_results.json", json.dumps({
        "epoch": 2.0, "eval_accuracy": 0.8, "eval_loss": 0.6, "train_loss": 0.8, "train_runtime": 20.1}))
    assert plan.found[0].figures == {"val_accuracy": 0.8, "seconds": 20.1}
    assert curves(plan) == {"val_loss": [0.6], "train_loss": [0.8]}


@pytest.mark.parametrize("steps", [
    ("\"1,000\"", "\"2,000\""), ("1k", "2k"), ("1000/9000", "2000/9000"), ("Step 1000", "Step 2000"),
    ("1000.0", "2000.0")])
def test_steps_in_any_spelling(tmp_path: Path, steps: tuple[str, str]) -> None:
    plan = planned(tmp_path / "log.csv", f"step,val_loss\n{steps[0]},2\n{steps[1]},1\n")
    assert plan.kind == "log" and plan.found[0].curves["val_loss"][0].tolist() == [1000, 2000]


def test_a_folder_with_a_log_and_other_texts(tmp_path: Path) -> None:
    planned(tmp_path / "training.log", KERAS)
    (tmp_path / "console.log").write_text("INFO started\n")
    plan = plan_import(tmp_path)
    assert [one.name for one in plan.found] == ["training"] and plan.files.endswith("1 of other kinds (1 .log).")
    (tmp_path / "training.log").unlink()
    with pytest.raises(UserError, match=r"no logs or tables that can be read. Files: 1, .* 1 of other kinds \(1"):
        plan_import(tmp_path)


def test_timms_summary_with_its_options(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "20261130-resnet18"
    folder.mkdir()
    for epoch in range(3):
        update_summary(epoch, {"loss": 2.0 - epoch}, {"loss": 1.5, "top1": 0.8 + epoch * 40, "top5": 90.0},
                       str(folder / "summary.csv"), lr=0.05)
    (folder / "args.yaml").write_text("aa: null\nbatch_size: 128\nepochs: 3\nlr: 0.05\nmodel: resnet18\nopt: sgd\n"
                                      "pretrained: false\nseed: 42\nexperiment: ''\n")
    plan = plan_import(folder)
    assert curves(plan)["val_accuracy"] == [0.008, 0.408, 0.808] and plan.found[0].seed == 42
    (run,) = import_results(Store.open(), folder, "mine").runs
    assert (run.config["model"], run.config["lr"], run.config["batch_size"], run.config["seed"]) == (
        "resnet18", 0.05, 128, 42)
    assert run.name == "20261130-resnet18" and run.test_accuracy is None
    assert run.best_val_accuracy == pytest.approx(0.808)


def test_lightnings_versions_differ_by_their_options(tmp_path: Path) -> None:
    for version, rate in enumerate((0.1, 0.01)):
        planned(tmp_path / f"version_{version}" / "metrics.csv", LIGHTNING)
        (tmp_path / f"version_{version}" / "hparams.yaml").write_text(
            f"lr: {rate}\nmodel: resnet18\nsize: !!python/tuple [1, 2]\n"
            "args: !!python/object:argparse.Namespace {a: 1}\n")
    (tmp_path / "version_1" / "model.ckpt").write_bytes(b"weights")
    plan = plan_import(tmp_path)
    assert [(one.name, one.settings) for one in plan.found] == [
        (f"version_{version}", {"lr": rate, "model": "resnet18"}) for version, rate in enumerate(("0.1", "0.01"))]
    assert plan.files == ("Files: 5, of which 2 with results, 2 with settings, 0 not readable, 1 of other kinds "
                          "(1 .ckpt).")


def test_the_last_of_a_trainers_states_counts(tmp_path: Path) -> None:
    early = {"log_history": STATE["log_history"][:1]}  # type: ignore[index]
    planned(tmp_path / "out" / "checkpoint-25" / "trainer_state.json", json.dumps(early))
    planned(tmp_path / "out" / "checkpoint-100" / "trainer_state.json", json.dumps(STATE))
    plan = plan_import(tmp_path)
    assert [one.name for one in plan.found] == ["out"] and curves(plan)["train_loss"] == [1.1, 0.5]


def test_kerass_event_files_lie_in_folders_of_the_parts(tmp_path: Path) -> None:
    for part, accuracy in (("train", 0.9), ("validation", 0.5)):
        with SummaryWriter(str(tmp_path / "logs" / part)) as writer:
            writer.add_scalar("epoch_accuracy", accuracy, 0)
            writer.add_scalar("epoch_loss", 1 - accuracy, 0)
    plan = plan_import(tmp_path)
    assert plan.found[0].name == "logs" and plan.found[0].figures == {}
    assert curves(plan) == {"train_accuracy": [0.9], "train_loss": [0.1], "val_accuracy": [0.5], "val_loss": [0.5]}
    assert any("because of its name" in note for note in plan.notes)


def test_curves_that_add_scalars_has_put_into_folders(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path / "run")) as writer:
        writer.add_scalars("Loss", {"train": 1.0, "val": 2.0}, 0)
        writer.add_scalar("train/epoch_accuracy", 0.5, 0)
    assert curves(plan_import(tmp_path), "run") == {"train_loss": [1], "val_loss": [2], "train_accuracy": [0.5]}


def test_curves_that_tensorboards_page_has_saved(tmp_path: Path) -> None:
    for name in ("run-exp1_train-tag-epoch_loss.csv", "run-exp1_validation-tag-epoch_loss (1).csv"):
        planned(tmp_path / name, "Wall time,Step,Value\n1700000000.5,0,2.0\n1700000009.5,1,1.5\n")
    assert curves(plan_import(tmp_path)) == {"train_loss": [2, 1.5], "val_loss": [2, 1.5]}
    one = planned(tmp_path / "one" / "val_acc.csv", "Wall time,Step,Value\n1,0,0.5\n")
    assert curves(one) == {"val_accuracy": [0.5]}
    with pytest.raises(UserError, match=r"its name does not tell of what; name it .* run-NAME-tag-val_accuracy.csv"):
        planned(tmp_path / "export.csv", "Wall time,Step,Value\n1,0,2.0\n")


def test_runs_below_one_another_that_columns_name(tmp_path: Path) -> None:
    rows = "".join(f"{model},{seed},{epoch},{epoch / 10}\n" for model in ("a", "b") for seed in (0, 1)
                   for epoch in (1, 2, 3))
    plan = planned(tmp_path / "all.csv", f"model,seed,epoch,val_acc\n{rows}")
    assert [(one.name, one.seed, one.settings) for one in plan.found] == [
        (f"{model}-{seed}", seed, {"model": model}) for model in ("a", "b") for seed in (0, 1)]


def test_a_column_of_parts(tmp_path: Path) -> None:
    log = planned(tmp_path / "log.csv", "epoch,phase,loss,acc\n1,train,1,0.5\n1,val,1.2,0.4\n"
                                        "2,train,0.9,0.6\n2,val,1,0.5\n")
    assert curves(log) == {"train_loss": [1, 0.9], "train_accuracy": [0.5, 0.6], "val_loss": [1.2, 1],
                           "val_accuracy": [0.4, 0.5]}
    table = planned(tmp_path / "runs.csv", "Name,Split,Accuracy\na,Train,0.99\na,Test,0.8\nb,Train,0.98\nb,Test,0.81\n")
    assert [(one.name, one.figures) for one in table.found] == [("a", {"top1": 0.8}), ("b", {"top1": 0.81})]
    assert any("Split: its cells are read as the parts" in note for note in table.notes)
    with pytest.raises(UserError, match="line 3: a second row of 'val' of the same run"):
        planned(tmp_path / "twice.csv", "split,accuracy\nval,0.9\nval,0.8\n")


@pytest.mark.parametrize("name", ["20261130.log.json", "log.jsonl"])
def test_records_a_line_with_their_part_in_one_column(tmp_path: Path, name: str) -> None:
    rows = [{"env_info": "Linux"}, {"mode": "train", "epoch": 1, "iter": 9, "lr": 0.1, "loss": 2.0},
            {"mode": "val", "epoch": 1, "iter": 9, "accuracy_top-1": 45.5},
            {"mode": "train", "epoch": 2, "iter": 18, "lr": 0.1, "loss": 1.0},
            {"mode": "val", "epoch": 2, "iter": 18, "accuracy_top-1": 55.5}]
    plan = planned(tmp_path / name, "".join(f"{json.dumps(row)}\n" for row in rows))
    assert curves(plan) == {"train_loss": [2, 1], "val_accuracy": [0.455, 0.555], "lr": [0.1, 0.1]}


def test_logs_below_one_another_that_nothing_names(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="line 4: epoch begins again: the file holds 2 logs"):
        planned(tmp_path / "a.csv", "epoch,val_loss\n0,2\n1,1\n0,2\n1,1\n")
    resumed = planned(tmp_path / "b.csv", "epoch,val_loss\n0,4\n1,3\n2,9\nepoch,val_loss\n1,2\n2,1\n")
    assert curves(resumed) == {"val_loss": [4, 2, 1]}
    assert "epoch goes back" in " ".join(resumed.notes) and "val_loss: 2 points share a step" in " ".join(resumed.notes)


@pytest.mark.parametrize(("phases", "steps"), [((1, 3), [0, 1, 2, 3]), ((2, 1, 2), [0, 1, 2, 3, 4])])
def test_the_phases_that_fastai_appends_are_one_training(tmp_path: Path, phases: Sequence[int],
                                                         steps: list[int]) -> None:
    header, *_ = FASTAI.splitlines(keepends=True)
    losses = [[f"{phase}.{epoch}" for epoch in range(count)] for phase, count in enumerate(phases)]
    plan = planned(tmp_path / "history.csv", "".join(header + "".join(
        f"{epoch},1.5,{loss},0.4,00:12\n" for epoch, loss in enumerate(of_phase)) for of_phase in losses))
    points, values = plan.found[0].curves["val_loss"]
    assert points.tolist() == steps and values.tolist() == [float(loss) for of_phase in losses for loss in of_phase]
    assert any("epoch begins again: read as the next phase of the same training" in note for note in plan.notes)


@pytest.mark.parametrize("text", [
    "Name,State,epoch,val_acc\na,finished,10,0.5\nb,finished,20,0.6\n",
    "model,epoch,val_acc\na,10,0.5\nb,20,0.6\nc,30,0.7\n",
    "batch_size,epoch,val_acc\n32,10,0.5\n64,20,0.6\n128,30,0.7\n",
    "lr,epochs,val_acc\n0.1,10,0.5\n0.2,20,0.6\n",
    "lr,epoch,val_acc\n0.1,50,0.5\n0.2,50,0.6\n0.3,50,0.7\n",
])
def test_a_table_of_runs_with_their_epochs_is_no_log(tmp_path: Path, text: str) -> None:
    plan = planned(tmp_path / "a.csv", text)
    assert plan.kind == "results" and len(plan.found) == text.count("\n") - 1


def test_figures_whose_part_is_not_told_count_for_none(tmp_path: Path) -> None:
    plan = planned(tmp_path / "a.csv", "epoch,loss,accuracy\n1,2.0,0.3\n2,1.5,0.5\n")
    assert curves(plan) == {"loss": [2, 1.5], "accuracy": [0.3, 0.5]} and plan.found[0].figures == {}
    assert any("--column 'loss'=val:loss says it" in note for note in plan.notes)
    told = planned(tmp_path / "a.csv", "epoch,loss,accuracy\n1,2.0,0.3\n2,1.5,0.5\n", accuracy="test:top1", loss="skip")
    assert told.found[0].figures == {"top1": 0.5} and curves(told) == {"test_accuracy": [0.3, 0.5]}


def test_a_table_and_charts_of_the_same_runs_are_one_import(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    planned(folder / "runs.csv", "Name,State,lr,test_acc,val_loss\na,finished,0.1,0.9,0.5\nb,finished,0.2,0.8,0.6\n")
    planned(folder / "chart.csv", "Step,a - val_loss,b - val_loss\n1,1.5,1.6\n2,0.5,0.6\n")
    (folder / "odd.csv").write_text("nothing\n")
    result = import_results(Store.open(), folder, "mine")
    assert [(run.name, run.test_accuracy, run.config["lr"]) for run in result.runs] == [
        ("a", 0.9, 0.1), ("b", 0.8, 0.2)]
    assert curves(result.plan, "a") == {"val_loss": [1.5, 0.5]} and "odd.csv" in result.plan.left_out
    assert result.plan.kind == "several" and any(note.startswith("Files: 3, of which 2") for note in result.notes)
