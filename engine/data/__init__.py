"""Loading data sets; the batches, which need torch, are in :mod:`engine.data.batches`."""

from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Dataset
from engine.data.loading import check_available, load_dataset, load_detection, pictures

__all__ = ["Dataset", "DetectionDataset", "check_available", "load_dataset", "load_detection", "pictures"]
