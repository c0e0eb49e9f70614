"""The CIFAR stem: a first convolution that keeps every pixel, for pictures too small to be halved twice at once."""

from __future__ import annotations

from torch import nn

from engine.errors import ConfigError

STEM_LAYER = "conv1"


def use_cifar_stem(model: nn.Module, name: str) -> None:
    """Replace a ResNet's first convolution by 3×3 with stride 1 and its max-pool by nothing, in place.

    After He et al., "Deep Residual Learning" (2016), section 4.2. A deep stem of several convolutions becomes one.

    Raises:
        ConfigError: the model does not begin with ``conv1``, ``bn1`` and ``maxpool``.
    """
    first, norm = getattr(model, STEM_LAYER, None), getattr(model, "bn1", None)
    if not isinstance(getattr(model, "maxpool", None), nn.Module) or not isinstance(first, nn.Module) or norm is None:
        raise ConfigError("stem", "cifar", f"a stem {name} can have: it does not begin as a ResNet, with a convolution "
                                           "and a max-pool")
    published = next(layer for layer in first.modules() if isinstance(layer, nn.Conv2d))
    layer = nn.Conv2d(published.in_channels, norm.num_features, 3, padding=1, bias=False,
                      device=published.weight.device)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    model.conv1, model.maxpool = layer, nn.Identity()
