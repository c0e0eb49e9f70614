"""One line of the benchmark's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchRow:
    """``ours`` and ``peer`` are figures with units; ``ratio`` says how many times better ours is."""

    name: str
    ours: str
    peer: str
    ratio: float
    target: str
    met: bool
