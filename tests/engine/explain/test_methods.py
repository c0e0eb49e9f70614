"""Where a model looked: the map lies on the object, the method fits the model, and rollout equals timm's attention."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import timm
import torch
from timm.layers import set_fused_attn
from timm.utils import AttentionExtract
from torch import Tensor, nn

from engine.errors import UserError
from engine.explain.feature_map import FeatureMap, last_feature_map
from engine.explain.methods import attention_rollout, explain, gradcam
from tests.engine.explain.corners import corner_pictures, in_corner, taught


def small_vit(**options: object) -> nn.Module:
    """Untrained, but with attention as uneven as a trained one's."""
    model: nn.Module = timm.create_model("vit_tiny_patch16_224", num_classes=4, img_size=32, patch_size=8,
                                         embed_dim=24, depth=3, num_heads=3, **options)
    for name, parameter in model.named_parameters():
        if name.endswith(("qkv.weight", "q.weight", "kv.weight", "patch_embed.proj.weight")):
            parameter.data.mul_(20)
    return model.eval()


@pytest.mark.parametrize(("options", "prefix"), [
    ({}, 1), ({"reg_tokens": 4}, 5), ({"class_token": False, "global_pool": "avg"}, 0)])
def test_it_is_the_product_of_the_layers_attention(options: dict[str, object], prefix: int) -> None:
    torch.manual_seed(0)
    model, pictures = small_vit(**options), torch.randn(2, 3, 32, 32)
    found = attention_rollout(model, pictures)
    set_fused_attn(False)
    try:
        plain = small_vit(**options)
    finally:
        set_fused_attn(True)
    plain.load_state_dict(model.state_dict())
    layers = AttentionExtract(plain, method="fx")(pictures).values()
    rolled = torch.eye(16 + prefix)
    for layer in layers:
        rolled = (0.5 * layer.mean(1) + 0.5 * torch.eye(16 + prefix)) @ rolled
    read = rolled[:, 0] if prefix else rolled.mean(1)
    assert found is not None
    assert torch.allclose(found.flatten(1), read[:, prefix:].detach(), atol=1e-5)
    assert found.std() > 1e-2


def test_an_attention_pool_says_what_it_reads() -> None:
    torch.manual_seed(0)
    model, pictures = small_vit(class_token=False, global_pool="map"), torch.randn(2, 3, 32, 32)
    by_pool = attention_rollout(model, pictures)
    with torch.no_grad():
        model.attn_pool.kv.weight[:24].zero_()  # all keys alike: the pool now reads the mean of the patches
        model.attn_pool.kv.bias[:24].zero_()
    by_mean = attention_rollout(model, pictures)
    model.attn_pool = None
    model.global_pool = "avg"
    expected = attention_rollout(model, pictures)
    assert by_pool is not None and by_mean is not None and expected is not None
    assert torch.allclose(by_mean, expected, atol=1e-5) and not torch.allclose(by_pool, expected, atol=1e-3)


def test_a_model_that_attends_in_windows_has_none() -> None:
    swin = timm.create_model("swin_tiny_patch4_window7_224", img_size=32, patch_size=2, window_size=4,
                             depths=(1, 1, 1, 1), embed_dim=24).eval()
    assert attention_rollout(swin, torch.randn(1, 3, 32, 32)) is None


class Pooled(nn.Module):
    """Two channels passed through, averaged and weighted: the gradient of a score is its weight over the cells."""

    def __init__(self, layout: str) -> None:
        super().__init__()
        self.layout, self.map, self.head = layout, nn.Identity(), nn.Linear(2, 3, bias=False)

    def forward(self, pictures: Tensor) -> Tensor:
        if self.layout == "NCHW":
            pooled = self.map(pictures).relu_().mean((2, 3))
        elif self.layout == "NHWC":
            pooled = self.map(pictures.permute(0, 2, 3, 1)).mean((1, 2))
        else:
            words = torch.cat([pictures.new_zeros(len(pictures), 1, 2), pictures.flatten(2).transpose(1, 2)], 1)
            pooled = self.map(words)[:, 1:].mean(1)
        return torch.as_tensor(self.head(pooled))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "tokens"])
def test_channels_are_weighted_by_their_mean_gradient(layout: str) -> None:
    torch.manual_seed(0)
    model = Pooled(layout)
    features = torch.rand(4, 2, 5, 5)
    labels = torch.tensor([0, 1, 2, 0])
    found = gradcam(model, features, labels, FeatureMap("map", layout, 5, prefix=int(layout == "tokens")))
    weights = model.head.weight[labels] / 25
    expected = torch.einsum("nc,nchw->nhw", weights, features).relu()
    assert torch.allclose(found, expected.detach(), atol=1e-6) and expected.any()


def test_the_map_is_that_of_the_class_asked_for() -> None:
    model = Pooled("NCHW")
    with torch.no_grad():
        model.head.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]))
    features = torch.zeros(1, 2, 4, 4)
    features[0, 0, 0, 0] = features[0, 1, 3, 3] = 1
    where = FeatureMap("map", "NCHW", 4)
    first, second, against = (gradcam(model, features, torch.tensor([label]), where)[0] for label in range(3))
    assert first.argmax() == 0 and second.argmax() == 15 and not against.any()


def small_cnn() -> nn.Module:
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(True),
                   nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 4))


def trained_vit(**options: object) -> nn.Module:
    model: nn.Module = timm.create_model("vit_tiny_patch16_224", num_classes=4, img_size=32, patch_size=8,
                                         embed_dim=48, depth=2, num_heads=3, **options)
    return model


@pytest.mark.parametrize(("make", "steps", "method"), [
    (small_cnn, 60, "Grad-CAM at 10, 8×8 cells"), (trained_vit, 250, "Attention rollout, 4×4 patches")])
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
    model = trained_vit().eval()
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
    with pytest.raises(UserError, match="neither attention nor a feature map"):
        explain(nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 2)).eval(), torch.randn(1, 3, 8, 8))
