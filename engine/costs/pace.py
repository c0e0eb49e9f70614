"""How long a run will take, from what has run here before."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from engine.config import RunConfig
from engine.config.steps import picture_size, pictures_per_epoch
from engine.costs.keys import Cost, cost_key
from engine.store import Run, Store

_RECENT = 5
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


def estimate(store: Store, config: RunConfig, cost: Cost | None) -> Estimate:
    """Time for the whole run, at its :func:`pace`."""
    found = pace(store, config, cost)
    work = pictures_per_epoch(config) * config.epochs
    return Estimate(None if found.speed is None else work / found.speed, found.source)


def pace(store: Store, config: RunConfig, cost: Cost | None) -> Pace:
    """Training speed, from that of like runs on this machine.

    The same model at the same picture size tells directly; else the speed of the nearest other model is scaled by the
    multiply-adds of one picture, which is rough, and said so.
    """
    past = [run for run in store.runs.list(("finished", "stopped", "paused"))
            if run.images_per_second and not run.is_imported]
    past = [run for run in past if config.device == "auto" or (run.device or "").startswith(config.device)]
    size = picture_size(config)
    same = [run for run in past if _alike(run, config) and run.resolved.get("image_size") == size][:_RECENT]
    if same:
        speed = statistics.median(run.images_per_second or 0.0 for run in same)
        return Pace(speed, f"from {len(same)} run{'s' * (len(same) > 1)} of {config.model} "
                           f"at {size} px here: {speed:,.0f} images/s")
    scaled = _scaled_speed(store, past, cost)
    if scaled is None:
        return Pace(None, "nothing comparable has run here yet")
    run, speed = scaled
    return Pace(speed, f"rough: scaled from {run.config['model']} by multiply-adds")


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
