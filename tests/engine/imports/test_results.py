"""Tables with a row a run, as people and programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.imports import Choices, Plan, plan_import
from engine.imports.sheet import read_sheet
from engine.store import Status

WANDB = '''"Name","State","Notes","User","Tags","Created","Runtime","Sweep","lr","model","seed","val_acc","test_acc"
"swift-sun-1","finished","","me","","2025-01-01T00:00:00.000Z","120","","0.1","resnet18","0","91.5","90.123456"
"calm-sea-2","crashed","","me","","2025-01-02T00:00:00.000Z","60","","0.01","resnet18","1","88.25","87.5"
'''
MLFLOW = '''Start Time,Run ID,Name,Source Type,User,Status,params.learning_rate,params.arch,metrics.test_accuracy
2025-01-01,a1,gilded-owl,LOCAL,me,FINISHED,0.1,resnet18,0.91
2025-01-01,b2,brave-fox,LOCAL,me,FAILED,0.01,resnet18,
'''


def read(folder: Path, text: str, **columns: str) -> Plan:
    path = folder / "results.csv"
    path.write_text(text)
    return plan_import(path, "results", Choices(columns))


def test_wandbs_table_of_runs(tmp_path: Path) -> None:
    first, second = read(tmp_path, WANDB).found
    assert first.name == "swift-sun-1" and first.settings == {"lr": "0.1", "model": "resnet18"} and first.seed == 0
    assert first.figures == {"val_accuracy": 0.915, "top1": pytest.approx(0.90123456), "seconds": 120.0}
    assert second.status is Status.FAILED and second.seed == 1
    assert "top1" not in first.rounding and first.rounding["val_accuracy"] == pytest.approx(0.00005)


def test_mlflows_table_of_runs(tmp_path: Path) -> None:
    reading = read(tmp_path, MLFLOW)
    first, second = reading.found
    assert first.name == "gilded-owl" and first.settings == {"learning_rate": "0.1", "arch": "resnet18"}
    assert first.figures == {"top1": 0.91} and second.figures == {} and second.status is Status.FAILED
    assert "metrics.test_accuracy: 1 of 2 cells are empty." in reading.notes


def test_mlflows_runs_as_pandas_writes_them(tmp_path: Path) -> None:
    text = ("run_id,status,artifact_uri,metrics.test_acc,metrics.epoch,params.lr,tags.mlflow.runName,tags.mlflow.user\n"
            "a1,FINISHED,/x,0.91,9,0.1,gilded-owl,me\nb2,FINISHED,/y,0.92,7,0.01,brave-fox,me\n")
    reading = read(tmp_path, text)
    assert [(one.name, one.settings, one.figures) for one in reading.found] == [
        ("gilded-owl", {"lr": "0.1"}, {"top1": 0.91}), ("brave-fox", {"lr": "0.01"}, {"top1": 0.92})]
    assert not reading.notes


def test_signs_separators_and_marks_of_other_programs(tmp_path: Path) -> None:
    text = "\ufeffModel;Pretrained;Top-1 Acc;Comment\nResNet18;✓;54.61%%;ok\nResNet18;✗;27.73 %;-\n"
    first, second = read(tmp_path, text).found
    assert first.settings["pretrained"] == "yes" and second.settings["pretrained"] == "no"
    assert first.figures == {"top1": 0.5461} and second.rounding == {"top1": pytest.approx(0.00005)}


def test_commas_for_points_and_between_thousands(tmp_path: Path) -> None:
    text = "model;accuracy;test_loss;params\na;0,72;1,25;11,689,512\nb;0,7155;0,5;1,000\n"
    first, second = read(tmp_path, text).found
    assert first.figures == {"top1": 0.72, "loss": 1.25, "parameters": 11_689_512}
    assert second.figures == {"top1": 0.7155, "loss": 0.5, "parameters": 1000}


def test_trailing_zeros_that_a_program_left_out_do_not_count_as_rounding(tmp_path: Path) -> None:
    first, second = read(tmp_path, "model,accuracy\na,0.72\nb,0.7155\n").found
    assert first.rounding == second.rounding == {"top1": pytest.approx(0.00005)}


def test_of_several_columns_the_test_s_is_read_and_the_other_named(tmp_path: Path) -> None:
    reading = read(tmp_path, "model,acc,test_acc\nresnet18,0.99,0.90\nresnet34,0.98,0.91\n")
    assert [one.figures for one in reading.found] == [{"top1": 0.90}, {"top1": 0.91}]
    assert "say which" in reading.left_out["acc"]


@pytest.mark.parametrize(("text", "told"), [
    ("", "has no rows below its header"),
    ("model,accuracy\n", "has no rows below its header"),
    ("model,accuracy\na,0.7,9\n", "line 2 has 3 cells, the header has 2"),
    ("model,model\na,b\n", "two columns 'model' differ"),
    ("model,accuracy\na,0.7\nb,good\n", "results.csv: line 3: top1: 'good' is not a number"),
    ("model,accuracy\na,70\nb,170\n", "results.csv: line 3: top1: '170' is not a share"),
    ("model,accuracy\na,-0.2\n", "line 2: top1: '-0.2' is not a share"),
])
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as refused:
        read(tmp_path, text)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(UserError, match="is not text"):
        read_sheet(tmp_path / "a.csv")
    with pytest.raises(UserError, match="cannot read"):
        read_sheet(tmp_path)
