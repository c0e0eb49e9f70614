"""Whole training epochs, batch 128, one thread, against the same script with per-sample transforms."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.catalog.augmentations import AUGMENTATIONS
from engine.config import parse_config
from engine.data import Dataset
from engine.data.batches import EvalBatches, TrainBatches
from engine.models.groups import parameter_groups
from engine.models.tinyvgg import tinyvgg_a
from engine.training import small_maps
from engine.training.checkpoints import Checkpoints
from engine.training.classification import Classification
from engine.training.devices import Precision
from engine.training.loop import Loop
from engine.training.machine import choose_channels_last, tune_process
from engine.training.observers import EpochLog
from engine.training.progress import Progress
from engine.training.schedule import Schedule
from engine.training.setup import Setup, build_optimizer
from tests.bench.persample import BATCH, MEAN, STD, coloured_pictures, per_sample_loader
from tests.bench.row import BenchRow
from tests.bench.turns import Arm, OwnProcess, paired_ratio, take_turns

_ROUNDS = 13
_CEILING = 0.97


def rows() -> list[BenchRow]:
    """Pictures per CPU second of an epoch: against the script, the bare steps on one fixed batch and stock kernels."""
    return [*_rows("tinyvgg_a", 30 * BATCH, 2.1, 0.97), *_rows("resnet18", 6 * BATCH, 2.0, 1.15)]


def _rows(model: str, count: int, of_script: float, of_stock: float) -> list[BenchRow]:
    """Rows of a model, with what is wanted of our speed as a multiple of the script's and of stock kernels'."""
    peers = (("epoch at 32 px against per-sample transforms", _script, of_script),
             ("epoch against its bare steps", _bare, _CEILING),
             ("epoch against the same by stock kernels", _stock, of_stock))
    processes = [OwnProcess(make, model, count) for make in (_epoch, *(make for _, make, _ in peers))]
    try:
        ours, *others = take_turns(processes, _ROUNDS)
    finally:
        for process in processes:
            process.close()
    return [_row(f"{model} {what}", ours, other, wanted)
            for (what, _, wanted), other in zip(peers, others, strict=True)]


def _row(name: str, ours: list[float], peer: list[float], wanted: float) -> BenchRow:
    speed, peer_speed = (f"{statistics.median(speeds):,.0f} pictures/CPU s" for speeds in (ours, peer))
    ratio = paired_ratio(ours, peer)
    return BenchRow(name, speed, peer_speed, ratio, f"≥ {wanted:g}×", ratio >= wanted)


def _script(name: str, count: int) -> Arm:
    """A common training script: DataLoader, default layout, optimizer and allocator."""
    torch.set_num_threads(1)
    model = _model(name)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    loader = per_sample_loader(*coloured_pictures(count))
    return lambda: _train(model, optimizer, loader)


def _epoch(name: str, count: int) -> Arm:
    """The same epochs as Darkroom's loop trains them: with its schedule, meters and records of every step."""
    setup = _setup(name, count)
    loop = Loop(setup, Checkpoints(Path(os.devnull)), EpochLog("classification"), Progress())

    def epoch() -> float:
        started = time.process_time()
        assert loop.train_epoch() is not None
        loop.progress.epoch, loop.progress.step_in_epoch = loop.progress.epoch + 1, 0
        return count / (time.process_time() - started)

    return epoch


def _stock(name: str, count: int) -> Arm:
    """The same epochs in the same layout, which the home remembers, with every convolution stock."""
    small_maps.can_be_dense = lambda layer, x: False
    return _epoch(name, count)


def _bare(name: str, count: int) -> Arm:
    """Forward, backward and step on one batch that is there already, in the same layout: the ceiling."""
    setup = _setup(name, count)
    batch = next(setup.train.epoch(0))
    return lambda: _train(setup.model, setup.optimizer, [batch] * setup.train.steps_per_epoch)


def _setup(name: str, count: int) -> Setup:
    """What a run of this model would train with on these pictures, one thread."""
    config = parse_config({"dataset": "CIFAR10", "model": name, "augmentation": "weak", "optimizer": "SGD",
                           "batch_size": BATCH})
    device = torch.device("cpu")
    machine = tune_process(device, {"threads": 1, "allocator": ""})
    images, targets = coloured_pictures(count)
    model, example, precision = _model(name), torch.zeros(32, 3, 32, 32), Precision("fp32", device)
    channels_last = choose_channels_last(model, example, precision)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    small_maps.use_small_map_matrices(model, example)
    train = TrainBatches(images, targets, batch_size=BATCH, augmentation=AUGMENTATIONS["weak"], size=32, mean=MEAN,
                         std=STD, seed=0, device=device, channels_last=channels_last, flips=True)
    few = EvalBatches(images[:BATCH], targets[:BATCH], batch_size=BATCH, size=32, mean=MEAN, std=STD, device=device,
                      channels_last=channels_last)
    dataset = Dataset(images, targets, images, targets, name="random", classes=tuple("0123456789"), fingerprint="",
                      mean=MEAN, std=STD)
    optimizer = build_optimizer(config, parameter_groups(model, config))
    return Setup(config, Classification(), device, precision, dataset, model, model, None, optimizer,
                 Schedule(config, optimizer, train.steps_per_epoch), train, few, {"machine": machine})


def _model(name: str) -> nn.Module:
    torch.manual_seed(0)
    if name == "tinyvgg_a":
        return tinyvgg_a(10, 3)
    import timm

    model: nn.Module = timm.create_model(name, num_classes=10)
    return model


def _train(model: nn.Module, optimizer: torch.optim.Optimizer, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    model.train()
    started, seen = time.process_time(), 0
    for pictures, targets in batches:
        loss = functional.cross_entropy(model(pictures), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        seen += len(pictures)
    return seen / (time.process_time() - started)
