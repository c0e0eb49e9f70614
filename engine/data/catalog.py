"""The data sets a run can name. A new one is a row here and a loader in :mod:`engine.data.loaders`."""

from __future__ import annotations

from dataclasses import dataclass

_DIGITS = tuple("0123456789")
_FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_CIFAR100 = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
    "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard",
    "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum",
    "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
    "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
    "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf",
    "woman", "worm",
)


@dataclass(frozen=True)
class DatasetRow:
    """What is known of a data set before it is there.

    Attributes:
        help: one sentence for a person.
        classes: class names in label order.
        train, test: number of pictures in each split.
        size: side of the square pictures, in pixels.
        channels: 1 (grey) or 3 (colour).
        flips: whether a mirrored picture still shows its class; digits and letters do not.
        missing: one sentence that says how to get it when it cannot be found or downloaded.
    """

    help: str
    classes: tuple[str, ...]
    train: int
    test: int
    size: int
    channels: int
    flips: bool = True
    missing: str = ""


DATASETS: dict[str, DatasetRow] = {
    "Digits": DatasetRow(
        "1,797 real 8×8 handwritten digits that ship inside scikit-learn; no download.", _DIGITS, 1437, 360, 8, 1,
        flips=False),
    "FashionMNIST": DatasetRow(
        "70,000 real 28×28 pictures of clothes in ten classes.", _FASHION, 60_000, 10_000, 28, 1,
        missing="install Debian's package dataset-fashion-mnist, name a folder with its IDX files in data_path, or "
                "connect to the network and run `python -m engine data FashionMNIST`"),
    "CIFAR10": DatasetRow(
        "60,000 real 32×32 colour pictures in ten classes.", _CIFAR10, 50_000, 10_000, 32, 3,
        missing="name the folder that holds cifar-10-batches-py in data_path, or connect to the network and run "
                "`python -m engine data CIFAR10`"),
    "CIFAR100": DatasetRow(
        "60,000 real 32×32 colour pictures in a hundred classes.", _CIFAR100, 50_000, 10_000, 32, 3,
        missing="name the folder that holds cifar-100-python in data_path, or connect to the network and run "
                "`python -m engine data CIFAR100`"),
}

UNREADABLE = {
    "stop": "Refuse the run and name the files.",
    "skip": "Leave them out; they are counted and named in the run's notes.",
}
