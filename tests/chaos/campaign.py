"""Rounds of faults, each of which a home must survive."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.faults import FAULTS, Fault
from tests.chaos.scene import Scene
from tests.waiting import until

_TRUE_WITHIN = 10.0


@dataclass
class Tally:
    """What came of the rounds of one fault.

    Attributes:
        points: acknowledged before the fault, none of which was lost.
        slowest: seconds from the fault until the row was true, at most.
        failed: rounds in which something was not as promised.
    """

    rounds: int = 0
    points: int = 0
    slowest: float = 0.0
    failed: int = 0


def campaign(base: Path, minutes: float, seed: int, names: list[str] | None = None,
             say: Callable[[str], None] = print) -> dict[str, Tally]:
    """Disturb runs in a home below ``base`` until the time is over; the seed is said before, each failure with its
    traceback."""
    say(f"seed {seed}")
    chance, deadline = random.Random(seed), time.monotonic() + 60 * minutes
    scene, met = Scene(base, chance), dict[str, Tally]()
    try:
        for name in _decks(names or list(FAULTS), chance):
            if time.monotonic() > deadline:
                return met
            tally = met.setdefault(name, Tally())
            began = time.monotonic()
            try:
                _round(scene, FAULTS[name], tally)
            except Exception:
                tally.failed += 1
                say(traceback.format_exc())
            tally.rounds += 1
            say(f"{sum(each.rounds for each in met.values()):>4}  {name} ({time.monotonic() - began:.0f} s)")
    finally:
        scene.end()
    return met


def _decks(names: list[str], chance: random.Random) -> Iterator[str]:
    """Every fault once, in some order, again and again."""
    while True:
        yield from chance.sample(names, len(names))


def _round(scene: Scene, fault: Fault, tally: Tally) -> None:
    fault.happen(scene)
    began = time.monotonic()
    until(scene.is_true, _TRUE_WITHIN)
    tally.slowest = max(tally.slowest, time.monotonic() - began)
    now = scene.look(scene.run.id)
    assert fault.says in str(now.error) or not now.error, now.error
    scene.assert_kept()
    tally.points += len(scene.acknowledged[0])
    if fault.resumes:
        scene.finish()
        scene.assert_as_whole()
        scene.assert_kept()
    scene.store.runs.delete(scene.run.id)


def table(met: dict[str, Tally]) -> str:
    """As Markdown."""
    head = "| fault | rounds | points lost of | row true after (s) | not as promised |\n|---|---|---|---|---|"
    return "\n".join([head, *(f"| {name} | {tally.rounds} | 0 of {tally.points:,} | {tally.slowest:.1f} | "
                              f"{tally.failed} |" for name, tally in sorted(met.items()))])
