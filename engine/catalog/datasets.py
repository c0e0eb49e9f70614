"""The data sets a run can name. To add one, add a row here and the loader that it names."""

from dataclasses import dataclass
from typing import Any

from engine.errors import UserError, hint

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
# The names are in its words.txt, read when the data set is prepared.
_TINY_IMAGENET = tuple(f"class {number}" for number in range(200))
_SHAPES = tuple(f"{warmth} {shape}" for warmth in ("warm", "cold")
                for shape in ("disc", "square", "triangle", "ring", "cross"))
_SCENES = ("Encyonema silesiacum", "Encyonema ventricosum", "Gomphonema olivaceum", "Gomphonema tergestinum",
           "Navicula lanceolata", "Navicula tripunctata")


def _obtain(name: str, files: str) -> str:
    return f"name {files} in data_path, or connect to the network and run `python -m engine data {name}`"


@dataclass(frozen=True)
class DatasetRow:
    """Properties of a data set that are known before it is loaded.

    Attributes:
        help: one sentence for the user.
        classes: class names in label order; empty: read from the user's files.
        train, test: number of pictures in each split; 0: the user provides the files.
        size: side of the square pictures in pixels; for other shapes the longer side.
        channels: 1 (grey) or 3 (colour).
        flips: whether a mirrored picture keeps its class; false for digits and letters.
        missing: one sentence on how to get the data set if it is neither found nor downloaded.
        task: a name of :data:`engine.tasks.TASKS`: ``classification``, one class per picture; ``multi-label``, any
        number of them; or ``detection``, boxes with classes.
        loader: a :class:`engine.data.readers.loaders.Loader`, or its ``module:name``, imported on first use.
        files: whether each picture is a separate file, which may be unreadable.
        balanced: whether each class has the same number of test pictures.
    """

    help: str
    classes: tuple[str, ...] = ()
    train: int = 0
    test: int = 0
    size: int = 0
    channels: int = 0
    flips: bool = True
    missing: str = ""
    task: str = "classification"
    loader: Any = ""
    files: bool = False
    balanced: bool = False

    @property
    def user_provided(self) -> bool:
        """Whether the user provides the files, so that the contents are known only from them."""
        return not self.train


