"""Small convolutions as dense matrices against the stock ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.training import small_maps
from engine.training.small_maps import DENSE, SmallMapConv2d, can_be_dense, dense, use_small_map_matrices

# channels in, out, side, kernel, stride, padding
SHAPES = [(8, 6, 2, 3, 1, 1), (8, 6, 2, 3, 2, 1), (8, 6, 1, 3, 1, 1), (8, 6, 2, 1, 2, 0), (8, 6, 2, 1, 1, 0),
          (4, 6, 1, 1, 1, 0), (4, 6, 2, 2, 1, 0), (4, 6, 1, 5, 1, 2), (4, 6, 1, 3, 2, 2)]
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
def test_the_matrix_computes_the_convolution(shape: tuple[int, ...], layout: torch.memory_format) -> None:
    layer, x = layer_and_input(shape, layout, torch.float64)
    assert layer.bias is not None
    wanted = [x, layer.weight, layer.bias]
    y = layer(x)
    assert can_be_dense(layer, x)
    also_y = dense(layer, x)
    torch.testing.assert_close(also_y, y, atol=1e-12, rtol=1e-12)
    found = gradients(also_y, wanted)
    for one, other in zip(found, gradients(y, wanted), strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-12)
    assert found[1].stride() == layer.weight.stride() or layer.weight[0, 0].numel() == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(256, 256, 2, 3, 1, 1), (256, 512, 2, 3, 2, 1), (512, 512, 1, 3, 1, 1)])
def test_it_is_within_rounding_in_single_precision(shape: tuple[int, ...], layout: torch.memory_format) -> None:
    layer, x = layer_and_input(shape, layout, torch.float32, bias=False)
    exact_layer = nn.Conv2d(*shape[:2], shape[3], shape[4], shape[5], bias=False).double()
    exact_layer.weight.data.copy_(layer.weight.data)
    exact_x = x.detach().double().requires_grad_()
    y = dense(layer, x)
    torch.testing.assert_close(y.double(), exact_layer(exact_x), atol=1e-5, rtol=1e-5)
    expected = gradients(exact_layer(exact_x), [exact_x, exact_layer.weight])
    for one, other in zip(gradients(y, [x, layer.weight]), expected, strict=True):
        assert float((one - other).norm() / other.norm()) < 1e-5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_weights_gradient_is_summed_in_the_order_of_the_pixels(layout: torch.memory_format) -> None:
    """Else runs of earlier versions would resume to other bits."""
    layer, x = layer_and_input((64, 64, 2, 3, 1, 1), layout, torch.float32)
    last = layout == torch.channels_last
    y = dense(layer, x)
    [found] = gradients(y, [layer.weight])
    gradient = torch.linspace(-1, 1, y.numel()).view(y.shape)
    rows, columns = ((pictures.permute(0, 2, 3, 1) if last else pictures).reshape(len(x), -1)
                     for pictures in (gradient, x.detach()))
    blocks = rows.t() @ columns
    blocks = (blocks.view(2, 2, 64, 2, 2, 64) if last
              else blocks.view(64, 2, 2, 64, 2, 2).permute(1, 2, 0, 4, 5, 3))
    expected = torch.zeros(64, 3, 3, 64)
    for top in range(2):
        for left in range(2):
            expected[:, 1 - top:3 - top, 1 - left:3 - left] += blocks[top, left]
    assert torch.equal(found, expected.permute(0, 3, 1, 2))


def test_it_can_be_differentiated_twice() -> None:
    layer, x = layer_and_input((3, 2, 2, 3, 1, 1), torch.contiguous_format, torch.float64)
    assert torch.autograd.gradgradcheck(lambda x: dense(layer, x), (x,))


@pytest.mark.parametrize("options", [{"groups": 2}, {"dilation": 2}, {"padding": "same"},
                                     {"padding_mode": "circular", "padding": 1}, {"padding": 3, "stride": 9}])
def test_other_convolutions_stay_stock(options: dict[str, Any]) -> None:
    assert not can_be_dense(nn.Conv2d(4, 4, 3, **options), torch.zeros(2, 4, 2, 2))


def test_large_maps_stay_stock() -> None:
    assert not can_be_dense(nn.Conv2d(4, 4, 3, padding=1), torch.zeros(2, 4, 3, 3))
    assert not can_be_dense(nn.Conv2d(4, 4, 3, 2, 1), torch.zeros(2, 4, 4, 4))
    assert not can_be_dense(nn.Conv2d(1024, 1024, 3, padding=1), torch.zeros(2, 1024, 2, 2))


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1),
                         nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.Dropout(0.5), nn.Conv2d(32, 32, 1), nn.Flatten(),
                         nn.Linear(128, 4))


def pretend(monkeypatch: pytest.MonkeyPatch, *faster: bool) -> None:
    """Measurements find dense matrices faster or not, in order."""
    answers = iter(faster)
    monkeypatch.setattr(small_maps, "_dense_is_faster", lambda layer, x: next(answers))


def test_where_it_is_faster_it_is_used_and_remembered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, False, True)
    model, example = network(), torch.zeros(4, 3, 8, 8)
    names = set(model.state_dict())
    chosen = use_small_map_matrices(model, example)
    assert chosen == {"7": DENSE}
    assert [place for place, layer in enumerate(model) if isinstance(layer, SmallMapConv2d)] == [7]
    assert set(model.state_dict()) == names
    pretend(monkeypatch)
    assert use_small_map_matrices(network(), example) == chosen


def test_a_previous_choice_is_taken_over_unmeasured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    model = network()
    assert use_small_map_matrices(model, torch.zeros(4, 3, 8, 8), {"5": DENSE}) == {"5": DENSE}
    assert isinstance(model[5], SmallMapConv2d) and type(model[7]) is nn.Conv2d
    assert use_small_map_matrices(network(), torch.zeros(4, 3, 8, 8), {}) == {}


def test_layers_in_a_form_that_is_gone_stay_stock(home: Path) -> None:
    model, previous = network(), {"5": "weight", "7": DENSE}
    assert use_small_map_matrices(model, torch.zeros(4, 3, 8, 8), previous) == previous
    assert type(model[5]) is nn.Conv2d and isinstance(model[7], SmallMapConv2d)


def test_measuring_changes_nothing_in_the_model(home: Path) -> None:
    model, before = network(), network()
    model[6].eval()
    state = torch.get_rng_state()
    use_small_map_matrices(model, torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(map(torch.equal, model.state_dict().values(), before.state_dict().values()))
    assert all(parameter.grad is None for parameter in model.parameters())
    assert [module.training for module in model] == [True] * 6 + [False] + [True] * 3
    assert not any(module._forward_pre_hooks for module in model)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_swapped_model_trains_like_the_stock_one(home: Path, layout: torch.memory_format) -> None:
    losses = []
    for forms in ({}, {"5": DENSE, "7": DENSE}):
        model = network().to(memory_format=layout)
        model[6] = nn.Identity()
        use_small_map_matrices(model, torch.zeros(4, 3, 8, 8), forms)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
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
    use_small_map_matrices(model, torch.zeros(4, 3, 8, 8), {"5": DENSE})
    layer, plain = model[5], stock[5]
    small, large = torch.randn(2, 32, 2, 2), torch.randn(2, 32, 5, 5)
    with torch.no_grad():
        assert torch.equal(layer(small), plain(small))
    assert layer(large).grad_fn.name() == plain(large).grad_fn.name()
    assert layer(small).grad_fn.name() != plain(small).grad_fn.name()


def test_the_real_measurement_names_layers_that_exist(home: Path) -> None:
    model = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.Conv2d(64, 64, 3, 2, 1))
    chosen = use_small_map_matrices(model, torch.zeros(16, 64, 2, 2))
    assert set(chosen) <= {"0", "1"} and set(chosen.values()) <= {DENSE}
    model(torch.randn(16, 64, 2, 2)).sum().backward()
