"""The content of a study's report, read from the store; templates define its appearance."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.analysis.checkpoint_pairs import CheckpointPair, checkpoint_evidence
from engine.analysis.doctor import Finding
from engine.analysis.judging import note_text
from engine.analysis.judging.numbers import bare, difference, probability
from engine.analysis.reading import Reading, read_study, verify_study
from engine.analysis.sealed import seal_line
from engine.analysis.tables import Cell, Column, Row, Table
from engine.catalog.metrics import METRICS
from engine.home import home
from engine.report.evidence import VerdictText, environment, verdicts_of
from engine.report.figures import Plot, plots
from engine.report.galleries import Gallery, galleries
from engine.report.korean import in_korean
from engine.report.ranking import RankingText, ranking_text
from engine.report.words import word
from engine.store import Run, Store
from engine.study.changes import Verification
from engine.study.document import dump_study
from engine.study.factors import CellKey
from engine.study.matrix import State
from engine.study.study import Study
from engine.study.versions import Studies

Facts = list[tuple[str, str]]
KEPT_OUT = "†"


@dataclass(frozen=True)
class Report:
    """The content of a report in one language: plain texts and SVG figures."""

    study: Study
    language: str
    progress: str
    verdicts: list[VerdictText]
    ranking: RankingText | None
    design: Facts
    matrix: Table
    tables: list[Table]
    checkpoints: list[str]
    curves: list[Plot]
    galleries: list[Gallery]
    findings: list[str]
    environment: Facts
    declaration: str
    made: str


def report_of(store: Store, name: str, language: str = "en") -> Report:
    """Make the report of a study from its current state.

    Raises:
        UserError: there is no such study.
    """
    reading = read_study(store, Studies(store).get(name))
    study, found, done = reading.study, reading.matrix, reading.matrix.runs(State.DONE)
    return Report(
        study, language, _progress(reading, language), verdicts_of(reading.judgements, language),
        ranking_text(reading.ranking, language),
        [*_design(study, language), (word("seal", language), _seal(verify_study(store, found), language))],
        _matrix(reading), [_told(table, language) for table in reading.tables],
        [_checkpoint_text(pair, language) for pair in checkpoint_evidence(store, reading)],
        plots(store, found, language), galleries(store, _extremes(reading), language), _findings(reading, language),
        environment(done, language),
        _from_home(dump_study(study)), word("made", language, date=time.strftime("%Y-%m-%d %H:%M")))


def _progress(reading: Reading, language: str) -> str:
    """Describe the number of finished runs, and when hypotheses were declared."""
    planned, done = len(reading.matrix.entries), reading.matrix.counts[State.DONE]
    imported = sum(outcome.imported for outcome in reading.outcomes)
    told = word("imported", language, count=imported) if imported else \
        word("runs_told", language, done=done, planned=planned)
    notes = [note_text(note, language) for note in reading.notes]
    if not notes and reading.judgements and done:
        notes = [word("declared_before", language)]
    return " ".join([told, *notes])


def _design(study: Study, language: str) -> Facts:
    metric = METRICS[study.metric]
    settings = ", ".join(f"{key} {value}" for key, value in study.settings.items() if value != "")
    margin = difference(study.margin, study.metric, metric.digits, language, signed=False) if study.margin else ""
    facts = [*((factor.name, ", ".join(factor.labels)) for factor in study.varied),
             (word("settings", language), _from_home(settings)),
             (word("seeds", language), ", ".join(map(str, study.seeds))),
             (word("metric", language), metric.title), (word("margin", language), margin)]
    return [(title, value) for title, value in facts if value]


def _from_home(text: str) -> str:
    """Write paths in the home from there: a report tells nothing of the folders of its author."""
    return text.replace(f"{home()}/", "")


def _matrix(reading: Reading) -> Table:
    """Return the matrix: finished and planned runs of every cell, with the last factor as columns."""
    *down, across = reading.study.varied
    rows: dict[CellKey, dict[str, Cell]] = {}
    for cell in reading.study.cells:
        rows.setdefault(cell[:-1], {})[cell[-1]] = _count(reading, cell)
    columns = tuple(Column((f"{across.name} {label}",)) for label in across.labels)
    body = tuple(Row(labels, tuple(cells.get(label, Cell()) for label in across.labels))
                 for labels, cells in rows.items())
    return Table("", tuple(factor.name for factor in down), columns, body)


def _seal(found: Verification, language: str) -> str:
    changes = tuple((when, in_korean(what)) for when, what in found.changes) if language == "ko" else found.changes
    return seal_line(replace(found, changes=changes), language)


def _told(table: Table, language: str) -> Table:
    """Return the table with its headings and notes in the report's language."""
    if language != "ko":
        return table
    columns = tuple(replace(column, headings=tuple(map(in_korean, column.headings))) for column in table.columns)
    return replace(table, labels=tuple(map(in_korean, table.labels)), columns=columns,
                   notes=tuple(map(in_korean, table.notes)))


def _count(reading: Reading, cell: CellKey) -> Cell:
    entries = reading.matrix.by_cell[cell]
    out = any(entry.run is not None and entry.run.id in reading.kept_out for entry in entries)
    done = sum(entry.state is State.DONE for entry in entries)
    return Cell(f"{done}/{len(entries)}", marks=KEPT_OUT if out else "")


def _checkpoint_text(pair: CheckpointPair, language: str) -> str:
    found = pair.found
    gain, low, high = (f"{bare(value, METRICS['top1'], 2)}" for value in (
        found.gain.value, found.gain.low, found.gain.high))
    return word("compared", language, title=pair.title, seed=pair.seed, before=pair.before.id, after=pair.after.id,
                gain=gain, low=low, high=high, fixed=found.fixed, broken=found.broken,
                p=probability(found.p).removeprefix("= "), pictures=f"{found.pictures:,}")


def _extremes(reading: Reading) -> list[Run]:
    """Return the best and the worst run by the study's metric; one if there is only one."""
    better = 1 if METRICS[reading.study.metric].higher_is_better else -1
    known = [outcome for outcome in reading.outcomes if reading.study.metric in outcome.metrics
             and not outcome.imported and outcome.run not in reading.kept_out]
    ranked = sorted(known, key=lambda outcome: -better * outcome.metrics[reading.study.metric])
    runs = {run.id: run for run in reading.matrix.runs(State.DONE)}
    return [runs[run] for run in dict.fromkeys(outcome.run for outcome in (*ranked[:1], *ranked[-1:]))]


def _findings(reading: Reading, language: str) -> list[str]:
    acknowledged = {(each.run_id, each.finding): each.note for each in reading.acknowledged}
    names = {run.id: f"{run.name} #{run.id}" for run in reading.matrix.runs(*State)}
    alike: defaultdict[tuple[object, str | None], list[Finding]] = defaultdict(list)
    for finding in reading.findings:
        alike[finding.kind, acknowledged.get((finding.run or 0, finding.rule))].append(finding)
    return [_finding(group, names, note, language) for (_, note), group in alike.items()]


def _finding(alike: Sequence[Finding], names: dict[int, str], note: str | None, language: str) -> str:
    """Tell findings that differ in figures at most in one line, with the figures of the first."""
    finding = alike[0]
    who = names.get(finding.run or 0, "")
    if len(alike) > 1:
        who = word("alike", language, first=who, count=len(alike) - 1)
    if note is not None:
        end = f" ({word('acknowledged', language)}{f': {note}' if note else ''})"
    else:
        end = f" ({word('kept_out', language)})" if finding.serious else ""
    message = in_korean(finding.message) if language == "ko" else finding.message
    return f"{who}: {message}{end}" if who else f"{message}{end}"
