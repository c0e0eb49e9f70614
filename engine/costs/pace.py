"""Predicts how long a run will take from earlier runs on this machine."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.catalog.models import model_row
from engine.config import RunConfig
from engine.config.steps import picture_size, pictures_per_epoch
from engine.costs.keys import Cost, cost_key
from engine.errors import UserError
from engine.store import Run, Store
from engine.words import counted

_RECENT = 5
_BATCH_RATIO = 2
_PACE_OPTIONS = ("model", "stem", "patch_size", "fine_tune", "precision", "gradient_checkpointing", "teacher",
                 "start_size")
_PASSES = 3
"""Forward passes that cost as much as a training step; a backward pass costs two."""


@dataclass(frozen=True)
class Estimate:
    """``seconds`` of training, or None without comparable runs, and the ``source`` of the estimate."""

    seconds: float | None
    source: str


@dataclass(frozen=True)
class Pace:
    """Training ``speed`` in pictures per second, or None without comparable runs, and its ``source``."""

    speed: float | None
    source: str


def estimate(store: Store, config: RunConfig, cost: Cost | None, kind: str) -> Estimate:
    """Estimate the time of the whole run from its :func:`pace`."""
    found = pace(store, config, cost, kind)
    work = pictures_per_epoch(config) * config.epochs
    return Estimate(None if found.speed is None else work / found.speed, found.source)


def pace(store: Store, config: RunConfig, cost: Cost | None, kind: str) -> Pace:
    """Estimate the training speed from similar runs on this machine.

    Any run that has measured its speed counts, also one that trains now or was killed. Runs of the same model and
    picture size are used directly, unless their batches were much larger: a step has an
    unknown cost besides its pictures. Otherwise the speed of the most similar model is scaled by multiply-adds, a rough
    estimate.

    Args:
        kind: the device type, ``cpu``, ``cuda`` or ``mps``; only runs on that type count.
    """
    batch, size = micro_batch(config.batch_size, config.accumulate), picture_size(config)
    past = [run for run in store.runs.list() if run.images_per_second and not run.is_imported and is_on(run, kind)]
    same = [run for run in past if _same_work(run, config) and run.resolved.get("image_size") == size]
    if same and min(map(_batch_of, same)) <= _BATCH_RATIO * batch:
        return _of_same(same, batch, f"{config.model} at {size} px")
    scaled = _scaled_speed(store, [run for run in past if _batch_of(run) <= _BATCH_RATIO * batch], cost, config)
    if scaled is None:
        return Pace(None, f"{config.model} has only run in larger batches here" if same else
                    "nothing comparable has run here yet")
    run, speed = scaled
    return Pace(speed, f"rough: scaled from {run.config['model']} by multiply-adds")


def micro_batch(batch_size: int, accumulate: int) -> int:
    """Return the number of pictures that a step computes at once."""
    return math.ceil(batch_size / accumulate)


def measured_cost(store: Store, run: Run) -> Cost:
    """Return what is known of the cost of a run's model at its picture size; empty if it was never measured."""
    resolved = run.resolved
    request = {"model": run.config["model"], "stem": run.config.get("stem", "standard"),
               "patch_size": run.config.get("patch_size", 0),
               **{name: resolved.get(name) for name in ("classes", "channels")}, "size": resolved.get("image_size")}
    return store.costs.get(cost_key(request)) or {}


def is_on(run: Run, kind: str) -> bool:
    """Whether a run trained, or will train, on this device type."""
    return str(run.device or run.slot or run.config["device"]).partition(":")[0] == kind


def _of_same(runs: Sequence[Run], batch: int, what: str) -> Pace:
    """Estimate from the latest runs, of this batch size if any."""
    by_batch: dict[int, list[float]] = {}
    for run in runs:
        by_batch.setdefault(_batch_of(run), []).append(run.images_per_second or 0.0)
    chosen = {size: speeds[:_RECENT] for size, speeds in by_batch.items() if size == batch or batch not in by_batch}
    speed = _speed_at(batch, {size: statistics.median(speeds) for size, speeds in chosen.items()})
    count, sizes = sum(map(len, chosen.values())), " and ".join(map(str, sorted(chosen)))
    rough = "" if max(chosen) * _BATCH_RATIO >= batch else "rough: a larger batch is seldom slower; "
    return Pace(speed, f"{rough}from {counted(count, 'run')} of {what} and batch {sizes} here: "
                       f"{speed:,.0f} images/s")


def _speed_at(batch: int, speeds: Mapping[int, float]) -> float:
    """Interpolate step time linearly between known batch sizes; beyond them the nearest speed applies."""
    sizes = sorted(speeds)
    within = min(max(batch, sizes[0]), sizes[-1])
    return within / float(np.interp(within, sizes, [size / speeds[size] for size in sizes]))


def _batch_of(run: Run) -> int:
    return micro_batch(int(run.config["batch_size"]), int(run.config.get("accumulate", 1)))


def pace_options(config: RunConfig) -> tuple[Any, ...]:
    """Return the options that determine how much work a picture is, besides its size."""
    return tuple(getattr(config, name) for name in _PACE_OPTIONS)


def _same_work(run: Run, config: RunConfig) -> bool:
    """Whether a picture costs a run as much work as this config."""
    return pace_options(config) == tuple(run.config.get(name, RunConfig.model_fields[name].default)
                                         for name in _PACE_OPTIONS)


def _scaled_speed(store: Store, past: list[Run], cost: Cost | None, config: RunConfig) -> tuple[Run, float] | None:
    """Return the most similar run, and its speed scaled to ``cost``: of the same model, else of its family, with the
    nearest multiply-adds. Depthwise convolutions take several times as long for each as dense ones."""
    if not cost or not cost.get("macs"):
        return None
    known = [(run, macs) for run in past if (macs := float(measured_cost(store, run).get("macs", 0)))
             and not run.config.get("teacher")]
    if not known:
        return None
    wanted = float(cost["macs"]) + _teacher_macs(store, config) / _PASSES
    family = model_row(config.model).family
    nearest, macs = min(known, key=lambda pair: (
        pair[0].config["model"] != config.model, _family(pair[0]) != family, abs(pair[1] - wanted)))
    return nearest, (nearest.images_per_second or 0.0) * macs / wanted


def _family(run: Run) -> str:
    try:
        return model_row(run.config["model"]).family
    except UserError:  # a plug-in's that is no longer there
        return ""


def _teacher_macs(store: Store, config: RunConfig) -> float:
    """Return the multiply-adds of a prediction of the config's teacher; 0 if there is none or they are unknown."""
    try:
        return float(measured_cost(store, store.runs.get(config.teacher)).get("macs", 0)) if config.teacher else 0.0
    except UserError:
        return 0.0
