"""Arms that take turns: interleaved rounds, so that whatever else the machine does weighs on all alike."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from tests.bench.row import BenchRow

Arm = Callable[[], float]
"""One round; returns its speed, such as pictures per CPU second."""


def take_turns(arms: Sequence[Arm], rounds: int) -> list[list[float]]:
    """Speeds by arm and round; a first round, not returned, warms up."""
    speeds: list[list[float]] = [[] for _ in arms]
    for turn in range(rounds + 1):
        for arm, seen in zip(arms, speeds, strict=True):
            speed = arm()
            if turn:
                seen.append(speed)
    return speeds


def paired_ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    """The median over rounds of our speed divided by the peer's in the same round."""
    return statistics.median(own / other for own, other in zip(ours, peer, strict=True))


def pictures_arm(epoch: Callable[[], Iterable[Any]]) -> Arm:
    """An arm that counts the pictures of an epoch's batches, a CPU second."""
    def run() -> float:
        started, seen = time.process_time(), 0
        for pictures, _ in epoch():
            seen += len(pictures)
        return seen / (time.process_time() - started)

    return run


def speed_row(name: str, ours: Sequence[float], peer: Sequence[float], wanted: float) -> BenchRow:
    """The row of two arms of pictures; ``wanted`` is the least ratio."""
    ratio = paired_ratio(ours, peer)
    speed, peer_speed = (f"{statistics.median(speeds):,.0f} pictures/CPU s" for speeds in (ours, peer))
    return BenchRow(name, speed, peer_speed, ratio, f"≥ {wanted:g}×", ratio >= wanted)


class OwnProcess:
    """An arm in a process of its own, for arms that set up their process differently; idle while others run.

    Args:
        make: a module-level function that prepares and returns the arm.
    """

    def __init__(self, make: Callable[..., Arm], *arguments: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, arguments), daemon=True)
        self._process.start()
        theirs.close()
        self._ours.recv()  # prepared: arms measure the machine as they start, and must not disturb each other

    def __call__(self) -> float:
        self._ours.send(True)
        return float(self._ours.recv())

    def close(self) -> None:
        self._ours.close()
        self._process.join()


def _serve(pipe: Connection, make: Callable[..., Arm], arguments: tuple[object, ...]) -> None:
    arm = make(*arguments)
    pipe.send(True)
    while True:
        try:
            pipe.recv()
        except EOFError:
            return
        pipe.send(arm())
