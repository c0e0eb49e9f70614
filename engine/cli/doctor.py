"""``doctor``: what is wrong, or worth knowing, of runs that have ended."""

import argparse
from dataclasses import asdict
from typing import Any

from engine.analysis.doctor import Finding, examine, kept_out, kin_of, rules
from engine.cli.output import print_json, say, table
from engine.errors import ConfigError, UserError
from engine.launch import reap
from engine.store import Run, Store
from engine.store.acknowledgements import Acknowledgement
from engine.tasks import TASKS

_COLUMNS = ("run", "finding", "", "what")


def doctor(arguments: argparse.Namespace) -> int:
    """Examine runs, all that have ended if none is named; or let a finding of one stand."""
    store = Store.open()
    reap(store)
    runs = [store.runs.find(ref) for ref in arguments.run] or [run for run in store.runs.list() if run.is_ended]
    if arguments.acknowledge:
        _acknowledge(store, runs, arguments.acknowledge, arguments.note)
    found = [finding for run in runs for finding in examine(store, run, kin_of(store, run))]
    seen = store.acknowledged.of([run.id for run in runs])
    if arguments.json:
        print_json([_document(finding, seen) for finding in found])
        return 0
    if found:
        names = {run.id: f"{run.name} #{run.id}" for run in runs}
        table(_COLUMNS, [_row(finding, names, seen) for finding in found])
    _sum_up(runs, found, seen)
    return 0


def _acknowledge(store: Store, runs: list[Run], rule: str, note: str) -> None:
    """Only what is found can be acknowledged.

    Raises:
        UserError: not exactly one run is named, or it has no such finding.
    """
    known = [each.name for each in rules(*TASKS)]
    if rule not in known:
        raise ConfigError("acknowledge", rule, f"one of {', '.join(known)}")
    if len(runs) != 1:
        raise UserError("doctor: name the one run whose finding is acknowledged")
    run = runs[0]
    if rule not in {finding.rule for finding in examine(store, run, kin_of(store, run))}:
        raise UserError(f"doctor: run {run.name} has no finding {rule}")
    store.acknowledged.put(run.id, rule, note)


def _row(finding: Finding, names: dict[int, str], seen: list[Acknowledgement]) -> tuple[str, ...]:
    known = _seen(finding, seen)
    state = "acknowledged" if known else "serious" if finding.serious else ""
    more = f" (python -m engine resume {finding.run} --more {finding.more})" if finding.more else ""
    note = f" [{known.note}]" if known and known.note else ""
    return (names[finding.run or 0], finding.rule, state, f"{finding.message}{more}{note}")


def _sum_up(runs: list[Run], found: list[Finding], seen: list[Acknowledgement]) -> None:
    count, out = len(runs), len(kept_out(found, seen))
    examined = f"{count} run{'s' * (count != 1)} examined, {len(found) or 'no'} finding{'s' * (len(found) != 1)}"
    say(f"{examined}; {out} kept out of a study's conclusions until acknowledged "
        "(doctor RUN --acknowledge FINDING --note WHY)" if out else examined)


def _document(finding: Finding, seen: list[Acknowledgement]) -> dict[str, Any]:
    known = _seen(finding, seen)
    return {**asdict(finding), "acknowledged": known is not None, "note": known.note if known else ""}


def _seen(finding: Finding, seen: list[Acknowledgement]) -> Acknowledgement | None:
    return next((each for each in seen if (each.run_id, each.finding) == (finding.run, finding.rule)), None)
