"""Every run of the five studies: a valid config, a model that learns, is stopped, resumed and evaluated."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import save_file

from engine.cli.parser import build_parser, given_options
from engine.config import RunConfig, expand_grid, parse_config, with_name
from engine.config.steps import picture_size
from engine.data.facts import data_facts
from engine.home import weights_dir
from engine.models.build import build_model
from engine.runner.main import train_run
from engine.store import Store
from engine.training import machine, small_maps
from engine.training.loop import StepRecord
from engine.training.observers import EpochLog
from engine.training.progress import Progress
from tests.engine.data.sources import arrays
from tests.engine.evaluation.checkpoints import evaluate_checkpoint
from tests.engine.training.small_sets import stand_in
from tests.engine.training.studies import (
    Options,
    low_res_survey,
    mix_augmentation,
    npy_ten_class,
    pretraining_robustness,
    tiny_vgg,
)

STUDIES = {"low-res-survey": (low_res_survey, 14), "pretraining-robustness": (pretraining_robustness, 20),
           "mix-augmentation": (mix_augmentation, 24), "tiny-vgg": (tiny_vgg, 11)}
NPY = "ten-class-arrays"

# As the first study's authors wrote them after `python main.py` or `./run_timm.sh`.
COMMANDS = (
    "--dataname CIFAR10 --num-classes 10 --model-name resnet18 --opt-name Adam --aug-name default --batch-size 64 "
    "--lr 0.1 --use_scheduler --epochs 50 --exp-name 10_resnet18_default_Adam",
    "efficientnet_b0 --dataname CIFAR10 --num-classes 10 --opt-name Adam --aug-name weak --batch-size 64 --lr 0.1 "
    "--use_scheduler --epochs 50 --exp-name 10_efficientnet_b0_weak_Adam",
    "vit_small_patch32_32 --dataname CIFAR10 --num-classes 10 --model-name vit_small_patch32_32 --opt-name Adam "
    "--aug-name default --batch-size 128 --lr 0.001 --use_scheduler --epochs 50 --img-size 32 "
    "--exp-name 10_ViTsmall32x32_default_Adam",
    "--model-name convnext_base --dataname CIFAR10 --num-classes 10 --opt-name Adam --aug-name weak --batch-size 128 "
    "--lr 0.001 --use_scheduler --epochs 50 --exp-name 10_ConvNeXt_weak_Adam",
    "--model-name naflexvit_base_patch16_gap.e300_s576_in1k --dataname CIFAR10 --num-classes 10 --opt-name Adam "
    "--aug-name weak --batch-size 64 --lr 0.001 --use_scheduler --epochs 50 --exp-name 10_naflexvit_weak_Adam",
    "--model-name naflexvit_base_patch16_gap.e300_s576_in1k --dataname CIFAR10 --num-classes 10 --opt-name Adam "
    "--aug-name default --batch-size 64 --lr 0.001 --use_scheduler --epochs 50 --exp-name 10_naflexvit_default_Adam",
    "--dataname CIFAR100 --num-classes 100 --model-name resnet18 --opt-name Adam --aug-name weak --batch-size 128 "
    "--lr 0.001 --use_scheduler --epochs 50 --exp-name 100_resnet_weak_Adam",
    "--dataname TinyImagenet --num-classes 200 --model-name resnet18 --opt-name Adam --aug-name default "
    "--batch-size 128 --lr 0.001 --use_scheduler --epochs 50 --exp-name 200_resnet18",
)
USAGE = ("--dataname", "--num-classes", "--model-name", "--opt-name", "--aug-name", "--batch-size", "--lr",
         "--use_scheduler", "--epochs", "--img-size", "--exp-name")


@pytest.fixture(scope="module")
def study_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home with stand-ins for all data sets, for every run of this module."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("studies")
        patch.setenv("DARKROOM_HOME", str(home))
        # What is fastest does not matter for two steps, and to measure it takes longer than they do.
        patch.setattr(machine, "_channels_last_is_faster", lambda *_: False)
        patch.setattr(small_maps, "_fastest_forms", lambda *_: {})
        for name in ("CIFAR10", "CIFAR100", "TinyImagenet"):
            stand_in(name)
        random = np.random.RandomState(0)
        arrays(home / NPY, **{f"{split}_images": random.randint(0, 256, (count, 32, 32, 3), np.uint8)
                              for split, count in (("train", 40), ("test", 20))})
        yield home


@pytest.mark.parametrize("study", STUDIES)
def test_each_run_is_a_valid_config_of_its_own(home: Path, study: str) -> None:
    made, count = STUDIES[study]
    configs = [parse_config(options) for options in made()]
    assert len({config.hash() for config in configs}) == len(configs) == count
    assert all(getattr(config, field) == value for config, options in zip(configs, made(), strict=True)
               for field, value in options.items())


@pytest.mark.parametrize("fine_tune", ["all", "head"])
def test_each_run_on_arrays_is_a_valid_config_of_its_own(home: Path, fine_tune: str) -> None:
    path = str(arrays(home / NPY, train=100))
    configs = [parse_config(options) for options in npy_ten_class(path, fine_tune)]
    assert len({config.hash() for config in configs}) == len(configs) == 8
    assert {config.fine_tune for config in configs} == {fine_tune}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_authors_command_lines_parse_unchanged(home: Path, command: str) -> None:
    [config] = expand_grid(given_options(build_parser().parse_args(["train", *shlex.split(command)])))
    assert command.split()[-1] == config.name and config.schedule == "cosine" and config.epochs == 50
    assert config.model in command and f"--num-classes {config.num_classes}" in command
    assert len(data_facts(config.dataset).classes) == config.num_classes
    assert f"--opt-name {config.optimizer}" in command and f"--aug-name {config.augmentation}" in command
    assert f"--batch-size {config.batch_size} " in command and f"--lr {config.lr:g} " in command
    assert config.image_size == (32 if "--img-size 32" in command else 0)


def test_every_flag_of_the_authors_usage_is_known(home: Path) -> None:
    words = [word for flag in USAGE for word in ((flag,) if flag == "--use_scheduler" else (flag, "1"))]
    given = given_options(build_parser().parse_args(["train", *words]))
    assert len(given) == len(USAGE) and given["schedule"] == "cosine"


def distinct() -> dict[str, Options]:
    """One run for each model, picture size, data set, source of weights and what learns; the last of several."""
    rows = [*low_res_survey(), *pretraining_robustness(), *mix_augmentation(), *npy_ten_class(NPY),
            *npy_ten_class(NPY, "head")]
    keys = ("model", "image_size", "dataset", "weights", "fine_tune")
    found = {" ".join(str(row.get(key, "")) for key in keys).strip(): row for row in rows}
    return found | {f"{row['model']} {row['train_scale']}": row for row in tiny_vgg()}


def give_weights(name: str) -> None:
    """A file where the published weights would be, of the model as published."""
    file = weights_dir() / f"{name}.safetensors"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        model = build_model(name, classes=1000, channels=3, size=224)
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, file)


@pytest.mark.slow
@pytest.mark.parametrize("key", distinct())
def test_each_kind_of_run_learns_stops_resumes_and_is_evaluated(study_home: Path, key: str) -> None:
    options = distinct()[key] | {"batch_size": 2, "device": "cpu", "train_fraction": 1.0, "val_fraction": 0.34}
    if "data_path" in options:
        options["data_path"] = str(study_home / NPY)
    if options.get("weights") == "pretrained":
        give_weights(str(options["model"]))
    store, config = Store.open(), with_name(parse_config(options))
    run = store.runs.create(config, status="starting", environment={}, git_commit=None, git_dirty=False)
    for step in (1, 2):
        assert train_run(run.id, OneStep(run.task)) == 0, store.runs.get(run.id).error
        stopped = store.runs.get(run.id)
        assert (stopped.status, stopped.step) == ("stopped", step)
        if step == 1:
            store.runs.requeue(run.id)
            store.runs.transition(run.id, "starting", expected=("queued",))
    assert_resolved(config, stopped.resolved)
    metrics = evaluate_checkpoint(store, stopped, None, "last", "test", tta=config.tta)
    assert 0 <= metrics["top1"] <= 1 and metrics["loss"] > 0
    store.runs.delete(run.id)


def assert_resolved(config: RunConfig, resolved: dict[str, object]) -> None:
    assert resolved["image_size"] == picture_size(config)
    assert resolved["normalisation"] == ("weights" if config.weights == "pretrained" else "data")
    assert bool(resolved["weights_report"]) or config.weights == "scratch"


class OneStep(EpochLog):
    """Asks for a stop, as the system does, as soon as a step was done."""

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        signal.raise_signal(signal.SIGTERM)
