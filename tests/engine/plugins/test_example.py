"""The plug-in of the docs, as it stands there, through every door: it is used as a student would use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.launch.plugins import load_plugins
from engine.plugins.files import PluginFile
from engine.store import Run, Store
from tests.engine.cli.command import document, engine, process_document
from tests.plugin_files import EXAMPLE, put_example
from tests.waiting import until

FEW = ("--batch-size", "16", "--device", "cpu")


def test_it_is_listed_and_prepared_by_commands(home: Path) -> None:
    folder = put_example(home)
    [listed] = document("models", "residual")
    assert listed == {"name": "SmallResNet", "family": "residual", "size": 16, "parameters": 77_818}
    refused = engine("data", "Slopes")
    assert refused.returncode == 2 and "train/*.npz and test/*.npz" in refused.stderr
    found = document("data", "slopes", "--data-path", str(folder))
    assert found["classes"] == ["falling", "rising"] and found["by_class"] == {"train": [30, 30], "test": [10, 10]}


@pytest.mark.slow
def test_it_trains_in_the_foreground_and_is_evaluated(home: Path) -> None:
    folder = put_example(home)
    run = process_document("train", "--dataset", "Slopes", "--data-path", str(folder), "--model", "SmallResNet",
                           "--epochs", "6", *FEW)
    assert run["status"] == "finished" and run["test_accuracy"] > 0.9
    assert run["environment"]["plugins"] == {"residual.py": PluginFile.at(EXAMPLE).sha256}
    found = document("evaluate", str(run["id"]), "--checkpoint", "last", "--split", "test")
    assert found[0]["metrics"]["top1"] > 0.9
    head = engine("train", "--dataset", "Slopes", "--data-path", str(folder), "--model", "SmallResNet", "--epochs",
                  "1", "--fine-tune", "head", *FEW)
    assert head.returncode == 0 and "only head learns (130 of 77,298 parameters)" in head.stderr


@pytest.mark.slow
def test_it_trains_detached_and_tells_at_resume_that_its_file_changed(home: Path) -> None:
    folder, store = put_example(home), Store.open()
    queued = document("train", "--dataset", "Slopes", "--data-path", str(folder), "--model", "SmallResNet", "--epochs",
                      "1", "--detach", *FEW)
    run = _ended(store, store.runs.get(queued["id"]))
    assert run.status == "finished" and run.parameters == 77_298
    file = home / "plugins" / "residual.py"
    file.write_text(file.read_text().replace("written by hand", "changed by hand"))
    said = engine("resume", str(run.id), "--more", "1")
    assert said.returncode == 0 and "warning: plug-in residual.py changed since this run was created" in said.stderr
    run = _ended(store, run)
    assert (run.status, run.epoch) == ("finished", 2)
    told = [event.message for event in store.events.of(run.id) if "residual.py changed" in event.message]
    assert len(told) == 1 and told[0] in run.resolved["notes"]
    file.unlink()
    refused = engine("resume", str(run.id), "--more", "1", "--json")
    assert refused.returncode == 2 and refused.stdout == "" and len(refused.stderr.splitlines()) == 1
    assert "residual.py is missing" in refused.stderr and store.runs.get(run.id).status == "finished"


@pytest.mark.slow
def test_a_file_outside_of_the_home_is_found_by_the_trainer_and_by_later_processes(
        home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "nets.py"
    elsewhere.write_text(EXAMPLE.read_text())
    queued = document("train", "--plugin", str(elsewhere), "--model", "SmallResNet", "--epochs", "1",
                      "--train-fraction", "0.1", "--detach", *FEW)
    assert list(queued["environment"]["plugins"]) == [str(elsewhere)]
    store = Store.open()
    run = _ended(store, store.runs.get(queued["id"]))
    assert run.status == "finished"
    assert load_plugins() == [] and run.config_object().model == "SmallResNet"


def _ended(store: Store, run: Run) -> Run:
    until(lambda: not store.runs.get(run.id).is_live and store.runs.get(run.id).status != "queued", 240)
    return store.runs.get(run.id)
