"""The peer of the data and epoch measurements: one picture at a time through PIL, as training scripts commonly do."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

BATCH = 128
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def coloured_pictures(count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Random pictures of CIFAR's shape with targets in ten classes."""
    random = np.random.RandomState(0)
    return random.randint(0, 256, (count, 32, 32, 3), np.uint8), random.randint(0, 10, count)


class PerSample(Dataset[tuple[Any, int]]):
    """As ``torchvision.datasets.CIFAR10``: a PIL image made from the array for every item, then transformed."""

    def __init__(self, images: NDArray[np.uint8], targets: NDArray[np.int64], transform: Any = None) -> None:
        self.images, self.targets = images, targets.tolist()
        self.transform = transform or weak(transforms.ToTensor(), normalise())

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(Image.fromarray(self.images[index])), self.targets[index]


def weak(*last: Any) -> Any:
    """Crop and flip per sample, then what makes a tensor of the picture."""
    return transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), *last])


def strong() -> Any:
    """What Darkroom's ``strong`` does, per sample."""
    return weak(transforms.TrivialAugmentWide(), transforms.ColorJitter(0.2, 0.2, 0.2), transforms.ToTensor(),
                normalise(), transforms.RandomErasing(0.25))


def vgg(smallest: int, largest: int) -> Any:
    """What Darkroom's ``vgg`` does with a range of scales, per sample."""
    scales = [transforms.Resize(scale) for scale in range(smallest, largest + 1)]
    return transforms.Compose([transforms.RandomChoice(scales), transforms.RandomCrop(32),
                               transforms.ColorJitter(0.2, 0.2, 0.2), transforms.ToTensor(), normalise()])


def normalise() -> Any:
    return transforms.Normalize(MEAN, STD)


def per_sample_loader(images: NDArray[np.uint8], targets: NDArray[np.int64], transform: Any = None) -> DataLoader[Any]:
    """Weakly varied by default."""
    return DataLoader(PerSample(images, targets, transform), batch_size=BATCH, shuffle=True, num_workers=0)


def timm_loader(images: NDArray[np.uint8], targets: NDArray[np.int64]) -> Any:
    """timm's loader on the same pictures and crops: bytes are collated fast and normalised by its prefetcher."""
    from timm.data import create_loader
    from timm.data.transforms import ToNumpy

    dataset = PerSample(images, targets)
    loader = create_loader(
        dataset, input_size=(3, 32, 32), batch_size=BATCH, is_training=True, num_workers=0, mean=MEAN, std=STD,
        device=torch.device("cpu"), persistent_workers=False)
    dataset.transform = weak(ToNumpy())
    return loader
