"""What a batch does to the weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.errors import ConfigError
from engine.training.losses import Criterion
from engine.training.objective import Meter
from engine.training.setup import Setup
from engine.training.updates import Updates
from tests.engine.training.runs import Notebook, setup, train

NATIVE_BF16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()


def batch(made: Setup) -> tuple[Tensor, Tensor]:
    return next(iter(made.train.epoch(0)))  # type: ignore[return-value]


def flat(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def one_step(made: Setup) -> dict[str, Tensor]:
    Updates(made).step(*batch(made), Meter(), 1)
    return {name: parameter.detach().clone() for name, parameter in made.model.named_parameters()}


@pytest.mark.parametrize("options", [{}, {"mixing": "cutmix", "label_smoothing": 0.1}, {"grad_clip": 0.1}])
@pytest.mark.parametrize("parts", [2, 3, 32])
def test_parts_make_the_same_step_as_the_whole_batch(home: Path, parts: int, options: dict[str, object]) -> None:
    whole, parted = setup(batch_size=32, **options), setup(batch_size=32, accumulate=parts, **options)
    meters = Meter(), Meter()
    losses = [Updates(made).step(*batch(made), meter, 1)["loss"]
              for made, meter in zip((whole, parted), meters, strict=True)]
    torch.testing.assert_close(losses[0], losses[1])
    assert meters[0].means() == pytest.approx(meters[1].means(), rel=1e-5)
    for (name, one), other in zip(whole.model.named_parameters(), parted.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6, msg=name)


def test_a_last_part_of_another_size_counts_by_its_pictures(home: Path) -> None:
    fresh = setup(batch_size=5, accumulate=2)
    expected = setup(batch_size=5)
    Updates(fresh).step(*batch(fresh), Meter(), 1)
    Updates(expected).step(*batch(expected), Meter(), 1)
    for one, other in zip(fresh.model.parameters(), expected.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_no_part_of_a_short_batch_is_a_single_picture(home: Path) -> None:
    made = setup(model="test_resnet", batch_size=64, accumulate=2)
    images, targets = batch(made)
    forward, sizes = made.forward, []

    def watched(part: Tensor) -> Tensor:
        sizes.append(len(part))
        return forward(part)

    made.forward = watched
    for count in (64, 40, 33, 2):
        Updates(made).step(images[:count], targets[:count], Meter(), 1)
    assert sizes == [32, 32, 32, 8, 33, 2]


def test_gradients_are_clipped_to_the_norm(home: Path) -> None:
    norms = []
    for clip in (0.0, 0.01):
        made = setup(grad_clip=clip)
        one_step(made)
        gradients = [parameter.grad for parameter in made.model.parameters() if parameter.grad is not None]
        norms.append(float(torch.stack([gradient.norm() for gradient in gradients]).norm()))
    assert norms[0] > 0.1 and norms[1] == pytest.approx(0.01, rel=1e-3)


def test_label_smoothing_is_in_the_training_loss_alone(home: Path) -> None:
    made = setup(label_smoothing=0.2)
    images, targets = batch(made)
    with torch.no_grad():
        logits = made.model(images)
    expected = functional.cross_entropy(logits, targets, label_smoothing=0.2)
    torch.testing.assert_close(Updates(made).step(images, targets, Meter(), 1)["loss"], expected)
    torch.testing.assert_close(Criterion()(logits, targets), functional.cross_entropy(logits, targets))


def test_the_average_follows_the_weights(home: Path) -> None:
    made = setup(ema_decay=0.5)
    updates, images_and_targets = Updates(made), batch(made)
    seen = []
    for number in (1, 2, 3):
        updates.step(*images_and_targets, Meter(), number)
        seen.append(flat(made.model))
    average = seen[0]
    for number, weights in zip((2, 3), seen[1:], strict=True):
        decay = min(0.5, 1 - (1 + number - 1) ** (-2 / 3))
        average = decay * average + (1 - decay) * weights
    torch.testing.assert_close(flat(made.evaluated), average)
    assert made.evaluated is not made.model and not made.evaluated.training


def test_a_frozen_backbone_does_not_move_nor_its_norms(home: Path) -> None:
    options: dict[str, object] = {"model": "test_resnet", "image_size": 16, "fine_tune": "head", "epochs": 1}
    before, made = setup(**options).model.state_dict(), setup(**options)
    train(home / "run", Notebook(), made)
    moved = {name for name, value in made.model.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {"fc.weight", "fc.bias"}


def test_split_rates_record_the_classifiers(home: Path) -> None:
    notebook = Notebook()
    made = setup(model="test_resnet", image_size=16, fine_tune="split", backbone_lr=0.001, lr=0.02, epochs=1)
    train(home / "run", notebook, made)
    assert {values["lr"] for values in notebook.steps.values()} == {0.02}
    assert {group["lr"] for group in made.optimizer.param_groups} == {0.02, 0.001}


@pytest.mark.skipif(not NATIVE_BF16, reason="this processor only emulates bfloat16")
def test_bfloat16_learns_like_float32_and_keeps_its_weights(home: Path) -> None:
    plain, mixed = Notebook(), Notebook()
    train(home / "plain", plain, setup(epochs=1))
    made = setup(epochs=1, precision="bf16")
    train(home / "mixed", mixed, made)
    assert mixed.epochs[1]["train_loss"] == pytest.approx(plain.epochs[1]["train_loss"], rel=0.05)
    assert mixed.steps[1]["loss"] != plain.steps[1]["loss"]
    assert {parameter.dtype for parameter in made.model.parameters()} == {torch.float32}
    assert made.resolved["small_maps"] == {}


@pytest.mark.parametrize(("precision", "supported", "expected"), [
    ("bf16", False, "needs a processor or GPU that computes bfloat16 natively; use fp32"),
    ("fp16", True, "needs a GPU; use fp32")])
def test_formats_the_processor_lacks_are_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, precision: str, supported: bool, expected: str,
) -> None:
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: supported)
    with pytest.raises(ConfigError, match=f"precision: '{precision}' is not for this device.*{expected}"):
        setup(precision=precision)


@pytest.mark.skipif(not NATIVE_BF16, reason="this processor only emulates bfloat16")
def test_bfloat16_is_refused_where_its_gradients_would_be_wrong(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"'bf16' is not for pictures of 16 px on a CPU: layer layer4.0.conv1 has"):
        setup(precision="bf16", model="test_resnet", image_size=16)
    assert setup(precision="bf16", model="test_resnet", image_size=32).precision.mixed


def test_compiling_without_a_compiler_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torch._inductor import cpp_builder
    from torch._inductor.exc import InvalidCxxCompiler

    def none() -> str:
        raise InvalidCxxCompiler

    monkeypatch.setattr(cpp_builder, "get_cpp_compiler", none)
    with pytest.raises(ConfigError, match="compile: True is not possible here: no C\\+\\+ compiler was found"):
        setup(compile=True)


@pytest.mark.slow
def test_compiled_it_learns_the_same_under_the_same_names(home: Path) -> None:
    plain, compiled = Notebook(), Notebook()
    expected = train(home / "plain", plain, setup(epochs=1))
    found = train(home / "compiled", compiled, setup(epochs=1, compile=True))
    assert found.keys() == expected.keys()
    assert compiled.epochs[1]["train_loss"] == pytest.approx(plain.epochs[1]["train_loss"], rel=1e-3)
