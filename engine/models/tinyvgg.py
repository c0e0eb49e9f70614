"""TinyVGG: the VGG configurations with an eighth of the channels, for 32×32 pictures.

After Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), table 1.
"""

from __future__ import annotations

from torch import Tensor, nn

_A = ((8,), (16,), (32, 32), (64, 64), (64, 64))
_HIDDEN = 64


class TinyVGG(nn.Module):
    """Five blocks of 3×3 convolutions, each halved by a 2×2 max-pool, then FC-64, FC-64, FC-classes.

    Takes float [B, in_chans, H, W] with H, W ≥ 32 (pooled to 1×1 before the classifier); returns logits [B, classes].
    Weights start as He et al. (2015) for ReLU, without which eight layers deep and no batch norm learns slowly.
    """

    def __init__(self, blocks: tuple[tuple[int, ...], ...], num_classes: int, in_chans: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_chans
        for block in blocks:
            for width in block:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels, _HIDDEN), nn.ReLU(inplace=True),
            nn.Linear(_HIDDEN, _HIDDEN), nn.ReLU(inplace=True),
            nn.Linear(_HIDDEN, num_classes),
        )
        self.apply(_he_init)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.pool(self.features(images)))
        return logits


def tinyvgg_a(num_classes: int, in_chans: int) -> TinyVGG:
    """Configuration A: 8 | 16 | 32 32 | 64 64 | 64 64."""
    return TinyVGG(_A, num_classes, in_chans)


def _he_init(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
