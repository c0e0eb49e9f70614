"""Grad-CAM against what its formula gives by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.explain.feature_map import FeatureMap
from engine.explain.gradcam import gradcam


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
