"""Small generated sets that stand in for the real ones: their shape and classes, few pictures."""

from __future__ import annotations

import numpy as np

from engine.catalog.datasets import DATASETS
from engine.data.dataset import Arrays
from engine.data.prepared import prepared_dir, write_prepared
from engine.data.readers.loaders import loader_for

_TEST = 6


def stand_in(name: str, each: int = 3) -> None:
    """Prepare ``each`` training pictures a class and a few for the test where Darkroom looks for the set."""
    row, random = DATASETS[name], np.random.RandomState(0)
    count, shape = each * len(row.classes), (row.size, row.size, row.channels)
    arrays = Arrays(
        random.randint(0, 256, (count, *shape), np.uint8), np.arange(count, dtype=np.int64) % len(row.classes),
        random.randint(0, 256, (_TEST, *shape), np.uint8), np.arange(_TEST, dtype=np.int64))
    folder = prepared_dir(name, loader_for(name).folders(None)[0])
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_prepared(folder, name, row.classes, arrays, "")