DATASETS: dict[str, DatasetRow] = {
    "Digits": DatasetRow(
        "1,797 real 8×8 handwritten digits that ship inside scikit-learn; no download.", _DIGITS, 1437, 360, 8, 1,
        flips=False, loader="engine.data.readers.digits:LOADER"),
    "FashionMNIST": DatasetRow(
        "70,000 real 28×28 pictures of clothes in ten classes.", _FASHION, 60_000, 10_000, 28, 1, balanced=True,
        loader="engine.data.readers.idx:LOADER",
        missing="install Debian's package dataset-fashion-mnist, "
                + _obtain("FashionMNIST", "a folder with its IDX files")),
    "CIFAR10": DatasetRow(
        "60,000 real 32×32 colour pictures in ten classes.", _CIFAR10, 50_000, 10_000, 32, 3, balanced=True,
        loader="engine.data.readers.cifar:CIFAR10.loader",
        missing=_obtain("CIFAR10", "the folder that contains cifar-10-batches-py")),
    "CIFAR100": DatasetRow(
        "60,000 real 32×32 colour pictures in a hundred classes.", _CIFAR100, 50_000, 10_000, 32, 3, balanced=True,
        loader="engine.data.readers.cifar:CIFAR100.loader",
        missing=_obtain("CIFAR100", "the folder that contains cifar-100-python")),
    "TinyImagenet": DatasetRow(
        "110,000 real 64×64 colour pictures in two hundred classes; its validation folder is the test set.",
        _TINY_IMAGENET, 100_000, 10_000, 64, 3, files=True, balanced=True,
        loader="engine.data.readers.tiny_imagenet:LOADER",
        missing=_obtain("TinyImagenet", "the folder that contains tiny-imagenet-200")),
    "SVHN": DatasetRow(
        "99,289 real 32×32 colour pictures of digits in house numbers.", _DIGITS, 73_257, 26_032, 32, 3, flips=False,
        loader="engine.data.readers.svhn:LOADER",
        missing=_obtain("SVHN", "the folder that contains train_32x32.mat and test_32x32.mat")),
    "Shapes": DatasetRow(
        "2,500 generated 32×32 colour pictures of five shapes, warm or cold; the best possible accuracy is 100 %.",
        _SHAPES, 2000, 500, 32, 3, balanced=True, loader="engine.data.readers.shapes:LOADER"),
    "DigitGroups": DatasetRow(
        "2,500 pictures of 24×24 px, each with one to three real handwritten digits; no download.", _DIGITS, 2000, 500,
        24, 1, flips=False, task="multi-label", loader="engine.data.readers.digit_groups:LOADER"),
    "npy": DatasetRow(
        "Your own arrays of pictures and targets, in .npy or .npz files.", loader="engine.data.readers.npy:LOADER",
        missing="name in data_path the folder with arrays such as train_images.npy, train_targets.npy, "
                "test_images.npy and test_targets.npy, or a pattern such as arrays/*.npy"),
    "folder": DatasetRow(
        "Your own pictures, in one subfolder for each class.", files=True,
        loader="engine.data.readers.class_folders:LOADER",
        missing="name in data_path the folder with one subfolder of pictures for each class, or with train and test "
                "folders of them"),
    "folder-labels": DatasetRow(
        "Your own pictures with any number of classes each, in a folder with a table.", files=True, task="multi-label",
        loader="engine.data.readers.label_tables:LOADER",
        missing="name in data_path the folder that holds the pictures and a CSV file with their names and labels"),
    "npy-labels": DatasetRow(
        "Your own arrays of pictures and of 0 and 1 for each class, in .npy or .npz files.", task="multi-label",
        loader="engine.data.readers.npy:LOADER",
        missing="name in data_path the folder with arrays such as train_images.npy and train_targets.npy [N, K]"),
    "coco-labels": DatasetRow(
        "Your own pictures with the categories of JSON files as of COCO, without their boxes.", files=True,
        task="multi-label", loader="engine.data.readers.coco:LABELS",
        missing="name in data_path the folder that holds the pictures and JSON files such as "
                "annotations/instances_train.json"),
    "voc": DatasetRow(
        "Your own pictures with boxes, one XML file a picture as in PASCAL VOC.", task="detection", files=True,
        loader="engine.data.readers.voc:LOADER",
        missing="name in data_path the folder that holds the pictures and their XML files, such as VOC2012 with "
                "JPEGImages, Annotations and ImageSets"),
    "coco": DatasetRow(
        "Your own pictures with boxes, in JSON files as of COCO.", task="detection", files=True,
        loader="engine.data.readers.coco:LOADER",
        missing="name in data_path the folder that holds the pictures and JSON files such as "
                "annotations/instances_train.json"),
    "yolo": DatasetRow(
        "Your own pictures with boxes, one text file a picture as of YOLO.", task="detection", files=True,
        loader="engine.data.readers.yolo:LOADER",
        missing="name in data_path the folder with images, labels and data.yaml"),
    "Scenes": DatasetRow(
        "320 generated 192×144 scenes of diatom-like cells in six species with a long tail; every box is known.",
        _SCENES, 240, 80, 192, 3, task="detection", loader="engine.data.readers.scenes:LOADER"),
}


def datasets_for(task: str) -> tuple[str, ...]:
    """Return the data sets of a task."""
    return tuple(name for name, row in DATASETS.items() if row.task == task)


def file_datasets() -> tuple[str, ...]:
    """Return the data sets whose pictures are separate files."""
    return tuple(name for name, row in DATASETS.items() if row.files)


def dataset_row(name: str) -> DatasetRow:
    """Return the row of a data set.

    Raises:
        UserError: no data set has this name; lists the nearest names.
    """
    if name not in DATASETS:
        raise UserError(f"no data set is called {name!r}{hint(name, DATASETS)}")
    return DATASETS[name]


def canonical_name(name: str) -> str:
    """Return a data set's name in the catalog's spelling; an unknown name is returned unchanged."""
    return {known.lower(): known for known in DATASETS}.get(name.lower(), name)
