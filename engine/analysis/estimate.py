"""How long a run will take, from what has run here before."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from engine.config import RunConfig
from engine.config.steps import picture_size, training_pictures
from engine.models.cost import Cost, cost_key
from engine.store import Run, Store

_RECENT = 5


@dataclass(frozen=True)
class Estimate:
    """``seconds`` of training, or None when nothing comparable has run here; ``source`` says where it comes from."""

    seconds: float | None
    source: str


def estimate(store: Store, config: RunConfig, cost: Cost | None) -> Estimate:
    """Time for the whole run, from the speed of like runs on this machine.

    The same model at the same picture size tells directly; else the speed of the nearest other model is scaled by the
    multiply-adds of one picture, which is rough, and said so.
    """
    past = [run for run in store.runs.list(("finished", "stopped", "paused")) if run.images_per_second]
    past = [run for run in past if config.device == "auto" or (run.device or "").startswith(config.device)]
    size = picture_size(config)
    same = [run for run in past if run.config["model"] == config.model and run.resolved.get("image_size") == size]
    work = training_pictures(config) * config.epochs
    if same:
        speed = statistics.median(run.images_per_second or 0.0 for run in same[:_RECENT])
        return Estimate(work / speed, f"from {len(same[:_RECENT])} run{'s' * (len(same) > 1)} of {config.model} "
                                      f"at {size} px here: {speed:,.0f} images/s")
    scaled = _scaled_speed(store, past, cost)
    if scaled is None:
        return Estimate(None, "nothing comparable has run here yet")
    run, speed = scaled
    return Estimate(work / speed, f"rough: scaled from {run.config['model']} by multiply-adds")


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
    request = {"model": run.config["model"], "classes": resolved.get("classes"), "channels": resolved.get("channels"),
               "size": resolved.get("image_size")}
    return float((store.costs.get(cost_key(request)) or {}).get("macs", 0))
