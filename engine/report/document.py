"""Everything a report of a study tells, read from the store; what it looks like is the templates' business."""

from __future__ import annotations

import time
from dataclasses import dataclass

from engine.analysis.reading import Reading, read_study
from engine.analysis.tables import Cell, Column, Row, Table
from engine.report.checkpoints import checkpoint_lines
from engine.report.evidence import Told, difference, told
from engine.report.galleries import Gallery, galleries
from engine.report.plots import Plot, plots
from engine.report.provenance import environment
from engine.report.words import word
from engine.store import Run, Store
from engine.study.document import study_yaml
from engine.study.matrix import Matrix, State, matrix
from engine.study.metrics import STUDY_METRICS
from engine.study.study import Study

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class Report:
    """A study told in one language; texts are plain, figures SVG."""

    study: Study
    language: str
    progress: str
    declared: str
    imported: str
    verdicts: list[Told]
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
    """The report of the study with this name, as it stands now.

    Raises:
        UserError: there is no such study.
    """
    study = store.studies.get(name)
    reading, found = read_study(store, study), matrix(store, study)
    done = found.runs(State.DONE)
    elsewhere = sum(run.is_imported for run in done)
    return Report(
        study, language, word("runs_told", language, done=len(done), planned=len(found.entries)),
        _declared(reading, language), word("imported", language, count=elsewhere) if elsewhere else "",
        told(reading.judgements, language), _design(study, language), _filled(found, reading), list(reading.tables),
        checkpoint_lines(store, reading, found, language), plots(store, found, language),
        galleries(store, _extremes(study, found), language), _findings(reading, language),
        environment(done, language), study_yaml(study),
        word("made", language, date=time.strftime("%Y-%m-%d %H:%M")))
