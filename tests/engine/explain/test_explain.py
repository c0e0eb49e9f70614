"""Maps lie where the object is, and the method is the one that fits the model."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import timm
import torch
from torch import Tensor, nn

from engine.errors import UserError
from engine.explain.explain import explain
from engine.explain.feature_map import last_feature_map
from tests.engine.explain.corners import corner_pictures, in_corner, taught


def small_cnn() -> nn.Module:
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(True),
                   nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 4))


def small_vit(**options: object) -> nn.Module:
    model: nn.Module = timm.create_model("vit_tiny_patch16_224", num_classes=4, img_size=32, patch_size=8,
                                         embed_dim=48, depth=2, num_heads=3, **options)
    return model


@pytest.mark.parametrize(("make", "steps", "method"), [
    (small_cnn, 60, "Grad-CAM at 10, 8×8 cells"), (small_vit, 250, "Attention rollout, 4×4 patches")])
def test_after_a_little_training_the_map_lies_on_the_object(make: Callable[[], nn.Module], steps: int,
                                                            method: str) -> None:
    torch.manual_seed(1)
    model = taught(make(), steps, 5e-3 if make is small_cnn else 1e-3)
    pictures, labels, corners = corner_pictures(64, seed=10_000)
    found = explain(model, pictures)
    assert found.method == method
    assert (found.logits.argmax(1) == labels).float().mean() > 0.5
    shares = in_corner(found.maps, corners)
    assert shares.mean() > 0.6 and (shares > 0.4).float().mean() > 0.9
    assert in_corner(torch.ones_like(found.maps), corners).mean() == pytest.approx(0.25)


def test_maps_go_from_0_to_1_and_leave_the_model_as_it_was() -> None:
    torch.manual_seed(0)
    model = small_vit().eval()
    pictures = torch.randn(3, 3, 32, 32)
    before = model(pictures).detach()
    found = explain(model, pictures)
    assert found.maps.shape == (3, 4, 4) and found.maps.dtype == torch.float32
    assert found.maps.amin((1, 2)).tolist() == [0] * 3 and found.maps.amax((1, 2)).tolist() == [1] * 3
    assert torch.equal(model(pictures), before) and torch.allclose(found.logits, before)
    assert not any(module._forward_hooks for module in model.modules())
    assert all(block.attn.fused_attn for block in model.blocks)
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(("name", "size", "options", "method"), [
    ("resnet18", 224, {}, "Grad-CAM at layer4, 7×7 cells"),
    ("resnet18", 32, {}, "Grad-CAM at layer1, 8×8 cells"),
    ("test_convnext", 64, {}, "Grad-CAM at stages.2.downsample.0, 8×8 cells"),
    ("test_vit", 160, {}, "Attention rollout, 10×10 patches"),
    ("swin_tiny_patch4_window7_224", 32, {"img_size": 32, "patch_size": 2, "window_size": 4, "depths": (1, 1, 1, 1),
                                          "embed_dim": 24}, "Grad-CAM at layers.1, 8×8 cells"),
    ("naflexvit_base_patch16_gap", 64, {"embed_dim": 48, "depth": 2, "num_heads": 3},
     "Attention rollout, 4×4 patches"),
    ("naflexvit_base_patch16_map", 64, {"embed_dim": 48, "depth": 2, "num_heads": 3},
     "Attention rollout, 4×4 patches"),
])
def test_every_family_gets_a_method_that_works_for_it(name: str, size: int, options: dict[str, object],
                                                      method: str) -> None:
    torch.manual_seed(0)
    model = timm.create_model(name, num_classes=4, **options).eval()
    nn.init.normal_(model.get_classifier().weight)
    found = explain(model, torch.randn(2, 3, size, size))
    assert found.method == method
    assert found.maps.isfinite().all() and (found.maps.amax((1, 2)) == 1).all()


def test_a_branch_beside_a_residual_connection_is_not_what_was_looked_at() -> None:
    class Beside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.branch = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
            self.head = nn.Linear(4, 2)

        def forward(self, pictures: Tensor) -> Tensor:
            features = self.stem(pictures)
            return torch.as_tensor(self.head((features + self.branch(features)).mean((2, 3))))

    where = last_feature_map(Beside().eval(), torch.randn(1, 3, 8, 8))
    assert where is not None and where.module == "stem"


def test_a_model_without_any_map_is_refused() -> None:
    with pytest.raises(UserError, match="no feature map"):
        explain(nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 2)).eval(), torch.randn(1, 3, 8, 8))
