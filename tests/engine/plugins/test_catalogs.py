"""Rows of plug-ins in the catalogs: they come with their home and its files, and go with them."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.catalog.augmentations import AUGMENTATIONS
from engine.catalog.datasets import DATASETS
from engine.catalog.metrics import METRICS
from engine.catalog.models import DECLARED_MODELS, check_model, model_row, models, search_models
from engine.config import RunConfig, parse_config
from engine.costs.keys import cost_key, cost_request
from engine.plugins import importing
from engine.plugins.catalogs import pending, plugins_used, problems, refresh, remove_rows
from engine.plugins.files import PluginFile
from engine.tasks import TASKS
from tests.plugin_files import know, put_example, write

BEFORE = [dict(each) for each in (DATASETS, METRICS, AUGMENTATIONS, DECLARED_MODELS, TASKS)]


def _unchanged() -> bool:
    return [dict(each) for each in (DATASETS, METRICS, AUGMENTATIONS, DECLARED_MODELS, TASKS)] == BEFORE


def test_rows_are_there_as_darkrooms_own_are(home: Path) -> None:
    folder = put_example(home)
    know()
    assert problems() == [] and not pending()
    assert check_model("smallresnet") == "SmallResNet" and model_row("SmallResNet").parameters == 77_818
    assert list(search_models("small residual")) == ["SmallResNet"]
    config = parse_config({"dataset": "slopes", "data_path": str(folder), "model": "SmallResNet", "batch_size": "8"})
    assert (config.dataset, config.model) == ("Slopes", "SmallResNet")


def test_rows_leave_with_their_home(home: Path, tmp_path_factory: pytest.TempPathFactory,
                                    monkeypatch: pytest.MonkeyPatch) -> None:
    put_example(home)
    know()
    assert "SmallResNet" in models() and "Slopes" in DATASETS
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path_factory.mktemp("other")))
    refresh()
    assert _unchanged() and "SmallResNet" not in models()
    monkeypatch.setenv("DARKROOM_HOME", str(home))
    refresh()
    assert "SmallResNet" in models()
    remove_rows()
    assert _unchanged()


def test_rows_change_and_leave_with_their_file(home: Path) -> None:
    file = write(home, "soft.py", "augmentation('soft', Augmentation('Little.', crop_padding=2))\n")
    know()
    assert AUGMENTATIONS["soft"].crop_padding == 2
    file.write_text(file.read_text().replace("padding=2", "padding=3"))
    know()
    assert AUGMENTATIONS["soft"].crop_padding == 3
    file.unlink()
    know()
    assert _unchanged()


def test_what_is_not_known_yet_is_asked_for_and_once_known_never_imported_again(home: Path) -> None:
    write(home, "soft.py", "augmentation('soft', Augmentation('Little.'))\n")
    refresh()
    assert "soft" not in AUGMENTATIONS and "soft.py is new or changed" in problems()[0]
    remove_rows()
    refresh(lambda unlisted: True)
    assert pending() and problems() == []
    know()
    assert "soft" in AUGMENTATIONS and not pending()
    remove_rows()
    asked: list[PluginFile] = []
    refresh(lambda unlisted: bool(asked.extend(unlisted)))
    assert "soft" in AUGMENTATIONS and asked == []


@pytest.mark.parametrize(("code", "line"), [
    ("@model(size=8)\ndef TinyVGG_A(num_classes, in_chans): ...\n",
     "the model TinyVGG_A is left out, as Darkroom has one called tinyvgg_a"),
    ("@model(size=8)\ndef resnet18(num_classes, in_chans): ...\n",
     "the model resnet18 is left out, as timm has one called resnet18"),
    ("@model(size=8)\ndef fcos(num_classes, in_chans): ...\n",
     "the model fcos is left out, as Darkroom has one called fcos_resnet10t_fpn"),
    ("@dataset()\ndef digits(): ...\n", "the data set digits is left out, as Darkroom has one called Digits"),
    ("augmentation('weak', Augmentation('.'))\n", "the augmentation weak is left out, as Darkroom has one"),
    ("augmentation('mine', Augmentation('.'))\n", "the augmentation mine is left out, as first.py has one"),
    ("@model(size=8, task='dreaming')\ndef dreamer(num_classes, in_chans): ...\n",
     "the model dreamer is left out: there is no task dreaming, only classification"),
])
def test_a_name_that_exists_is_refused_and_both_are_named(home: Path, code: str, line: str) -> None:
    write(home, "first.py", "augmentation('mine', Augmentation('First.'))\n")
    write(home, "second.py", code + "augmentation('other', Augmentation('.'))\n")
    know()
    [problem] = problems()
    assert problem.startswith(f"plug-in second.py: {line}")
    assert AUGMENTATIONS["mine"].help == "First." and "other" in AUGMENTATIONS


def test_a_task_whose_score_is_no_metric_is_named(home: Path) -> None:
    code = "from dataclasses import replace\nfrom engine.tasks import TASKS\n" \
           "task(replace(TASKS['classification'], name='{0}', test_score='{1}'))\n"
    write(home, "first.py", code.format("lost", "tpo1") + code.format("found", "seen"))
    write(home, "second.py", "@metric('Seen', task='found')\ndef seen(predictions): ...\n")
    know()
    assert problems() == ["plug-in first.py: the task lost: test_score: 'tpo1' is not a metric; nearest: "
                          "top1, top5, top1_error"]


def test_two_files_that_would_be_one_module_are_told_apart(home: Path) -> None:
    write(home, "a-b.py", "augmentation('one', Augmentation('.'))\n")
    write(home, "a_b.py", "augmentation('two', Augmentation('.'))\n")
    know()
    assert "one" in AUGMENTATIONS and "two" not in AUGMENTATIONS
    [problem] = problems()
    assert "a_b.py is left out" in problem and "a-b.py" in problem


def test_a_broken_file_breaks_no_other(home: Path) -> None:
    write(home, "broken.py", "1 / 0\n")
    write(home, "fine.py", "augmentation('fine', Augmentation('.'))\n")
    know()
    assert problems() == ["plug-in broken.py, line 4: ZeroDivisionError: division by zero"] and "fine" in AUGMENTATIONS


def test_a_run_uses_the_files_whose_rows_it_names(home: Path) -> None:
    put_example(home)
    soft = write(home, "soft.py", "augmentation('soft', Augmentation('Little.'))\n")
    know()
    options = RunConfig().model_dump()
    assert plugins_used(options) == {}
    assert plugins_used(options | {"augmentation": "soft"}) == {"soft.py": PluginFile.at(soft).sha256}
    assert list(plugins_used(options | {"model": "SmallResNet", "dataset": "Slopes"})) == ["residual.py"]


def test_what_a_model_costs_is_found_anew_when_its_file_changes(home: Path) -> None:
    put_example(home)
    know()
    config = RunConfig(model="SmallResNet")
    before = cost_key(cost_request(config))
    file = home / "plugins" / "residual.py"
    file.write_text(file.read_text().replace("16 to 64", "sixteen to 64"))
    know()
    assert cost_key(cost_request(config)) != before
    assert "plugin" not in cost_key(cost_request(RunConfig()))


def test_a_metric_is_kept_and_computed_only_where_plugins_are_imported(
        home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(home, "worst.py", "@metric('Worst class', higher_is_better=False)\ndef worst(predictions):\n"
                 "    'The worst recall.'\n    return predictions['recall'].min()\n")
    know()
    row = METRICS["worst"]
    assert (row.title, row.help, row.task, row.higher_is_better) == (
        "Worst class", "The worst recall.", "classification", False)
    assert row.evaluate({"recall": np.array([0.5, 1.0])}) == 0.5
    assert math.isnan(row.evaluate({}))
    assert "Worst class is left out: plug-in worst.py, line 7" in capsys.readouterr().err
    monkeypatch.setattr("sys.meta_path", [finder for finder in sys.meta_path if finder is not importing._FINDER])
    sys.modules.pop("darkroom_plugins.worst")
    assert math.isnan(row.evaluate({"recall": np.array([0.5])}))
    file.unlink()
    refresh()
    assert _unchanged()
