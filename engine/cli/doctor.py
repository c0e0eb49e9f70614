"""``doctor``: examining runs that have ended, and telling what it is sure of in those that train."""

import argparse
from dataclasses import asdict
from typing import Any

from engine.analysis.doctor import Finding, examine, kept_out, kin_of, rules
from engine.cli.output import print_json, say, table
from engine.errors import ConfigError, UserError
from engine.launch import reap
from engine.store import Run, Store
from engine.store.store import Acknowledgement
from engine.tasks import TASKS
from engine.words import counted

_COLUMNS = ("run", "finding", "", "what")


def doctor(arguments: argparse.Namespace) -> int:
    """Examine the given runs, or all that have begun; optionally acknowledge a finding."""
    store = Store.open()
    reap(store)
    runs = [store.runs.find(ref) for ref in arguments.run] \
        or [run for run in store.runs.list() if run.status != "queued"]
    if arguments.acknowledge:
        _acknowledge(store, runs, arguments.acknowledge, arguments.note)
    found = [finding for run in runs for finding in examine(store, run, kin_of(store, run))]
    known = store.acknowledged.of([run.id for run in runs])
    if arguments.json:
        print_json([_document(finding, known) for finding in found])
        return 0
    if found:
        names = {run.id: f"{run.name} #{run.id}" for run in runs}
        table(_COLUMNS, [_row(finding, names, known) for finding in found])
    _print_summary(runs, found, known)
    return 0


def _acknowledge(store: Store, runs: list[Run], rule: str, note: str) -> None:
    """Acknowledge a finding of a run.

    Raises:
        UserError: there is not exactly one run, or it has no such finding.
    """
    names = [each.name for each in rules(*TASKS)]
    if rule not in names:
        raise ConfigError("acknowledge", rule, f"one of {', '.join(names)}")
    if len(runs) != 1:
        raise UserError("doctor: --acknowledge needs exactly one run")
    run = runs[0]
    if rule not in {finding.rule for finding in examine(store, run, kin_of(store, run))}:
        raise UserError(f"doctor: run {run.name} has no finding {rule}")
    store.acknowledged.put(run.id, rule, note)


def _row(finding: Finding, names: dict[int, str], known: list[Acknowledgement]) -> tuple[str, ...]:
    acknowledgement = _acknowledgement(finding, known)
    state = "acknowledged" if acknowledgement else "serious" if finding.serious else ""
    more = f" (python -m engine resume {finding.run} --more {finding.more})" if finding.more else ""
    note = f" [{acknowledgement.note}]" if acknowledgement and acknowledgement.note else ""
    return (names[finding.run or 0], finding.rule, state, f"{finding.message}{more}{note}")


def _print_summary(runs: list[Run], found: list[Finding], known: list[Acknowledgement]) -> None:
    count, excluded = len(runs), len(kept_out(found, known))
    examined = f"{counted(count, 'run')} examined, {counted(len(found), 'finding') if found else 'no findings'}"
    say(f"{examined}; {excluded} excluded from verdicts of studies until acknowledged "
        "(doctor RUN --acknowledge FINDING --note WHY)" if excluded else examined)


def _document(finding: Finding, known: list[Acknowledgement]) -> dict[str, Any]:
    acknowledgement = _acknowledgement(finding, known)
    return {**asdict(finding), "acknowledged": acknowledgement is not None,
            "note": acknowledgement.note if acknowledgement else ""}


def _acknowledgement(finding: Finding, known: list[Acknowledgement]) -> Acknowledgement | None:
    return next((each for each in known if (each.run_id, each.finding) == (finding.run, finding.rule)), None)
