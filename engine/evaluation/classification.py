"""Evaluation of classifiers: a run's model and pictures as they were, and the softmax of every picture, averaged over
views for test-time augmentation."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.catalog.datasets import DATASETS
from engine.config.steps import eval_batch, is_cropped, run_scales
from engine.data import Dataset, load_dataset
from engine.data.batches import EvalBatches
from engine.data.split import run_split
from engine.data.streaming import subset
from engine.data.views import View, views
from engine.errors import UserError
from engine.evaluation.metrics import Predictions, summary
from engine.models.build import build_model
from engine.store import Conditions, Run
from engine.tasks import TASKS, task_name, task_of
from engine.training.run_pictures import run_pictures
from engine.words import listed


@dataclass(frozen=True, eq=False)
class EvalPictures:
    """Pictures of one split for evaluation.

    Attributes:
        ids: int64 [N], positions in the test set, or for validation among the training pictures.
        targets: int64 [N], or [N, K] of pictures with any number of classes.
        flips: whether they may be mirrored.
    """

    dataset: Dataset
    split: str
    ids: NDArray[np.int64]
    targets: NDArray[np.int64]
    flips: bool


def restored_model(run: Run, device: torch.device) -> nn.Module:
    """Build a run's architecture, without weights; a checkpoint's are loaded into it.

    Raises:
        UserError: the run has not started training, so its settings are unknown.
    """
    config, known = run.config_object(), resolved_settings(run)
    model = build_model(config.model, classes=known["classes"], channels=known["channels"],
                        size=known["image_size"], stem=config.stem, patch_size=config.patch_size,
                        dropout=config.dropout, drop_path=config.drop_path).to(device).eval()
    return model.to(memory_format=torch.channels_last) if known.get("channels_last") else model


def resolved_settings(run: Run) -> dict[str, Any]:
    """Return the settings that were determined when a run started.

    Raises:
        UserError: it has not started.
    """
    if "image_size" not in run.resolved or "classes" not in run.resolved:
        raise UserError(f"{run.name}: has not started training")
    return run.resolved


def own_pictures(run: Run, split: str, dataset: Dataset | None = None, moved_to: str = "") -> EvalPictures:
    """Return the pictures of a split as in the run.

    Args:
        dataset: the run's data set, if already loaded.
        moved_to: their new place; empty: unchanged.

    Raises:
        UserError: they are missing, or differ from those the run was trained on.
    """
    config = run.config_object()
    place = moved_to or config.data_path
    dataset = dataset or load_dataset(config.dataset, place)
    check_fingerprint(run, dataset.fingerprint)
    flips = DATASETS[config.dataset].flips
    if split == "test":
        return EvalPictures(dataset, "test", np.arange(len(dataset.test_targets)), dataset.test_targets, flips)
    _, ids = run_split(dataset.train_targets, config, dataset.classes)
    return EvalPictures(dataset, "val", ids, dataset.train_targets[ids], flips)


def check_fingerprint(run: Run, fingerprint: str) -> None:
    """Check that the pictures are those a run was trained on.

    Raises:
        UserError: they differ.
    """
    if run.dataset_fingerprint not in (None, fingerprint):
        raise UserError(f"the files of {run.config['dataset']} changed since {run.name} was trained (fingerprint "
                        f"{run.dataset_fingerprint} then, {fingerprint} now): it cannot be evaluated on them")


def other_pictures(run: Run, name: str, data_path: str, classes: Sequence[str]) -> EvalPictures:
    """Return the test pictures of another data set, with the labels of the run's classes of the same names.

    Raises:
        UserError: it is missing, is for another task, or has other classes or channels than the run.
    """
    dataset = load_dataset(name, data_path)
    if task_of(name).one_class_a_picture != TASKS[run.task].one_class_a_picture:
        raise UserError(f"dataset: {name} is a data set for {task_name(name)}, {run.name} a run of {run.task}")
    if set(dataset.classes) != set(classes) or len(dataset.classes) != len(classes):
        odd = sorted(set(dataset.classes) ^ set(classes))
        raise UserError(f"dataset: {name} has other classes than {run.name} was trained on; only one of them has "
                        f"{listed(odd)}")
    channels = dataset.test_images.shape[-1]
    if channels != run.resolved["channels"]:
        raise UserError(f"dataset: the pictures of {name} have {channels} channels, those of {run.name} "
                        f"{run.resolved['channels']}")
    targets = dataset.test_targets[:, [dataset.classes.index(label) for label in classes]] \
        if dataset.test_targets.ndim == 2 else \
        np.array([classes.index(label) for label in dataset.classes])[dataset.test_targets]
    return EvalPictures(dataset, "test", np.arange(len(targets)), targets, DATASETS[name].flips)


def view_batches(pictures: EvalPictures, run: Run, view: View, device: torch.device) -> EvalBatches:
    """Return batches of one view of the pictures, normalised as in training."""
    config, known = run.config_object(), run.resolved
    images, _ = run_pictures(config, pictures.dataset, "test" if pictures.split == "test" else "train")
    if pictures.split != "test":
        images = subset(images, pictures.ids)
    size = known["image_size"]
    return EvalBatches(images, pictures.targets, batch_size=eval_batch(config, size), size=size,
                       mean=known["mean"], std=known["std"], device=device,
                       channels_last=bool(known.get("channels_last")), scale=view.scale, flip=view.flip,
                       interpolation=config.interpolation if is_cropped(config) else "")


def predict(run: Run, model: nn.Module, pictures: EvalPictures, conditions: Conditions,
            device: torch.device) -> Predictions:
    """Predict the logits of pictures, averaged over the views in the conditions."""
    scales = conditions.scales or run_scales(run.config_object())[:1]
    batches = (view_batches(pictures, run, view, device) for view in views(conditions.tta, scales, pictures.flips))
    logits = average_logits(predict_logits(model, each) for each in batches)
    return Predictions(pictures.ids, pictures.targets, logits.numpy())


@torch.inference_mode()
def predict_logits(model: nn.Module, batches: EvalBatches) -> Tensor:
    """Return the model's logits for every picture, in order: float32 [N, K] on the CPU."""
    model.eval()
    return torch.cat([model(images).float().cpu() for images, _ in batches])


def average_logits(logits_of_views: Iterable[Tensor]) -> Tensor:
    """Return logits [N, K] whose softmax is the mean of the views' softmax; a single view is unchanged."""
    several = iter(logits_of_views)
    first = next(several)
    total, count = first.double().log_softmax(1), 1
    for logits in several:
        total, count = torch.logaddexp(total, logits.double().log_softmax(1)), count + 1
    return first if count == 1 else (total - math.log(count)).float()


def figures(run: Run, predictions: Predictions) -> dict[str, float]:
    """Compute the metrics of predictions, by name."""
    return summary(predictions)
