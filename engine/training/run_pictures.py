"""The pictures of a split as a run reads them."""

from engine.config import RunConfig
from engine.config.steps import is_cropped, kept_side
from engine.data import Dataset
from engine.data.dataset import Images
from engine.data.photographs.files import PhotographFiles
from engine.data.photographs.keeping import keep
from engine.data.photographs.source import Photographs


def run_pictures(config: RunConfig, dataset: Dataset, split: str) -> tuple[Images, str]:
    """Return the pictures of ``train`` or ``test``, and a note on where they are kept.

    These are the set's squares, or for a cropped augmentation its photographs with their own aspect ratio; those that
    are decoded from files are kept in a store, if there is room.
    """
    images = dataset.train_images if split == "train" else dataset.test_images
    if is_cropped(config) and dataset.files:
        images = PhotographFiles(dataset.files[split], kept_side(config), config.interpolation)
    return keep(images) if isinstance(images, Photographs) else (images, "")
