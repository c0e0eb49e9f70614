"""Applying the rules to runs and studies."""

from collections.abc import Collection, Sequence

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.curves import CURVES
from engine.analysis.doctor.design import find_unlike_factors
from engine.analysis.doctor.figures import LEAKS
from engine.analysis.doctor.finding import Finding, Rule
from engine.analysis.doctor.kin import KIN
from engine.store import Run, Store
from engine.store.store import Acknowledgement
from engine.study.outcomes import Outcome
from engine.study.study import Study
from engine.tasks import TASKS


def rules(*tasks: str) -> tuple[Rule, ...]:
    """Return the rules for all tasks, and those of the given tasks."""
    own = (rule for task in tasks for rule in TASKS[task].doctor.rules())
    return (*CURVES, *LEAKS, *own, *KIN)


def examine(store: Store, run: Run, group: Sequence[Run] = ()) -> list[Finding]:
    """Examine a run; return its findings, serious ones first. One that still trains was examined by its trainer.

    Args:
        group: runs it may be compared with; a rule uses only those that differ in nothing else.
    """
    if not run.is_ended:
        return _kept(store, run)
    case = Case(store, run, group)
    found = [Finding(run.id, rule.name, message, rule.serious, rule.more(case))
             for rule in rules(run.task) if (message := rule.find(case)) is not None]
    return sorted(found, key=lambda finding: not finding.serious)


def _kept(store: Store, run: Run) -> list[Finding]:
    serious = {rule.name: rule.serious for rule in rules(run.task)}
    return [Finding(run.id, found.rule, f"after epoch {found.epoch}: {found.message}", serious.get(found.rule, False))
            for found in store.sure.of([run.id]).get(run.id, ())]


def examine_all(store: Store, runs: Sequence[Run]) -> list[Finding]:
    """Examine several runs, each compared with all others."""
    return [finding for run in runs for finding in examine(store, run, runs)]


def examine_study(store: Store, study: Study, outcomes: Sequence[Outcome]) -> list[Finding]:
    """Examine the runs of a study's outcomes, each compared with all others and with what its factors predict."""
    of_study = {outcome.run for outcome in outcomes}
    runs = [run for run in store.runs.list() if run.id in of_study]
    found = [*examine_all(store, runs), *find_unlike_factors(study, outcomes)]
    return sorted(found, key=lambda finding: not finding.serious)


def kin_of(store: Store, run: Run) -> list[Run]:
    """Return the other ended runs on the same data set, the default group to compare with."""
    return [other for other in store.runs.list() if other.is_ended and other.id != run.id
            and other.config.get("dataset") == run.config.get("dataset")]


def kept_out(findings: Sequence[Finding], acknowledged: Collection[Acknowledgement]) -> set[int]:
    """Return the runs with a serious finding that is not acknowledged; studies exclude them from verdicts."""
    known = {(each.run_id, each.finding) for each in acknowledged}
    return {finding.run for finding in findings
            if finding.serious and finding.run is not None and (finding.run, finding.rule) not in known}
