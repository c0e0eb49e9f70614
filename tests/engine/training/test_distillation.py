"""A run that learns a teacher's predictions: what is learnt, from which weights, and which runs can teach."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.lint import lint_configs
from engine.config import parse_config
from engine.costs.keys import memory_request
from engine.costs.memory import predict_memory
from engine.data.batches import EvalBatches
from engine.data.views import views
from engine.errors import ConfigError, UserError
from engine.evaluation.classification import own_pictures, predict_logits, view_batches
from engine.launch.queue import check_needs
from engine.store import Run, Store
from engine.training.distillation import Distillation, Teacher, distance, teacher_of
from engine.training.objective import BatchLosses, InputFormat, Meter
from engine.training.setup import prepare
from tests.engine.training.runs import CPU, Notebook, setup, train
from tests.fake_runs import add_checkpoint, add_run

CPU_DEVICE = torch.device("cpu")
STUDENT = {"model": "tinyvgg_a", "epochs": 3, "train_fraction": 0.5, "teacher": 1, "batch_size": 128}


@pytest.fixture
def teacher(trained_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run 1, trained for an epoch, in a home of the test's own."""
    shutil.copytree(trained_run.folder.parents[2], tmp_path / "home", dirs_exist_ok=True)
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path / "home"))
    return Store.open().runs.get(trained_run.id)


def weights_of(run: Run) -> Path:
    return next(run.folder.glob("checkpoints/*/model.safetensors"))


def test_the_distance_is_the_divergence_of_softened_predictions() -> None:
    student, other = torch.randn(2, 8, 5).unbind()
    for temperature in (1.0, 4.0):
        p, q = (np.asarray((logits / temperature).softmax(1).double()) for logits in (other, student))
        expected = temperature**2 * (p * np.log(p / q)).sum(1).mean()
        assert float(distance(student, other, temperature)) == pytest.approx(expected, rel=1e-4)
    assert float(distance(other, other, 2.0)) == pytest.approx(0, abs=1e-6)


class _Labels:
    """An objective whose loss is the mean of its logits."""

    def learn(self, forward: nn.Module, images: torch.Tensor, targets: object) -> BatchLosses:
        return BatchLosses({"loss": forward(images).mean()}, lambda meter: meter.add(2, loss=torch.tensor(7.0)))

    def validate(self, model: nn.Module, batches: object) -> dict[str, float]:
        return {"loss": 1.0}


def test_the_loss_is_the_weighted_mean_of_both_and_an_epoch_counts_the_labels_alone() -> None:
    one = torch.ones(1, 1, 1)
    asked = Teacher(nn.Flatten(), one, 0 * one, 1, torch.tensor([1, 0]), {})
    images = torch.tensor([3.0, 1.0]).view(1, 2, 1, 1)
    learnt = Distillation(_Labels(), asked, 0.25, 1.0).learn(nn.Flatten(), images, None)
    expected = 0.75 * 2 + 0.25 * float(functional.kl_div(torch.tensor([[3.0, 1.0]]).log_softmax(1),
                                                         torch.tensor([[1.0, 3.0]]).softmax(1), reduction="batchmean"))
    assert float(learnt.losses["loss"]) == pytest.approx(expected)
    meter = Meter()
    learnt.count(meter)
    assert meter.means() == {"loss": 3.5}


@pytest.mark.parametrize(("size", "tolerance"), [(32, 1e-4), (64, 0.1)])
def test_a_teacher_predicts_a_batch_of_other_size_and_normalisation_as_in_its_own_test(
        teacher: Run, size: int, tolerance: float) -> None:
    pictures = own_pictures(teacher, "test")
    asked = teacher_of(parse_config(CPU | STUDENT), InputFormat(size, (0.3,), (0.7,), CPU_DEVICE, False), None)
    assert asked is not None
    wanted = predict_logits(asked.model, view_batches(pictures, teacher, views("none", (32,), False)[0], CPU_DEVICE))
    batches = EvalBatches(pictures.dataset.test_images, pictures.targets, batch_size=512, size=size, mean=[0.3],
                          std=[0.7], device="cpu", channels_last=False)
    found = torch.cat([asked(images) for images, _ in batches])
    assert (found - wanted).abs().mean() < tolerance * wanted.std()


