"""The doctor's mark of runs in a table: which have a serious finding that nobody has acknowledged.

A run that still trains is marked as soon as the doctor is sure of anything.
"""

import time
from collections.abc import Sequence

from app.kit.store import store
from engine.analysis.doctor import examine
from engine.store import Run

_BUDGET_SECONDS = 0.05
_MOST = 200
_KNOWN: dict[tuple[str, int, int], frozenset[str]] = {}


def marked(runs: Sequence[Run]) -> tuple[set[int], bool]:
    """Return the ids of marked runs, and whether all of the first two hundred that have ended have been examined.

    Examining takes milliseconds a run, so each call does a part. Findings that need other runs to compare with are on
    the runs' own pages.
    """
    ended = [run for run in runs[:_MOST] if run.is_ended]
    path, until, complete = str(store().path), time.monotonic() + _BUDGET_SECONDS, True
    unended = store().sure.of([run.id for run in runs if not run.is_ended])
    found = {run_id: frozenset(each.rule for each in sure) for run_id, sure in unended.items()}
    for run in ended:
        key = (path, run.id, run.revision)
        if key not in _KNOWN and time.monotonic() < until:
            _KNOWN[key] = frozenset(finding.rule for finding in examine(store(), run) if finding.serious)
        complete &= key in _KNOWN
        found[run.id] = _KNOWN.get(key, frozenset())
    serious = [run_id for run_id, rules in found.items() if rules]
    seen = {(each.run_id, each.finding) for each in store().acknowledged.of(serious)} if serious else set()
    return {run_id for run_id in serious if any((run_id, rule) not in seen for rule in found[run_id])}, complete
