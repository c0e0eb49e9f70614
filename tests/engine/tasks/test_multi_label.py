"""Pictures with any number of classes are learnt, evaluated, resumed, exported and shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn

from engine.analysis.doctor.case import Case
from engine.catalog.datasets import DATASETS
from engine.cli.main import DONE, main
from engine.config import parse_config
from engine.crash_log import USAGE
from engine.errors import ConfigError, UserError
from engine.evaluation.label_results import load_label_results
from engine.evaluation.results import load_results
from engine.export.onnx_file import export_onnx
from engine.labels.thresholds import best_thresholds
from engine.launch import create_foreground
from engine.report.galleries import galleries
from engine.runner.main import train_run
from engine.runner.preview import preview
from engine.store import Conditions, Run, Store
from tests.app_tests import assert_calm, open_page, shown
from tests.toys import quadrants

OPTIONS = {"dataset": "Quadrants", "model": "tinyvgg_a", "epochs": 3, "batch_size": 32, "val_fraction": 0.2,
           "lr": 0.003, "name": "bright"}
ABOVE_CHANCE = 0.7


@pytest.fixture(autouse=True)
def quadrants_are_there(home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DATASETS, "Quadrants", quadrants.DATASET)


def train(**options: Any) -> Run:
    run = create_foreground(Store.open(), parse_config(OPTIONS | options))
    assert train_run(run.id) == 0, Store.open().runs.get(run.id).error
    return Store.open().runs.get(run.id)


def test_it_learns_and_is_measured_as_scikit_learn_does() -> None:
    run = train()
    assert (run.task, run.score_name, run.status) == ("multi-label", "mAP", "finished")
    assert run.test_score is not None and run.test_score > ABOVE_CHANCE and run.test_accuracy is None
    assert run.best_val_score == max(Store.open().metrics.since(run.id, "val_label_map", -1)[1])
    found = load_label_results(Store.open(), run).predictions
    assert run.test_score == pytest.approx(sklearn.average_precision_score(found.targets, found.probabilities))
    assert (found.targets == quadrants.quadrants(120, 1)[1]).all()


def test_thresholds_are_those_of_validation_and_an_option_overrules_them(capsys: pytest.CaptureFixture[str]) -> None:
    run, fixed = train(), train(thresholds="0.3", name="fixed")
    validated, tested = (load_label_results(Store.open(), run, Conditions("best", split)) for split in ("val", "test"))
    best = best_thresholds(validated.predictions.targets, validated.predictions.probabilities)
    assert tested.predictions.thresholds.tolist() == validated.predictions.thresholds.tolist() == best.tolist()
    assert load_label_results(Store.open(), fixed).predictions.thresholds.tolist() == [0.3] * 4
    capsys.readouterr()
    assert main(["evaluate", "bright", "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert list(document[1]["thresholds"].values()) == pytest.approx(best.tolist(), abs=1e-6)
    assert "the highest F1 on validation" in document[1]["remarks"][0]
    assert main(["evaluate", "fixed"]) == DONE
    assert "Every class has the threshold 0.3, as the option thresholds says." in capsys.readouterr().err


def test_another_checkpoint_is_given_thresholds_of_its_own() -> None:
    run = train(keep_checkpoints="all")
    assert main(["evaluate", str(run.id), "--checkpoint", "1", "--split", "test"]) == DONE
    stored = {found.conditions for found in Store.open().evaluations.of(run.id)}
    assert {Conditions("epoch-0001", "test"), Conditions("epoch-0001", "val")} <= stored
    first, best = (load_label_results(Store.open(), run, Conditions(name, "test")) for name in ("epoch-0001", "best"))
    assert first.predictions.thresholds.tolist() != best.predictions.thresholds.tolist()


@pytest.mark.parametrize("options", [
    {"mixing": "both", "label_smoothing": 0.1}, {"loss_function": "focal", "class_weights": "balanced"},
    {"sampling": "balanced", "class_weights": "effective", "ema_decay": 0.9}, {"folds": 4, "fold": 2},
    {"train_fraction": 0.5, "equal_steps": True, "accumulate": 2},
    {"early_stopping": 1, "min_gain": 0.9, "schedule": "plateau"}], ids=lambda options: "+".join(options))
def test_it_combines_with_options_that_exist(options: dict[str, Any]) -> None:
    run = train(**options, epochs=2)
    assert run.status == "finished" and run.test_score is not None and np.isfinite(run.test_score)


def test_an_option_that_needs_one_class_a_picture_is_refused_in_one_line() -> None:
    with pytest.raises(ConfigError, match=r"loss_function: 'cross-entropy'.*a loss for multi-label.*bce, focal"):
        parse_config(OPTIONS | {"loss_function": "cross-entropy"})
    with pytest.raises(ConfigError, match=r"thresholds: '1\.5'.*validation, or a number from 0 to 1"):
        parse_config(OPTIONS | {"thresholds": "1.5"})
    assert parse_config({"dataset": "Digits"}).loss_function == "cross-entropy"
    assert parse_config({"dataset": "Digits", "thresholds": "0.3"}).thresholds == "validation"


def test_runs_are_compared_by_class(capsys: pytest.CaptureFixture[str]) -> None:
    train(epochs=1, lr=1e-5)
    train(name="better")
    capsys.readouterr()
    assert main(["compare", "1", "2", "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert document["metric"] == "label_map" and document["whole"][0]["change"] > 0
    assert {change["group"] for change in document["changes"]} >= set(quadrants.CLASSES)
    assert main(["ensemble", "1", "2"]) == USAGE
    assert "is a run of multi-label, whose predictions cannot be averaged" in capsys.readouterr().err


def test_it_is_exported_with_its_thresholds(tmp_path: Path) -> None:
    import onnx

    run = train()
    export_onnx(run, tmp_path / "a.onnx")
    kept = {each.key: each.value for each in onnx.load(tmp_path / "a.onnx").metadata_props}
    assert json.loads(kept["thresholds"]) == load_label_results(Store.open(), run).predictions.thresholds.tolist()
    assert "sigmoid" in kept["output"]


def test_what_needs_a_classifier_says_so_and_what_does_not_works(tmp_path: Path) -> None:
    run = train()
    with pytest.raises(UserError, match="cannot read"):
        load_results(Store.open(), run)
    assert Case(Store.open(), run).predictions is None
    [gallery] = galleries(Store.open(), [run], "en")
    assert all(picture.true != picture.predicted for picture in gallery.pictures)
    made = preview({"config": OPTIONS | {"mixing": "cutmix"}, "epoch": 0, "folder": str(tmp_path)})
    assert len(made["labels"]) == 32 and all(sum(share for _, share in label) == pytest.approx(1, abs=0.02)
                                             for label in made["labels"])


def test_it_is_not_evaluated_on_pictures_of_another_task(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    assert main(["evaluate", "bright", "--dataset", "Digits"]) == USAGE
    assert "Digits is a data set for classification, bright a run of multi-label" in capsys.readouterr().err


@pytest.mark.parametrize("page", ["launch", "live", "runs", "run", "compare", "results", "data", "try_image"])
def test_every_page_shows_it(page: str) -> None:
    run = train(epochs=1)
    app = open_page(page, run=str(run.id), dataset="Quadrants")
    assert_calm(app)
    if page == "results":
        assert {"mAP", "mAP micro", "F1 macro", "F1 micro", "Exact match"} <= {figure.label for figure in app.metric}
        assert "Co-occurrence" in shown(app) and "highest F1 on validation" in shown(app)
        app.selectbox(key=f"label_{run.id}").set_value("south east").run()
        assert_calm(app)
        assert "south east, missed" in shown(app)


@pytest.mark.parametrize("view", ["Pictures", "Parts", "Co-occurrence", "Duplicates", "Statistics"])
def test_the_data_page_shows_it(view: str) -> None:
    app = open_page("data", dataset="Quadrants", view=view)
    assert_calm(app)


def test_two_runs_are_compared_on_their_page() -> None:
    runs = train(epochs=1), train(name="other", seed=1)
    app = open_page("compare", run=",".join(str(run.id) for run in runs))
    assert_calm(app)
    assert "Labels compared" in shown(app)