def test_a_student_comes_nearer_to_its_teacher_than_a_run_without_whatever_the_labels_say(teacher: Run) -> None:
    pictures = own_pictures(teacher, "test")
    batches = view_batches(pictures, teacher, views("none", (32,), False)[0], CPU_DEVICE)
    distances = {}
    for name, options in {"alone": {"teacher": 0}, "taught": {"teacher_weight": 1.0}}.items():
        made = setup(**STUDENT | options)
        train(teacher.folder / name, Notebook(), made)
        own = predict_logits(made.model, batches)
        taught = setup(**STUDENT).objective
        assert isinstance(taught, Distillation)
        distances[name] = float(distance(own, predict_logits(taught.teacher.model, batches), 1.0))
    assert distances["taught"] < 0.5 * distances["alone"]


def test_the_best_checkpoint_teaches_and_is_remembered_with_the_run(teacher: Run) -> None:
    made = setup(**STUDENT)
    known = made.resolved["teacher"]
    assert (known["run"], known["name"], known["checkpoint"]) == (1, teacher.name, weights_of(teacher).parent.name)
    assert f"learns the predictions of run 1, {teacher.name} (epoch-0001)" in made.resolved["notes"]
    assert setup(**STUDENT | {"teacher": 0}).resolved["teacher"] is None


def test_resuming_takes_the_same_weights_or_says_that_they_have_changed(teacher: Run) -> None:
    config = parse_config(CPU | STUDENT)
    first = prepare(config, None, {})
    assert prepare(config, None, first.resolved, weights_follow=True).resolved["teacher"] == first.resolved["teacher"]
    path = weights_of(teacher)
    path.write_bytes(path.read_bytes()[:-4] + b"abcd")
    with pytest.raises(UserError, match=r"epoch-0001 has changed since this run began; put it back"):
        prepare(config, None, first.resolved, weights_follow=True)


def test_a_taught_run_ends_the_same_if_it_is_stopped_and_resumed(teacher: Run) -> None:
    options = STUDENT | {"accumulate": 2, "mixing": "mixup", "augmentation": "weak"}
    never, stopped, resumed = Notebook(), Notebook(stop_at=3), Notebook()
    expected = train(teacher.folder / "never", never, setup(**options))
    train(teacher.folder / "stopped", stopped, setup(**options))
    found = train(teacher.folder / "stopped", resumed, setup(**options))
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []
    assert stopped.steps | resumed.steps == never.steps


@pytest.mark.parametrize(("status", "checkpoint", "resolved", "words"), [
    ("queued", True, {}, "a run that has ended; .* is queued"),
    ("running", True, {}, "a run that has ended; .* is running"),
    ("finished", False, {}, "a run with a checkpoint, which .* has not"),
    ("finished", True, {"class_names": ["cat", "dog"], "channels": 1}, "a run with the classes of Digits, unlike"),
    ("finished", True, {"class_names": [*"0123456789"], "channels": 3}, "a run on pictures of 1 channel; .* have 3"),
])
def test_who_cannot_teach_is_refused_in_one_line(home: Path, status: str, checkpoint: bool, resolved: dict[str, object],
                                                 words: str) -> None:
    store = Store.open()
    run = add_run(store, status)
    store.runs.update(run.id, resolved=resolved)
    if checkpoint:
        add_checkpoint(run)
    with pytest.raises(ConfigError, match=f"teacher: 1 is not {words}"):
        check_needs(parse_config({"teacher": run.id}))


def test_a_teacher_that_is_not_there_is_refused_and_none_needs_no_run(home: Path) -> None:
    with pytest.raises(ConfigError, match="teacher: 5 is not the number of a run that has ended"):
        check_needs(parse_config({"teacher": 5}))
    check_needs(parse_config({}))


def test_the_teachers_memory_is_counted(teacher: Run) -> None:
    alone, taught = (predict_memory(memory_request(parse_config({"model": "test_resnet", "image_size": 32,
                                                                 "teacher": number}))) for number in (0, 1))
    assert taught["source"] == alone["source"]
    assert taught["training"] - alone["training"] >= 4 * 153_386
    assert taught["weights"] == alone["weights"]


def test_a_teacher_of_another_split_or_with_smoothed_labels_is_noted(home: Path) -> None:
    store = Store.open()
    add_run(store)
    add_run(store, seed=3, label_smoothing=0.1)
    first, second = ({remark.rule: remark.message for remark in lint_configs([parse_config({"teacher": number})])}
                     for number in (1, 2))
    assert not {"teacher-knows-validation", "teacher-smoothed"} & first.keys()
    assert "run 2, the teacher, was trained with seed 3, so that" in second["teacher-knows-validation"]
    assert "label smoothing 0.1" in second["teacher-smoothed"]
