"""Whatever a run trains with, stopped and resumed it ends with the same bits as never stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from engine.config import parse_config
from engine.training.checkpoints import Checkpoints
from engine.training.setup import prepare
from engine.training.small_maps import DENSE, SmallMapConv2d
from tests.engine.training.runs import CPU, Notebook, setup, train

SMALL = {"train_fraction": 0.3, "batch_size": 128}
CNN = {"model": "test_resnet", "image_size": 16}
VIT = {"model": "test_vit3", "image_size": 32, "optimizer": "AdamW", "lr": 0.001}
NATIVE_BF16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()

WAYS: dict[str, dict[str, object]] = {
    "one cycle": {"schedule": "onecycle"},
    "plateau": {"schedule": "plateau", "plateau_patience": 0, "lr": 1e-7},
    "warm-up": {"schedule": "cosine", "warmup_epochs": 2},
    "average": CNN | {"ema_decay": 0.9},
    "average with AdamW": {"ema_decay": 0.99, "optimizer": "AdamW", "lr": 0.001},
    "parts": CNN | {"accumulate": 3},
    "clipping and smoothing": {"grad_clip": 0.5, "label_smoothing": 0.1},
    "mixing": {"mixing": "both", "label_smoothing": 0.1},
    "dropout": CNN | {"dropout": 0.5},
    "drop path": VIT | {"drop_path": 0.2},
    "frozen": CNN | {"fine_tune": "head"},
    "split rates": CNN | {"fine_tune": "split", "backbone_lr": 0.001, "schedule": "cosine"},
    "layer decay": VIT | {"layer_decay": 0.7, "weight_decay": 0.05},
    "muon": CNN | {"optimizer": "muon"},
    "lamb": {"optimizer": "lamb", "lr": 0.001},
    "second order": {"optimizer": "adahessian"},
    "equal steps": {"train_fraction": 0.5, "equal_steps": True},
    "imbalance": {"loss_function": "focal", "class_weights": "balanced", "sampling": "balanced", "repeats": 2,
                  "augmentation": "weak", "folds": 4, "fold": 2, "schedule": "cosine", "cycles": 2, "warmup_steps": 3,
                  "min_lr": 0.001},
    "several classes": {"dataset": "DigitGroups", "loss_function": "focal", "class_weights": "balanced",
                        "sampling": "balanced", "mixing": "both", "label_smoothing": 0.1, "lr": 0.003},
    "balanced score": {"score": "balanced accuracy", "schedule": "plateau", "plateau_patience": 0},
    "checkpointing": CNN | {"gradient_checkpointing": True, "dropout": 0.3, "loss_function": "bce"},
    "growing pictures": CNN | {"start_size": 10, "augmentation": "weak", "ema_decay": 0.9},
    "everything": CNN | {"ema_decay": 0.9, "accumulate": 2, "grad_clip": 1.0, "schedule": "plateau", "mixing": "mixup",
                         "plateau_patience": 0, "early_stopping": 9, "weight_decay": 0.001, "augmentation": "strong"},
}

QUICK = ("plateau", "average", "parts", "frozen", "several classes", "everything")


def assert_resumes(home: Path, options: dict[str, object], stop_at: int) -> None:
    options = SMALL | options
    never, stopped, resumed = Notebook(), Notebook(stop_at=stop_at), Notebook()
    expected = train(home / "never", never, setup(epochs=3, **options))
    train(home / "stopped", stopped, setup(epochs=3, **options))
    assert stopped.progress.step == stop_at
    found = train(home / "stopped", resumed, setup(epochs=3, **options))
    assert found.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []
    assert stopped.steps | resumed.steps == never.steps
    assert stopped.epochs | resumed.epochs == never.epochs


@pytest.mark.parametrize("way", [pytest.param(way, marks=() if way in QUICK else pytest.mark.slow) for way in WAYS])
def test_stopped_within_an_epoch_or_after_one_it_ends_the_same(home: Path, way: str) -> None:
    steps = setup(**SMALL | WAYS[way]).train.steps_per_epoch
    assert_resumes(home, WAYS[way], 2 * steps - 1 if sorted(WAYS).index(way) % 2 else 2 * steps)


@pytest.mark.parametrize("way", [{}, WAYS["plateau"] | {"momentum": 0.9, "augmentation": "vgg"}])
def test_epochs_added_later_are_those_of_one_long_run(home: Path, way: dict[str, object]) -> None:
    """As the tiny VGGs are trained: ten epochs, then five more. A schedule that follows the length would differ."""
    options, long, first, added = SMALL | way, Notebook(), Notebook(), Notebook()
    expected = train(home / "long", long, setup(epochs=5, **options))
    train(home / "parts", first, setup(epochs=3, **options))
    found = train(home / "parts", added, setup(epochs=5, **options))
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []
    assert first.steps | added.steps == long.steps and first.epochs | added.epochs == long.epochs


@pytest.mark.slow
@pytest.mark.skipif(not NATIVE_BF16, reason="this processor only emulates bfloat16")
@pytest.mark.parametrize("options", [{}, CNN | {"image_size": 32, "ema_decay": 0.9, "accumulate": 2}])
def test_bfloat16_resumes_too(home: Path, options: dict[str, object]) -> None:
    assert_resumes(home, options | {"precision": "bf16"}, 4)


@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="no C++ compiler")
@pytest.mark.slow(seconds=100)
@pytest.mark.parametrize("options", [{}, CNN | {"ema_decay": 0.9}])
def test_compiled_models_resume_too(home: Path, options: dict[str, object]) -> None:
    assert_resumes(home, options | {"compile": True}, 4)


def test_a_run_whose_kernels_are_gone_goes_on_with_stock_ones_and_says_so(home: Path) -> None:
    """Small convolutions once had a second form, ``weight``."""
    options = SMALL | CNN | {"epochs": 2}
    stopped, resumed = Notebook(stop_at=3), Notebook()
    made = setup(**options)
    train(home / "run", stopped, made)
    chosen = {"layer4.0.conv1": "weight", "layer4.0.conv2": DENSE}
    again, others = (prepare(parse_config(CPU | options), None, made.resolved | {"small_maps": forms})
                     for forms in (chosen, {"layer4.0.conv2": DENSE}))
    assert again.resolved["small_maps"] == chosen
    assert [isinstance(again.model.get_submodule(name), SmallMapConv2d) for name in chosen] == [False, True]
    assert [sum("last digits" in note for note in run.resolved["notes"]) for run in (again, others)] == [1, 0]
    train(home / "run", resumed, again)
    assert resumed.epochs.keys() == {1, 2} and min(resumed.steps) == 4


def test_plateau_really_changed_the_rate(home: Path) -> None:
    """Else the case above would show nothing."""
    notebook = Notebook()
    train(home / "run", notebook, setup(epochs=3, **SMALL | WAYS["plateau"]))
    assert len({values["lr"] for values in notebook.steps.values()}) > 1


def test_a_checkpoint_holds_the_weights_that_were_validated(home: Path) -> None:
    from safetensors.torch import load_file

    made = setup(epochs=1, ema_decay=0.9, **SMALL)
    train(home / "run", Notebook(), made)
    folder = Checkpoints(home / "run").path("best")
    assert folder is not None
    kept = load_file(folder / "model.safetensors")
    assert kept.keys() == made.model.state_dict().keys()
    assert all(torch.equal(kept[name], value) for name, value in made.evaluated.state_dict().items())
    assert any(not torch.equal(kept[name], value) for name, value in made.model.state_dict().items())
