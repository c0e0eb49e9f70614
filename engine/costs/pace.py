"""How long a run will take, from what has run here before."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.config import RunConfig
from engine.config.steps import picture_size, pictures_per_epoch
from engine.costs.keys import Cost, cost_key
from engine.store import Run, Store

_RECENT = 5
_ALIKE = 2
_DECIDE_PACE = ("model", "stem", "fine_tune", "precision")


@dataclass(frozen=True)
class Estimate:
    """``seconds`` of training, or None when nothing comparable has run here; ``source`` says where it comes from."""

    seconds: float | None
    source: str


@dataclass(frozen=True)
class Pace:
    """Pictures a second in training, or None when nothing comparable has run here, and where that comes from."""

    speed: float | None
    source: str


def estimate(store: Store, config: RunConfig, cost: Cost | None, kind: str) -> Estimate:
    """Time for the whole run, at its :func:`pace`."""
    found = pace(store, config, cost, kind)
    work = pictures_per_epoch(config) * config.epochs
    return Estimate(None if found.speed is None else work / found.speed, found.source)


def pace(store: Store, config: RunConfig, cost: Cost | None, kind: str) -> Pace:
    """Training speed, from that of like runs on this machine.

    The same model at the same picture size tells directly, if its batches were not much larger: a step costs something
    besides its pictures, and how much is not known. Else the speed of the nearest other model is scaled by the
    multiply-adds of one picture, which is rough, and said so.

    Args:
        kind: of device that the run is for, ``cpu``, ``cuda`` or ``mps``; only runs on that kind count.
    """
    batch, size = at_once(config.batch_size, config.accumulate), picture_size(config)
    past = [run for run in store.runs.list(("finished", "stopped", "paused"))
            if run.images_per_second and not run.is_imported and is_on(run, kind)]
    same = [run for run in past if _alike(run, config) and run.resolved.get("image_size") == size]
    if same and min(map(_batch_of, same)) <= _ALIKE * batch:
        return _of_same(same, batch, f"{config.model} at {size} px")
    scaled = _scaled_speed(store, [run for run in past if _batch_of(run) <= _ALIKE * batch], cost)
    if scaled is None:
        return Pace(None, f"{config.model} has only run in larger batches here" if same else
                    "nothing comparable has run here yet")
    run, speed = scaled
    return Pace(speed, f"rough: scaled from {run.config['model']} by multiply-adds")


def at_once(batch_size: int, accumulate: int) -> int:
    """Pictures that a step computes together."""
    return math.ceil(batch_size / accumulate)


def is_on(run: Run, kind: str) -> bool:
    """Whether a run trained on that kind of device, or is for it."""
    return str(run.device or run.slot or run.config["device"]).partition(":")[0] == kind


def _of_same(runs: Sequence[Run], batch: int, what: str) -> Pace:
    """From the latest runs of the same kind, those in batches of that size if there are any."""
    by_batch: dict[int, list[float]] = {}
    for run in runs:
        by_batch.setdefault(_batch_of(run), []).append(run.images_per_second or 0.0)
    chosen = {size: speeds[:_RECENT] for size, speeds in by_batch.items() if size == batch or batch not in by_batch}
    speed = _speed_at(batch, {size: statistics.median(speeds) for size, speeds in chosen.items()})
    count, sizes = sum(map(len, chosen.values())), " and ".join(map(str, sorted(chosen)))
    rough = "" if max(chosen) * _ALIKE >= batch else "rough: a larger batch is seldom slower; "
    return Pace(speed, f"{rough}from {count} run{'s' * (count > 1)} of {what} and batch {sizes} here: "
                       f"{speed:,.0f} images/s")


def _speed_at(batch: int, speeds: Mapping[int, float]) -> float:
    """Between two known batch sizes a step takes a fixed time and one for each picture; beyond them the nearest's
    speed holds."""
    sizes = sorted(speeds)
    within = min(max(batch, sizes[0]), sizes[-1])
    return within / float(np.interp(within, sizes, [size / speeds[size] for size in sizes]))


def _batch_of(run: Run) -> int:
    return at_once(int(run.config["batch_size"]), int(run.config.get("accumulate", 1)))


def _alike(run: Run, config: RunConfig) -> bool:
    """Whether a picture costs a run as much work as it would cost this config."""
    return all(run.config.get(name, RunConfig.model_fields[name].default) == getattr(config, name)
               for name in _DECIDE_PACE)


def _scaled_speed(store: Store, past: list[Run], cost: Cost | None) -> tuple[Run, float] | None:
    """The run whose multiply-adds are nearest, and its speed scaled to ``cost``."""
    if not cost or not cost.get("macs"):
        return None
    known = [(run, macs) for run in past if (macs := _macs(store, run))]
    if not known:
        return None
    wanted = float(cost["macs"])
    nearest, macs = min(known, key=lambda pair: abs(pair[1] - wanted))
    return nearest, (nearest.images_per_second or 0.0) * macs / wanted


def _macs(store: Store, run: Run) -> float:
    """Multiply-adds of a picture in a past run, 0 when never measured."""
    resolved = run.resolved
    request = {"model": run.config["model"], "stem": run.config.get("stem", "standard"),
               **{name: resolved.get(name) for name in ("classes", "channels")}, "size": resolved.get("image_size")}
    return float((store.costs.get(cost_key(request)) or {}).get("macs", 0))
