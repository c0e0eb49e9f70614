"""Results become runs of a study: in the right cells, once, and without anything they do not have."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from engine import files
from engine.config import parse_config
from engine.costs.pace import pace
from engine.errors import UserError
from engine.imports import import_results
from engine.store import Status, Store
from engine.study.outcomes import outcomes
from engine.study.study import Study
from engine.study.versions import Studies

RESULTS = """name,model,pretrained,lr,seed,accuracy,epochs
a,resnet18,no,0.1,0,45.88,3
b,resnet18,yes,0.1,0,63.67,3
c,resnet34,no,0.1,0,50.10,3
"""
CHART = '"Step","a - val_acc","a - val_acc__MIN","b - val_acc"\n"5","0.4","0.4","0.5"\n"10","0.45","0.45","0.6"\n'


def file(folder: Path, text: str, name: str = "results.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_study_is_declared_from_what_varies(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    result = import_results(store, file(tmp_path, RESULTS), "mine")
    study = Studies(store).get("mine")
    assert study == result.study and list(study.factors) == ["model", "pretrained"]
    assert study.factors["pretrained"] == {"no": {"weights": "scratch"}, "yes": {"weights": "pretrained"}}
    assert study.settings == {"lr": 0.1, "epochs": 3} and study.seeds == (0,) and len(study.cells) == 3
    found = {outcome.cell: outcome for outcome in outcomes(store, study)}
    assert found["resnet18", "yes"].metrics["top1"] == pytest.approx(0.6367) and found["resnet18", "yes"].imported
    assert found["resnet18", "yes"].rounding["top1_error"] == pytest.approx(0.00005)
    assert {outcome.seed for outcome in found.values()} == {0}


def test_the_run_holds_what_is_known_and_says_where_it_is_from(home: Path, tmp_path: Path) -> None:
    run = import_results(Store.open(), file(tmp_path, RESULTS), "mine").runs[1]
    assert run.is_imported and run.status is Status.FINISHED and run.error is None
    assert run.name == "b" and run.test_accuracy == pytest.approx(0.6367) and run.tags == ("mine",)
    assert (run.config["model"], run.config["weights"], run.config["lr"]) == ("resnet18", "pretrained", 0.1)
    assert run.origin["file"] == "results.csv" and run.origin["kind"] == "results"
    assert run.images_per_second is None and run.peak_memory is None and run.dataset_fingerprint is None


def test_importing_again_changes_only_what_changed(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    path = file(tmp_path, RESULTS)
    before = import_results(store, path, "mine").runs
    path.write_text(RESULTS.replace("45.88", "46.00"))
    again = import_results(store, path, "mine")
    assert [run.id for run in again.runs] == [run.id for run in before] and len(store.runs.list()) == 3
    assert again.runs[0].test_accuracy == pytest.approx(0.46)
    assert any(note.startswith("3 of 3 results existed already") for note in again.notes)


def test_curves_join_the_figures_of_the_same_name(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    study = Study.model_validate({"name": "mine", "factors": {"run": {"a": {}, "b": {}, "c": {}}}, "seeds": ()})
    Studies(store).save(study)
    import_results(store, file(tmp_path, RESULTS), "mine")
    result = import_results(store, file(tmp_path, CHART, "chart.csv"), "mine")
    assert len(store.runs.list()) == 3 and len(result.runs) == 2
    run = store.runs.find("b")
    assert run.best_val_accuracy == pytest.approx(0.6) and run.test_accuracy == pytest.approx(0.6367) and run.step == 10
    assert store.metrics.curve(run.id, "val_accuracy")[0].tolist() == [5, 10]


def test_results_find_their_cells_in_a_study_with_other_words(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    Studies(store).save(Study.model_validate({
        "name": "mine", "seeds": (), "settings": {"lr": 0.1}, "factors": {
            "Network": {"ResNet-18": {"model": "resnet18"}, "ResNet-34": {"model": "resnet34", "image_size": 64}},
            "start": {"from scratch": {"weights": "scratch"}, "pretrained": {"weights": "pretrained"}}}}))
    result = import_results(store, file(tmp_path, RESULTS), "mine")
    assert [run.origin["levels"] for run in result.runs] == [
        {"Network": "ResNet-18", "start": "from scratch"}, {"Network": "ResNet-18", "start": "pretrained"},
        {"Network": "ResNet-34", "start": "from scratch"}]
    assert len(outcomes(store, result.study)) == 3


@pytest.mark.parametrize(("factors", "told"), [
    ({"model": ["resnet18"]}, "line 4: model resnet34 is not a level of model in study mine; expected one of resnet18"),
    ({"model": ["resnet18", "resnet34"], "dataset": ["CIFAR10", "CIFAR100"]},
     "no column has the factor dataset of study mine"),
])
def test_results_of_another_study_change_nothing(home: Path, tmp_path: Path, factors: dict[str, list[str]],
                                                 told: str) -> None:
    store = Store.open()
    Studies(store).save(Study.model_validate({"name": "mine", "factors": factors}))
    with pytest.raises(UserError, match=told):
        import_results(store, file(tmp_path, RESULTS), "mine")
    assert not store.runs.list()


def test_a_cell_that_the_design_leaves_out(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    Studies(store).save(Study.model_validate({
        "name": "mine", "factors": {"model": ["resnet18", "resnet34"], "weights": ["scratch", "pretrained"]},
        "leave_out": [{"model": "resnet34"}]}))
    with pytest.raises(UserError, match="line 4: study mine has no cell resnet34, scratch"):
        import_results(store, file(tmp_path, RESULTS), "mine")


def test_names_that_darkroom_does_not_know_are_kept(home: Path, tmp_path: Path) -> None:
    text = "dataset,model,accuracy\nPets,MyNet,0.5\nPets,OurNet,0.6\n"
    result = import_results(Store.open(), file(tmp_path, text), "mine")
    assert [run.config["model"] for run in result.runs] == ["MyNet", "OurNet"]
    assert result.runs[0].origin["unknown"] == {"dataset": "Pets", "model": "MyNet"}
    assert result.study.factors == {"model": {"MyNet": {}, "OurNet": {}}}
    assert result.runs[0].config["dataset"] == "folder"


def test_several_runs_of_a_cell_without_seeds(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    text = "model,accuracy\nresnet18,0.5\nresnet18,0.6\nresnet34,0.7\n"
    result = import_results(store, file(tmp_path, text), "mine")
    assert len(result.runs) == 3 and len(result.study.cells) == 2 and result.study.seeds == ()
    assert [outcome.seed for outcome in outcomes(store, result.study)] == [None] * 3


def test_only_names_and_no_options(home: Path, tmp_path: Path) -> None:
    result = import_results(Store.open(), file(tmp_path, CHART), "mine")
    assert result.study.factors == {"run": {"a": {}, "b": {}}} and result.study.metric == "val_accuracy"


def test_imported_speed_never_counts_for_the_pace_of_this_machine(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    text = "model,images_per_second,accuracy\ntinyvgg_a,123456,0.5\ntinyvgg_b,5,0.6\n"
    result = import_results(store, file(tmp_path, text), "mine")
    assert result.runs[0].images_per_second == 123456
    assert pace(store, parse_config({"model": "tinyvgg_a"}), None, "cpu").speed is None


def long_table(folder: Path, rows: int) -> Path:
    return file(folder, "model,seed,accuracy\n" + "".join(
        f"{model},{seed},50\n" for seed in range(rows // 2) for model in ("resnet18", "resnet34")))


def test_many_results_cost_a_few_syncs(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, syncs = Store.open(), []
    for name in ("sync_file", "sync_file_system"):
        monkeypatch.setattr(files, name, lambda path, name=name: syncs.append(name))
    imported = import_results(store, long_table(tmp_path, 250), "long")
    assert syncs.count("sync_file_system") == 3  # a batch of 100
    assert len(syncs) < len(imported.runs) / 10
    assert all((run.folder / "run.json").exists() for run in imported.runs)


def test_an_import_that_is_killed_leaves_whole_batches_and_is_completed_by_the_next(home: Path, tmp_path: Path) -> None:
    store, table = Store.open(), long_table(tmp_path, 250)
    child = os.fork()
    if not child:
        import_results(Store.open(), table, "long", stored=lambda done, of: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    runs = store.runs.list()
    assert len(runs) == 100 and {(run.status, run.test_accuracy) for run in runs} == {(Status.FINISHED, 0.5)}
    imported = import_results(store, table, "long")
    assert len(imported.runs) == len(store.runs.list()) == 250 and "100 of 250 results existed" in imported.notes[-1]


def test_no_such_file_and_no_such_kind(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.csv does not exist"):
        import_results(Store.open(), tmp_path / "none.csv", "mine")
    kinds = "auto, results, chart, history, log, download, tensorboard"
    with pytest.raises(UserError, match=f"kind: 'excel' is not one of {kinds}"):
        import_results(Store.open(), file(tmp_path, RESULTS), "mine", "excel")
