"""A plug-in: a small residual network, and a data set that is read from a folder of .npz files.

Copy this file into the folder plugins of your Darkroom home, and change it.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from engine.plugins import Arrays, dataset, model


class Block(nn.Module):
    """Two convolutions, and a short cut around them (He et al., 2016)."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(),
            nn.Conv2d(outside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside))
        same = inside == outside and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(inside, outside, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


@model(size=16, smallest=8)
class SmallResNet(nn.Module):
    """Three residual blocks of 16 to 64 channels, written by hand."""

    def __init__(self, num_classes: int, in_chans: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(in_chans, 16, 3, padding=1, bias=False)
        self.blocks = nn.Sequential(Block(16, 16), Block(16, 32, stride=2), Block(32, 64, stride=2))
        self.head = nn.Linear(64, num_classes)  # called head, so that it can be trained alone

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = self.blocks(self.stem(x))
        return self.head(features.mean(dim=(2, 3)))


class Pictures:
    """The pictures of some files, read only when they are asked for: there may be more than fit into memory."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, ids: np.ndarray) -> np.ndarray:
        return np.stack([np.load(self.files[place])["image"] for place in ids])


# A large set belongs in a file of its own: it is prepared again when this file changes.
@dataset(classes=("falling", "rising"), size=16, channels=3, flips=False,
         missing="name in data_path the folder that holds train/*.npz and test/*.npz")
def Slopes(folder: Path) -> Arrays:  # noqa: N802 - the data set is called as its function
    """Diagonal stripes, one file a picture: image, uint8 16 × 16 × 3, and label, 0 or 1."""
    train, test = (sorted(folder.glob(f"{split}/*.npz")) for split in ("train", "test"))
    return Arrays(Pictures(train), labels(train), Pictures(test), labels(test))


def labels(files: list[Path]) -> np.ndarray:
    return np.array([np.load(file)["label"] for file in files])
