"""A run's model and pictures made again as they were, to be evaluated; nothing is trained, no weights are fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.catalog.datasets import DATASETS
from engine.config.steps import eval_batch
from engine.data import Dataset, load_dataset
from engine.data.batches import EvalBatches
from engine.data.split import run_split
from engine.data.streaming import chosen
from engine.data.views import View
from engine.errors import UserError
from engine.models.build import build_model
from engine.store import Run
from engine.training.devices import pick_device


@dataclass(frozen=True, eq=False)
class Looked:
    """Pictures of one split and how a model looks at them.

    Attributes:
        ids: int64 [N], positions in the test set, or among the training pictures for validation.
        targets: int64 [N].
        flips: whether they may be mirrored.
    """

    dataset: Dataset
    split: str
    ids: NDArray[np.int64]
    targets: NDArray[np.int64]
    flips: bool


def restored_model(run: Run, device: torch.device) -> nn.Module:
    """The architecture a run trained, without its weights: a checkpoint's are to be loaded into it.

    Raises:
        UserError: the run has not begun, so that nothing was decided for it yet.
    """
    config, known = run.config_object(), decided(run)
    model = build_model(config.model, classes=known["classes"], channels=known["channels"],
                        size=known["image_size"], stem=config.stem, dropout=config.dropout,
                        drop_path=config.drop_path).to(device).eval()
    return model.to(memory_format=torch.channels_last) if known.get("channels_last") else model


def decided(run: Run) -> dict[str, Any]:
    """What was decided for a run when it began.

    Raises:
        UserError: it has not begun.
    """
    if "image_size" not in run.resolved or "classes" not in run.resolved:
        raise UserError(f"{run.name}: has not begun to train")
    return run.resolved


def device_of(run: Run) -> torch.device:
    """Where a run is evaluated: on its own device if this machine has it, else on what it has."""
    try:
        return pick_device(run.config_object().device)
    except UserError:
        return pick_device("auto")


def own_pictures(run: Run, split: str, dataset: Dataset | None = None, moved_to: str = "") -> Looked:
    """The pictures of a split as the run knew them.

    Args:
        dataset: the run's own, where it is loaded already.
        moved_to: where they are now; empty: where they were.

    Raises:
        UserError: they are not there, or not those the run was trained on.
    """
    config = run.config_object()
    place = moved_to or config.data_path
    dataset = dataset or load_dataset(config.dataset, place)
    check_fingerprint(run, dataset.fingerprint)
    flips = DATASETS[config.dataset].flips
    if split == "test":
        return Looked(dataset, "test", np.arange(len(dataset.test_targets)), dataset.test_targets, flips)
    _, ids = run_split(dataset.train_targets, config, dataset.classes)
    return Looked(dataset, "val", ids, dataset.train_targets[ids], flips)


def check_fingerprint(run: Run, fingerprint: str) -> None:
    """Refuse pictures that are not those a run was trained on.

    Raises:
        UserError: they are others.
    """
    if run.dataset_fingerprint not in (None, fingerprint):
        raise UserError(f"the files of {run.config['dataset']} changed since {run.name} was trained (fingerprint "
                        f"{run.dataset_fingerprint} then, {fingerprint} now): it cannot be evaluated on them")


def other_pictures(run: Run, name: str, data_path: str, classes: Sequence[str]) -> Looked:
    """The test pictures of another data set, labelled as the run labels the classes of the same names.

    Raises:
        UserError: it is not there, or its classes or channels are not the run's.
    """
    dataset = load_dataset(name, data_path)
    if set(dataset.classes) != set(classes) or len(dataset.classes) != len(classes):
        odd = sorted(set(dataset.classes) ^ set(classes))
        raise UserError(f"dataset: {name} has other classes than {run.name} was trained on: {', '.join(odd[:6])}"
                        f"{' and others' if len(odd) > 6 else ''} are only in one of them")
    channels = dataset.test_images.shape[-1]
    if channels != run.resolved["channels"]:
        raise UserError(f"dataset: the pictures of {name} have {channels} channels, those of {run.name} "
                        f"{run.resolved['channels']}")
    labels = np.array([classes.index(label) for label in dataset.classes])
    return Looked(dataset, "test", np.arange(len(dataset.test_targets)), labels[dataset.test_targets],
                  DATASETS[name].flips)


def batches_of_view(pictures: Looked, run: Run, view: View, device: torch.device) -> EvalBatches:
    """The pictures as one view of the model, normalised as in training."""
    own, known = pictures.dataset, run.resolved
    images = own.test_images if pictures.split == "test" else chosen(own.train_images, pictures.ids)
    size = known["image_size"]
    return EvalBatches(images, pictures.targets, batch_size=eval_batch(run.config_object(), size), size=size,
                       mean=known["mean"], std=known["std"], device=device,
                       channels_last=bool(known.get("channels_last")), scale=view.scale, flip=view.flip)
