"""TinyVGG: the VGG configurations with an eighth of the channels, for 32×32 pictures.

After Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), table 1.
"""

from collections.abc import Sequence
from functools import partial

from torch import Tensor, nn

Block = Sequence[tuple[int, int]]
"""(kernel size, channels) of each convolution before a max-pool."""

_WIDTHS = (8, 16, 32, 64, 64)
_A = [[(3, width)] * count for width, count in zip(_WIDTHS, (1, 1, 2, 2, 2), strict=True)]
_B = [[(3, width)] * 2 for width in _WIDTHS]
_C = [[*block, (1, block[0][1])] if index > 1 else block for index, block in enumerate(_B)]
_D = [[(3, width)] * count for width, count in zip(_WIDTHS, (2, 2, 3, 3, 3), strict=True)]
_E = [[(3, width)] * count for width, count in zip(_WIDTHS, (2, 2, 4, 4, 4), strict=True)]
_V4 = [[(3, width)] * 2 for width in (16, 32, 64, 128, 256)]


class TinyVGG(nn.Module):
    """Five blocks of convolutions, each followed by a 2×2 max-pool, then three fully connected layers.

    Takes float [B, in_chans, H, W] with H, W ≥ 32 (pooled to 1×1 before the classifier); returns logits [B, classes].
    Uses He initialisation (2015), without which eight layers without batch norm train slowly.

    Args:
        hidden: width of the hidden fully connected layers.
        batch_norm: add batch norm between each convolution and its ReLU.
        drop_rate: dropout after each hidden layer.
    """

    def __init__(self, blocks: Sequence[Block], num_classes: int, in_chans: int, *, hidden: int = 64,
                 batch_norm: bool = False, drop_rate: float = 0.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_chans
        for block in blocks:
            for kernel, width in block:
                layers.append(nn.Conv2d(channels, width, kernel, padding=kernel // 2))
                layers += [nn.BatchNorm2d(width)] if batch_norm else []
                layers.append(nn.ReLU(inplace=True))
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels, hidden), _relu_and_dropout(drop_rate),
            nn.Linear(hidden, hidden), _relu_and_dropout(drop_rate),
            nn.Linear(hidden, num_classes),
        )
        self.apply(_he_init)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.pool(self.features(images)))
        return logits

    def get_classifier(self) -> nn.Module:
        """Return the last layer, like timm's models."""
        return self.classifier[-1]

    def group_matcher(self, coarse: bool = False) -> dict[str, object]:
        """Return the depth of each layer for timm's layer decay; a batch norm has the depth of its convolution."""
        places = [place for place, layer in enumerate(self.features) if isinstance(layer, nn.Conv2d)]
        convolutions = [(rf"^features\.(?:{place}|{place + 1})\.", (depth,)) for depth, place in enumerate(places)]
        return {"features": convolutions, "classifier": r"^classifier\.(\d+)\."}


def _relu_and_dropout(rate: float) -> nn.Sequential:
    """Return one module, so that later layers have the same names for every rate."""
    return nn.Sequential(nn.ReLU(inplace=True), nn.Dropout(rate))


def _he_init(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


tinyvgg_a = partial(TinyVGG, _A)
tinyvgg_b = partial(TinyVGG, _B)
tinyvgg_c = partial(TinyVGG, _C)
tinyvgg_d = partial(TinyVGG, _D)
tinyvgg_e = partial(TinyVGG, _E)
tinyvgg_a_bn = partial(TinyVGG, _A, batch_norm=True)
tinyvgg_b_bn = partial(TinyVGG, _B, batch_norm=True)
tinyvgg_c_bn = partial(TinyVGG, _C, batch_norm=True)
tinyvgg_d_bn = partial(TinyVGG, _D, batch_norm=True)
tinyvgg_e_bn = partial(TinyVGG, _E, batch_norm=True)
tinyvgg_v4 = partial(TinyVGG, _V4, hidden=256, batch_norm=True, drop_rate=0.5)
