"""What a detector really sees: a batch exactly as training makes it, turned back into pictures with boxes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.config import parse_config
from engine.config.steps import picture_size
from engine.data.facts import data_facts
from engine.runner.preview import FILE, un_normalised
from engine.tasks import task_of
from engine.training.objective import Look


def preview_boxes(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``preview`` of pictures with boxes.

    Args:
        request: ``config``, the options of a run by name; ``epoch``, from 0; ``folder``, where :data:`FILE` is put:
            for each picture of the batch uint8 [H, W, 3], un-normalised, called by its place in the batch.

    Returns:
        What the batch is: of each picture its ``boxes`` as x1, y1, x2, y2 in its pixels and their ``labels``; the
        ``classes``; ``steps`` of the epoch; of the normalised values ``low``, ``high``, ``mean`` and ``std``; and the
        ``channel_mean`` and ``channel_std`` they were normalised by.

    Raises:
        UserError: the config is not valid, or the data or weights are missing.
    """
    config = parse_config(request["config"])
    task, size = task_of(config.dataset), picture_size(config)
    dataset = task.load(config.dataset, config.data_path, unreadable=config.unreadable)
    begun = task.ready_model(config, data_facts(config.dataset, config.data_path), size, True)
    mean, std = begun.mean or dataset.mean, begun.std or dataset.std
    batches = task.batches(config, dataset, Look(size, mean, std, torch.device("cpu"), False)).train
    pictures, targets = next(islice(batches.epoch(int(request["epoch"])), 1))
    np.savez(Path(request["folder"]) / FILE, **{str(place): un_normalised(picture[None], mean, std)[0]
                                                for place, picture in enumerate(pictures)})
    values = torch.cat([picture.flatten() for picture in pictures])
    return {
        "boxes": [target["boxes"].tolist() for target in targets],
        "labels": [target["labels"].tolist() for target in targets], "classes": list(dataset.classes),
        "steps": batches.steps_per_epoch, "low": float(values.min()), "high": float(values.max()),
        "mean": float(values.mean()), "std": float(values.std()), "channel_mean": list(mean), "channel_std": list(std),
    }
