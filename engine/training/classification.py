"""Training of classifiers: loss, accuracy and batches, also of pictures with any number of classes."""

from dataclasses import asdict, dataclass, field, replace

import torch
from torch import Tensor, nn

from engine.catalog.augmentations import AUGMENTATIONS, crop_ratio, crop_scale, scale_range
from engine.config import RunConfig
from engine.config.steps import eval_batch, is_cropped, run_scales, sides_by_epoch, steps_per_epoch
from engine.data import Dataset
from engine.data.augmenting.crops import RandomCrop
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.facts import data_facts
from engine.data.mixing import Mixing
from engine.data.split import run_split
from engine.data.streaming import subset
from engine.labels.targets import class_counts
from engine.training.fitting import Forward
from engine.training.losses import Criterion, Targets, class_weights
from engine.training.objective import Batches, BatchLosses, InputFormat, Meter, check_batch_size, skipped_note
from engine.training.run_pictures import run_pictures


@dataclass(frozen=True)
class Classification:
    """Loss and accuracy; for mixed pictures the loss against both labels, weighted by their shares.

    Mixed pictures are counted as ``mixed_accuracy``: the share of the label that the predicted class has. It cannot
    reach 1 and is not comparable with accuracy.

    Validation has the same kind of loss, without label smoothing and weights of classes.

    Attributes:
        criterion: the loss in training.
        balanced: validation also has the balanced accuracy.
    """

    criterion: Criterion = field(default_factory=Criterion)
    balanced: bool = False

    def learn(self, forward: Forward, images: Tensor, targets: Targets) -> BatchLosses:
        """Return the loss of a batch of float32 [B, C, H, W], with smoothed labels."""
        logits = forward(images)
        loss = self.criterion(logits, targets)
        return BatchLosses({"loss": loss}, lambda meter: count(meter, loss, logits, targets))

    def validate(self, model: nn.Module, batches: EvalBatches) -> dict[str, float]:
        """Return mean loss, without smoothing and weights, and accuracy."""
        meter, plain, seen = Meter(), self.plain, []
        for images, targets in batches:
            logits = model(images)
            count(meter, plain(logits, targets), logits, targets)
            if self.balanced:
                seen.append(torch.stack([targets, logits.argmax(1)]))
        return meter.means() | ({"balanced_accuracy": mean_recall(*torch.cat(seen, 1))} if seen else {})

    @property
    def plain(self) -> Criterion:
        """The loss in validation."""
        return replace(self.criterion, label_smoothing=0.0, class_weights=None)


def mean_recall(targets: Tensor, predicted: Tensor) -> float:
    """Return the share of each class's pictures that are predicted correctly, averaged over the classes that are there.
    """
    pictures = targets.bincount()
    right = targets[targets == predicted].bincount(minlength=len(pictures))
    return float((right[pictures > 0] / pictures[pictures > 0]).mean())


def count(meter: Meter, loss: Tensor, logits: Tensor, targets: Targets) -> None:
    """Add a batch to a meter."""
    pictures, predicted = len(targets), logits.detach().argmax(1)
    total = loss.detach() * pictures
    if isinstance(targets, Tensor):
        meter.add(pictures, loss=total, accuracy=(predicted == targets).sum())
        return
    right = targets.share * (predicted == targets.first) + (1 - targets.share) * (predicted == targets.second)
    meter.add(pictures, loss=total, mixed_accuracy=right.sum())


def objective(config: RunConfig, batches: Batches[TrainBatches]) -> Classification:
    weights = class_weights(config.class_weights, batches.resolved["class_counts"])
    if weights is not None:
        weights = weights.to(batches.train.device)  # once, not at each step
    return Classification(Criterion(config.loss_function, config.label_smoothing, config.focal_gamma, weights),
                          balanced=config.score == "balanced accuracy")


def epoch_scores(metrics: dict[str, float]) -> tuple[str, str]:
    """Return training and validation accuracy of an epoch, for a line of the log."""
    whole = "train_accuracy" in metrics
    accuracy = f"{100 * metrics['train_accuracy' if whole else 'train_mixed_accuracy']:6.2f} %"
    balanced = metrics.get("val_balanced_accuracy")
    return f"{accuracy}{'' if whole else ' (mixed)'}  ", f"{100 * metrics['val_accuracy']:6.2f} %" + (
        "" if balanced is None else f", balanced {100 * balanced:.2f} %")


def batches_of(config: RunConfig, dataset: Dataset, look: InputFormat) -> Batches[TrainBatches]:
    """Return the batches of a config.

    Raises:
        UserError: a class has too few pictures, a batch is larger than the training part, or a scale is too small.
    """
    train_ids, val_ids = run_split(dataset.train_targets, config, dataset.classes)
    check_batch_size(config, len(train_ids))
    shown, steps = asdict(look), steps_per_epoch(config)
    scaled = AUGMENTATIONS[config.augmentation].scaled
    images, kept = run_pictures(config, dataset, "train")
    train = TrainBatches(
        subset(images, train_ids), dataset.train_targets[train_ids], batch_size=config.batch_size,
        augmentation=AUGMENTATIONS[config.augmentation], seed=config.seed,
        flips=data_facts(config.dataset, config.data_path).flips, mixing=mixing_of(config),
        train_scale=scale_range(config.train_scale) if scaled else None,
        steps_per_epoch=steps if config.equal_steps else None, balanced=config.sampling == "balanced",
        repeats=config.repeats, crop=crop_of(config), sides=sides_by_epoch(config), **shown)
    validation = EvalBatches(
        subset(images, val_ids), dataset.train_targets[val_ids], batch_size=eval_batch(config, look.size),
        scale=(*run_scales(config), 0)[0], interpolation=config.interpolation if is_cropped(config) else "", **shown)
    counts = class_counts(dataset.train_targets[train_ids], len(dataset.classes))
    return Batches(train, validation, {
        "train_pictures": len(train_ids), "val_pictures": len(val_ids), "test_pictures": len(dataset.test_targets),
        "class_counts": counts.tolist(), "mean": list(look.mean), "std": list(look.std),
        "skipped": list(dataset.skipped)}, (*dataset.notes, kept, *skipped_note(dataset.skipped), growth_note(config)))


def growth_note(config: RunConfig) -> str:
    """Return which side the pictures have in which epochs, if they grow."""
    sides = sides_by_epoch(config)
    parts = [f"{side} px from epoch {sides.index(side) + 1}" for side in sorted(set(sides))]
    return f"pictures grow: {', '.join(parts)}" if sides else ""


def crop_of(config: RunConfig) -> RandomCrop:
    """Return a config's random crop, which a cropped augmentation uses."""
    return RandomCrop(crop_scale(config.crop_scale), crop_ratio(config.crop_ratio), config.interpolation)


def mixing_of(config: RunConfig) -> Mixing | None:
    """Return a config's mixing; None: no mixing."""
    if config.mixing == "none":
        return None
    return Mixing(config.mixing, config.mixup_alpha, config.cutmix_alpha, config.mix_shares == "per batch")
