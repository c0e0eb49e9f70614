"""``python -m tests.simulate [WORD …]``: every promise of the judge, counted in studies with a known truth.

Words choose promises that contain them; ``--share 0.1`` simulates a tenth of the studies.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is imported

import numpy as np

from tests.simulate import checkpoints, detectors, pictures, planning, recipes, sets
from tests.simulate.scenario import Count, Scenario

SCENARIOS: list[Scenario] = [*recipes.SCENARIOS, *pictures.SCENARIOS, *planning.SCENARIOS, *sets.SCENARIOS,
                             *checkpoints.SCENARIOS, *detectors.SCENARIOS]


def count(scenario: Scenario, share: float = 1.0) -> Count:
    """Simulate the scenario's studies, the same each time."""
    return scenario.count(np.random.default_rng(11), max(1, round(scenario.studies * share)))


def main(words: list[str]) -> int:
    share = float(words[words.index("--share") + 1]) if "--share" in words else 1.0
    chosen = [word for word in words if not word.startswith("--") and not word.replace(".", "").isdigit()]
    scenarios = [each for each in SCENARIOS if all(word in each.promise for word in chosen)]
    print("| promise | allowed | found | of |\n|---|---|---|---|", flush=True)
    kept = True
    with ProcessPoolExecutor() as pool:
        for scenario, found in zip(scenarios, pool.map(count, scenarios, [share] * len(scenarios)), strict=True):
            kept = kept and scenario.met(found)
            allowed = f"{scenario.least:.0%} to {scenario.most:.1%}" if scenario.least else f"≤ {scenario.most:.1%}"
            print(f"| {scenario.promise} | {allowed} | {found.share:.1%}{'' if scenario.met(found) else ' (not kept)'}"
                  f" | {found.trials:,} |", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
