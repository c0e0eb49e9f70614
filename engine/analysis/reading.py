"""Reading a study's results from the store, for pages, terminal and report."""

from dataclasses import dataclass

from engine.analysis.doctor import Finding, examine_study, kept_out
from engine.analysis.judging import Judgement, Note, judge
from engine.analysis.judging.looks import look_at
from engine.analysis.judging.notes import declared_notes, shared_notes
from engine.analysis.judging.sensitivity import with_variants
from engine.analysis.ranking import Ranking, ranking_of
from engine.analysis.tables import Table, specs_of, table
from engine.errors import UserError
from engine.store import Store
from engine.store.store import Acknowledgement
from engine.study.changes import Verification, verify
from engine.study.matrix import Matrix, State, matrix
from engine.study.outcomes import Outcome, outcomes_of
from engine.study.study import Study
from engine.study.versions import Studies, StudyVersion


@dataclass(frozen=True)
class Reading:
    """A study with its results so far.

    Attributes:
        findings: of the doctor, on ended runs.
        acknowledged: acknowledgements of findings.
        kept_out: ids of runs excluded by serious findings that are not acknowledged.
        judgements: one per hypothesis, in order.
        notes: on the order in which hypotheses, seeds and results appeared.
        ranking: recipes compared over several sets; None if there is no such factor, or less than two recipes.
    """

    matrix: Matrix
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]
    kept_out: frozenset[int]
    judgements: tuple[Judgement, ...]
    tables: tuple[Table, ...]
    notes: tuple[Note, ...]
    ranking: Ranking | None

    @property
    def study(self) -> Study:
        return self.matrix.study


def read_study(store: Store, study: Study) -> Reading:
    """Read the results of a study's runs, and judge its hypotheses.

    Raises:
        UserError: a hypothesis or a table names levels that the study does not have.
    """
    shown = matrix(store, study)
    results = outcomes_of(store, shown)
    ended = shown.runs(State.DONE, State.FAILED)
    findings = examine_study(store, study, results)
    acknowledged = store.acknowledged.of([run.id for run in ended])
    out = frozenset(kept_out(findings, acknowledged))
    versions = _versions(store, study)
    look, done = look_at(shown, versions), shown.runs(State.DONE)
    judgements = with_variants(judge(study, results, out, look), study, results, out, look)
    return Reading(
        shown, tuple(results), tuple(findings), tuple(acknowledged), out, tuple(judgements),
        tuple(table(study, spec, results, out) for spec in specs_of(study)),
        (*declared_notes(study, versions, done, look), *shared_notes(study, done, store.studies.names())),
        ranking_of(study, results, out, look))


def verify_study(store: Store, shown: Matrix) -> Verification:
    """Hold a study against its seal, see :mod:`engine.study.changes`."""
    return verify(_versions(store, shown.study), shown.runs(State.DONE))


def _versions(store: Store, study: Study) -> list[StudyVersion]:
    """Return the saved versions of a study; none if it was never saved."""
    try:
        return Studies(store).versions(study.name)
    except UserError:
        return []
