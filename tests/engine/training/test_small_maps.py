"""Other forms of small convolutions against the stock one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.training import small_maps
from engine.training.small_maps import Form, SmallMapConv2d, in_form, possible_forms, use_small_map_gradients

# channels in, out, side, kernel, stride, padding
SHAPES = [(8, 6, 4, 3, 2, 1), (8, 6, 2, 3, 1, 1), (8, 6, 2, 3, 2, 1), (8, 6, 1, 3, 1, 1), (8, 6, 2, 1, 2, 0),
          (8, 6, 2, 1, 1, 0), (6, 8, 3, 3, 2, 1), (4, 6, 5, 5, 3, 2), (4, 6, 4, 3, 1, 0), (4, 6, 1, 1, 1, 0),
          (4, 6, 2, 2, 1, 0), (4, 6, 1, 5, 1, 2), (4, 6, 1, 3, 2, 2)]
LAYOUTS = [torch.contiguous_format, torch.channels_last]


def layer_and_input(shape: tuple[int, ...], layout: torch.memory_format, dtype: torch.dtype,
                    bias: bool = True) -> tuple[nn.Conv2d, Tensor]:
    channels, outputs, side, kernel, stride, padding = shape
    torch.manual_seed(0)
    layer = nn.Conv2d(channels, outputs, kernel, stride, padding, bias=bias).to(dtype).to(memory_format=layout)
    x = torch.randn(5, channels, side, side, dtype=dtype).contiguous(memory_format=layout)
    return layer, x.requires_grad_()


def gradients(y: Tensor, wanted: list[Tensor]) -> tuple[Tensor, ...]:
    return torch.autograd.grad(y, wanted, torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_forms_compute_the_convolution(shape: tuple[int, ...], layout: torch.memory_format) -> None:
    layer, x = layer_and_input(shape, layout, torch.float64)
    assert layer.bias is not None
    wanted = [x, layer.weight, layer.bias]
    y = layer(x)
    expected = gradients(y, wanted)
    forms = possible_forms(layer, x)
    assert "weight" in forms and ("dense" in forms) == (shape[2] <= 2)
    for form in forms:
        also_y = in_form(layer, x, form)
        torch.testing.assert_close(also_y, y, atol=1e-12, rtol=1e-12)
        found = gradients(also_y, wanted)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-12)
        assert found[1].stride() == layer.weight.stride() or layer.weight[0, 0].numel() == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(128, 256, 4, 3, 2, 1), (256, 256, 2, 3, 1, 1), (256, 512, 2, 3, 2, 1),
                                   (512, 512, 1, 3, 1, 1)])
def test_forms_are_within_rounding_in_single_precision(shape: tuple[int, ...], layout: torch.memory_format) -> None:
    layer, x = layer_and_input(shape, layout, torch.float32, bias=False)
    exact_layer = nn.Conv2d(*shape[:2], shape[3], shape[4], shape[5], bias=False).double()
    exact_layer.weight.data.copy_(layer.weight.data)
    exact_x = x.detach().double().requires_grad_()
    expected = gradients(exact_layer(exact_x), [exact_x, exact_layer.weight])
    for form in possible_forms(layer, x):
        y = in_form(layer, x, form)
        torch.testing.assert_close(y.double(), exact_layer(exact_x), atol=1e-5, rtol=1e-5)
        for one, other in zip(gradients(y, [x, layer.weight]), expected, strict=True):
            assert float((one - other).norm() / other.norm()) < 1e-5


@pytest.mark.parametrize("form", ["weight", "dense"])
def test_repeats_are_the_same_bits(form: Form) -> None:
    layer, x = layer_and_input((64, 64, 2, 3, 1, 1), torch.channels_last, torch.float32)
    first, second = (gradients(in_form(layer, x, form), [x, layer.weight]) for _ in range(2))
    assert all(map(torch.equal, first, second))


@pytest.mark.parametrize("options", [{"groups": 2}, {"dilation": 2}, {"padding": "same"},
                                     {"padding_mode": "circular", "padding": 1}, {"padding": 3, "stride": 9}])
def test_other_convolutions_stay_stock(options: dict[str, Any]) -> None:
    assert possible_forms(nn.Conv2d(4, 4, 3, **options), torch.zeros(2, 4, 5, 5)) == ()


def test_large_maps_stay_stock() -> None:
    assert possible_forms(nn.Conv2d(4, 4, 3, padding=1), torch.zeros(2, 4, 3, 3)) == ()


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1),
                         nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.Dropout(0.5), nn.Flatten(), nn.Linear(128, 4))


def pretend(monkeypatch: pytest.MonkeyPatch, *forms: Form | None) -> list[nn.Conv2d]:
    """Measurements find these forms fastest, in order."""
    answers, measured = iter(forms), []

    def fastest(layer: nn.Conv2d, x: Tensor) -> Form | None:
        measured.append(layer)
        return next(answers)

    monkeypatch.setattr(small_maps, "_fastest_form", fastest)
    return measured


def test_the_faster_form_is_used_and_remembered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "weight", "dense")
    model, example = network(), torch.zeros(4, 3, 8, 8)
    names = set(model.state_dict())
    chosen = use_small_map_gradients(model, example)
    assert chosen == {"3": "weight", "5": "dense"}
    assert isinstance(model[3], SmallMapConv2d) and isinstance(model[5], SmallMapConv2d)
    assert type(model[0]) is nn.Conv2d and set(model.state_dict()) == names
    pretend(monkeypatch)
    assert use_small_map_gradients(network(), example) == chosen


def test_stock_is_kept_where_it_is_faster(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(pretend(monkeypatch, None, None)) == 0
    model = network()
    assert use_small_map_gradients(model, torch.zeros(4, 3, 8, 8)) == {}
    assert all(type(layer) is not SmallMapConv2d for layer in model)


def test_a_previous_choice_is_taken_over_unmeasured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    model = network()
    assert use_small_map_gradients(model, torch.zeros(4, 3, 8, 8), {"5": "dense"}) == {"5": "dense"}
    assert isinstance(model[5], SmallMapConv2d) and type(model[3]) is nn.Conv2d
    assert use_small_map_gradients(network(), torch.zeros(4, 3, 8, 8), {}) == {}


def test_measuring_changes_nothing_in_the_model(home: Path) -> None:
    model, before = network(), network()
    model[6].eval()
    state = torch.get_rng_state()
    use_small_map_gradients(model, torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(map(torch.equal, model.state_dict().values(), before.state_dict().values()))
    assert all(parameter.grad is None for parameter in model.parameters())
    assert [module.training for module in model] == [True] * 6 + [False] + [True] * 2
    assert not any(module._forward_pre_hooks for module in model)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_swapped_model_trains_like_the_stock_one(home: Path, layout: torch.memory_format) -> None:
    losses = []
    for forms in ({}, {"3": "weight", "5": "dense"}):
        model = network().to(memory_format=layout)
        model[6] = nn.Identity()
        use_small_map_gradients(model, torch.zeros(4, 3, 8, 8), forms)  # type: ignore[arg-type]
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        torch.manual_seed(2)
        x, y = torch.randn(8, 3, 8, 8).contiguous(memory_format=layout), torch.arange(8) % 4
        seen = []
        for _ in range(10):
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append(float(loss.detach()))
        losses.append(seen)
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert losses[0][-1] < losses[0][0] / 2


def test_evaluation_and_other_sizes_are_stock(home: Path) -> None:
    model, stock = network(), network()
    use_small_map_gradients(model, torch.zeros(4, 3, 8, 8), {"5": "dense"})
    layer, plain = model[5], stock[5]
    small, large = torch.randn(2, 32, 2, 2), torch.randn(2, 32, 5, 5)
    with torch.no_grad():
        assert torch.equal(layer(small), plain(small))
    assert layer(large).grad_fn.name() == plain(large).grad_fn.name()
    assert layer(small).grad_fn.name() != plain(small).grad_fn.name()


def test_the_real_measurement_names_forms_that_exist(home: Path) -> None:
    model = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.Conv2d(64, 64, 3, 2, 1))
    chosen = use_small_map_gradients(model, torch.zeros(16, 64, 2, 2))
    assert set(chosen) <= {"0", "1"} and set(chosen.values()) <= {"weight", "dense"}
    model(torch.randn(16, 64, 2, 2)).sum().backward()
