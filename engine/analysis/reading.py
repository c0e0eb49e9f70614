"""Everything a study's results say, read once: what page, terminal and report all show."""

from dataclasses import dataclass

from engine.analysis.doctor import Finding, examine_study, kept_out
from engine.analysis.judging import Judgement, Note, judge
from engine.analysis.judging.notes import declared_notes
from engine.analysis.tables import Table, specs_of, table
from engine.errors import UserError
from engine.store import Store
from engine.store.acknowledgements import Acknowledgement
from engine.study.matrix import Matrix, State, matrix
from engine.study.outcomes import Outcome, outcomes
from engine.study.study import Study
from engine.study.versions import Studies, StudyVersion


@dataclass(frozen=True)
class Reading:
    """A study and what came of it so far.

    Attributes:
        findings: of its ended runs, by the doctor.
        acknowledged: those that somebody has let stand.
        kept_out: ids of runs with a serious finding that nobody has, which no conclusion is drawn from.
        judgements: one a hypothesis, in their order.
        notes: on the order in which hypotheses, seeds and results came.
    """

    matrix: Matrix
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]
    kept_out: frozenset[int]
    judgements: tuple[Judgement, ...]
    tables: tuple[Table, ...]
    notes: tuple[Note, ...]

    @property
    def study(self) -> Study:
        return self.matrix.study


def read_study(store: Store, study: Study) -> Reading:
    """Read what the store holds of the study's runs, and judge it.

    Raises:
        UserError: a hypothesis or a table is about what the study has not.
    """
    shown, results = matrix(store, study), outcomes(store, study)
    ended = shown.runs(State.DONE, State.FAILED)
    findings = examine_study(store, study, results)
    acknowledged = store.acknowledged.of([run.id for run in ended])
    out = frozenset(kept_out(findings, acknowledged))
    return Reading(
        shown, tuple(results), tuple(findings), tuple(acknowledged), out, tuple(judge(study, results, out)),
        tuple(table(study, spec, results, out) for spec in specs_of(study)),
        declared_notes(study, _versions(store, study), shown.runs(State.DONE)))


def _versions(store: Store, study: Study) -> list[StudyVersion]:
    """Of a study that was never kept, none: it is declared only now."""
    try:
        return Studies(store).versions(study.name)
    except UserError:
        return []
