"""Layered files make the same runs as options in one place, and are written so that they do."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from engine.cli.parser import build_parser, given_options
from engine.config import RunConfig, load_yaml, parse_options
from engine.errors import UserError
from engine.study.configs import cell_config, cell_options
from engine.study.document import load_study
from engine.study.layers import make_layers, write_layers
from engine.study.study import Study

FILES = {
    "default.yaml": "epochs: 20\nbatch_size: 64\nlr: 0.5\nval_fraction: 0.2\n",
    "dataset/cifar10.yaml": "dataname: CIFAR10\nnum-classes: 10\n",
    "dataset/cifar100.yaml": "dataname: CIFAR100\nbatch_size: 32\n",
    "model/resnet50_scratch.yaml": "model: resnet50\nlr: 0.3\n",
    "model/resnet50_im1k.yaml": "model: resnet50\nweights: pretrained\n",
    "optimizer/adam.yaml": "optimizer: Adam\nlr: 0.001\n",
}
STUDY = """
name: layered
layers: [default.yaml, 'dataset/{dataset}.yaml', 'model/{start}.yaml', optimizer/adam.yaml]
factors:
  dataset: [cifar10, cifar100]
  start: {scratch: resnet50_scratch, pretrained: resnet50_im1k}
settings: {val_fraction: 0.1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {**FILES, "study.yaml": STUDY}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_later_layer_wins_and_the_study_s_own_settings_over_all(folder: Path) -> None:
    study = load_study(folder / "study.yaml")
    assert study.factor("dataset").labels == ("cifar10", "cifar100")
    assert study.factor("start").labels == ("scratch", "pretrained")
    shared = {"epochs": 20, "val_fraction": 0.1, "optimizer": "Adam", "lr": 0.001, "model": "resnet50"}
    assert cell_options(study, ("cifar10", "scratch")) == {
        **shared, "dataset": "CIFAR10", "num_classes": 10, "batch_size": 64}
    assert cell_options(study, ("cifar100", "pretrained")) == {
        **shared, "dataset": "CIFAR100", "batch_size": 32, "weights": "pretrained"}


@pytest.mark.parametrize(("layers", "message"), [
    ("[none.yaml]", "No such file"),
    ("['{dataset}/{start}.yaml']", "a name may hold one factor in braces, of dataset, start"),
    ("['{model}.yaml']", "one factor"),
    ("default.yaml", "must be a list of files"),
    ("['model/{start}.yaml', 'clash/{dataset}.yaml']", "lr is also set by the files of start"),
])
def test_layers_that_cannot_be_are_told(folder: Path, layers: str, message: str) -> None:
    for name in ("cifar10", "cifar100"):
        (folder / "clash").mkdir(exist_ok=True)
        (folder / f"clash/{name}.yaml").write_text("lr: 1\n")
    text = "\n".join(f"layers: {layers}" if line.startswith("layers") else line for line in STUDY.splitlines())
    (folder / "study.yaml").write_text(text)
    with pytest.raises(UserError, match=message):
        load_study(folder / "study.yaml")


def _commanded(folder: Path, command: str) -> RunConfig:
    """What ``train`` makes of a line of ``runs.sh``."""
    words = shlex.split(command.replace('"$here"', shlex.quote(str(folder))))
    assert words[:3] == ["python", "-m", "engine"]
    arguments = build_parser().parse_args(words[3:])
    values: dict[str, object] = {}
    for path in arguments.config:
        values |= load_yaml(Path(path))
    return parse_options(values | given_options(arguments))


def test_written_layers_make_the_same_runs(tmp_path: Path) -> None:
    study = Study.model_validate({
        "name": "written", "seeds": [0, 3],
        "factors": {"dataset": ["CIFAR10", "CIFAR100"], "model": {"R": "resnet50", "V": "vit_small_patch16_224"},
                    "weights": ["scratch", "pretrained"], "train_fraction": [1.0, 0.1],
                    "rate": {"slow": {"optimizer": "SGD", "lr": 0.01, "nesterov": False}, "fast": {"lr": 0.1}}},
        "settings": {"epochs": 5, "augmentation": "weak", "schedule": "cosine", "tags": "a,b", "compile": True}})
    configs = [cell_config(study, cell, seed) for cell in study.cells for seed in study.seeds]
    written = write_layers(configs, tmp_path / "it's here")
    names = sorted(str(path.relative_to(tmp_path / "it's here")) for path in written)
    assert names == sorted([
        "defaults.yaml", "runs.sh", *(f"dataset/{name}_train-fraction{share}.yaml" for name in ("cifar10", "cifar100")
                                      for share in ("1.0", "0.1")),
        *(f"model/{name}_{start}.yaml" for name in ("resnet50", "vit_small_patch16_224")
          for start in ("scratch", "pretrained")), "optimizer/adamw.yaml", "optimizer/sgd.yaml"])
    assert "epochs: 5" in (tmp_path / "it's here/defaults.yaml").read_text()
    commands = [line for line in (tmp_path / "it's here/runs.sh").read_text().splitlines() if line.startswith("python")]
    assert [_commanded(tmp_path / "it's here", command) for command in commands] == configs


def test_a_single_run_is_all_in_its_layers() -> None:
    files = make_layers([RunConfig(lr=0.1, seed=3)])
    assert set(files) == {"defaults.yaml", "dataset/digits.yaml", "model/tinyvgg_a.yaml", "optimizer/adamw.yaml",
                          "runs.sh"}
    assert files["optimizer/adamw.yaml"] == "lr: 0.1\n" and files["defaults.yaml"] == "seed: 3\n"
