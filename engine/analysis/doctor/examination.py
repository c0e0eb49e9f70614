"""Applying the rules to runs."""

from collections.abc import Collection, Sequence

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.curves import CURVES
from engine.analysis.doctor.design import unlike_their_factors
from engine.analysis.doctor.finding import Finding, Rule
from engine.analysis.doctor.kin import KIN
from engine.store import Run, Store
from engine.store.acknowledgements import Acknowledgement
from engine.study.outcomes import Outcome
from engine.study.study import Study
from engine.tasks import TASKS


def rules(*tasks: str) -> tuple[Rule, ...]:
    """The rules for runs of any task, and those of the given ones."""
    own = (rule for task in tasks for rule in TASKS[task].doctor.get())
    return (*CURVES, *own, *KIN)


def examine(store: Store, run: Run, group: Sequence[Run] = ()) -> list[Finding]:
    """What is to be said of a run that has ended, what is serious first; nothing of any other.

    Args:
        group: runs it may be compared with; only those that differ in nothing but what a rule is about are.
    """
    if not run.is_ended:
        return []
    case = Case(store, run, group)
    found = [Finding(run.id, rule.name, message, rule.serious, rule.more(case))
             for rule in rules(run.task) if (message := rule.find(case)) is not None]
    return sorted(found, key=lambda finding: not finding.serious)


def examine_all(store: Store, runs: Sequence[Run]) -> list[Finding]:
    """Each of several runs, held against all the others."""
    return [finding for run in runs for finding in examine(store, run, runs)]


def examine_study(store: Store, study: Study, outcomes: Sequence[Outcome]) -> list[Finding]:
    """The runs behind a study's outcomes, each held against all the others, and single runs against their factors."""
    of_study = {outcome.run for outcome in outcomes}
    runs = [run for run in store.runs.list() if run.id in of_study]
    found = [*examine_all(store, runs), *unlike_their_factors(study, outcomes)]
    return sorted(found, key=lambda finding: not finding.serious)


def kin_of(store: Store, run: Run) -> list[Run]:
    """The ended runs on the same data: whom it can be held against when nobody has said."""
    return [other for other in store.runs.list() if other.is_ended and other.id != run.id
            and other.config.get("dataset") == run.config.get("dataset")]


def kept_out(findings: Sequence[Finding], acknowledged: Collection[Acknowledgement]) -> set[int]:
    """The runs with a serious finding that nobody has acknowledged."""
    known = {(each.run_id, each.finding) for each in acknowledged}
    return {finding.run for finding in findings
            if finding.serious and finding.run is not None and (finding.run, finding.rule) not in known}
