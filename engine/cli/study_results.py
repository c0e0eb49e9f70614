"""``study import``, ``table``, ``verdicts`` and ``report``."""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from engine.analysis.doctor import examine_study, kept_out
from engine.analysis.judging import Judgement, details, need_text, note_text, sentence
from engine.analysis.phrases import check_language
from engine.analysis.ranking import sentences
from engine.analysis.reading import read_study
from engine.analysis.tables import FORMATS, Cell, Table, specs_of, table
from engine.cli.output import print_json, say
from engine.cli.output import table as print_table
from engine.errors import ConfigError, UserError
from engine.files import output_file, replace_file
from engine.home import expanded
from engine.imports import Choices, import_results
from engine.store import Store
from engine.study.outcomes import outcomes, with_metrics
from engine.study.study import Study, TableSpec
from engine.study.versions import Studies
from engine.words import counted

_TEXT = "text"
_PROGRESS_SECONDS = 5.0
"""Seconds between two lines that say how far an import has come."""


def import_file(arguments: argparse.Namespace) -> int:
    """Import the results of a file, and print notes on how it was read."""
    choices = Choices.of(arguments.column, arguments.decimal, arguments.encoding)
    imported = import_results(Store.open(), expanded(arguments.file), arguments.name, arguments.kind, choices,
                              dry_run=arguments.dry_run, stored=_progress())
    if arguments.json:
        print_json({"study": imported.study.name, "runs": [run.id for run in imported.runs],
                    "notes": list(imported.notes), "read": imported.plan.read,
                    "left_out": imported.plan.left_out})
        return 0
    for note in imported.notes:
        say(note)
    count = len(imported.plan.measured if arguments.dry_run else imported.runs)
    say(f"{counted(count, 'result')} would be imported into study {imported.study.name}; nothing was changed"
        if arguments.dry_run else f"{counted(count, 'result')} in study {imported.study.name}; its tables: "
        f"python -m engine study table {imported.study.name}")
    return 0


def _progress() -> Callable[[int, int], None]:
    shown = time.monotonic()

    def stored(done: int, of: int) -> None:
        nonlocal shown
        if time.monotonic() - shown >= _PROGRESS_SECONDS:
            shown = time.monotonic()
            say(f"stored {done:,} of {of:,} runs so far")

    return stored


def show_tables(arguments: argparse.Namespace) -> int:
    """Print the declared tables, or the one described by the flags."""
    store = Store.open()
    study = Studies(store).get(arguments.study)
    if arguments.format not in (_TEXT, *FORMATS):
        raise ConfigError("format", arguments.format, f"one of {', '.join((_TEXT, *FORMATS))}")
    found = outcomes(store, study)
    out = kept_out(examine_study(store, study, found), store.acknowledged.of([outcome.run for outcome in found]))
    specs = _specs(study, arguments)
    found = with_metrics(store, found, {metric for spec in specs for metric in spec.metrics})
    made = [table(study, spec, found, out) for spec in specs]
    if arguments.json:
        print_json([_document(one) for one in made])
    elif arguments.format == _TEXT and not arguments.output:
        for one in made:
            _print(one)
    else:
        write = FORMATS["md" if arguments.format == _TEXT else arguments.format]
        _write("\n".join(map(write, made)), arguments.output, arguments.yes)
    return 0


def _specs(study: Study, arguments: argparse.Namespace) -> tuple[TableSpec, ...]:
    described = {key: tuple(part for part in getattr(arguments, key).split(",") if part)
                 for key in ("rows", "columns", "metrics", "order", "best_of")}
    if not any((*described.values(), arguments.at, arguments.delta)):
        update: dict[str, Any] = {"relative": True} if arguments.relative else {}
        update |= {"as_fractions": True} if arguments.fractions else {}
        return tuple(spec.model_copy(update=update) for spec in specs_of(study))
    delta = dict(_levels("delta", text) for text in arguments.delta)
    wrong = next((f"{name}={','.join(labels)}" for name, labels in delta.items() if len(labels) != 2), None)
    if wrong is not None:
        raise ConfigError("delta", wrong, "FACTOR=A,B")
    return (TableSpec.model_validate(described | {
        "at": dict(_levels("at", text) for text in arguments.at), "delta": delta, "relative": arguments.relative,
        "as_fractions": arguments.fractions}),)


def _levels(key: str, text: str) -> tuple[str, tuple[str, ...]]:
    factor, sign, labels = text.partition("=")
    if not sign or not labels:
        raise ConfigError(key, text, "FACTOR=LEVEL,…")
    return factor, tuple(labels.split(","))


def _print(made: Table) -> None:
    if made.title:
        print(made.title)
    heads = [*made.labels, *("\n".join(column.headings) for column in made.columns)]
    print_table(heads, [[_shown(item) for item in row] for row in made.body])
    for note in made.notes:
        print(note)
    print()


def _shown(item: str | Cell) -> str:
    """Format a cell; a star marks the best, because terminal tables have no bold."""
    return item if isinstance(item, str) else f"{item.text}{'*' * item.bold}{item.marks}"


def _document(made: Table) -> dict[str, Any]:
    columns = [{"headings": list(column.headings), "difference": not column.plain} for column in made.columns]
    rows = [{"labels": list(row.labels), "cells": [vars(cell) for cell in row.cells]} for row in made.rows]
    return {"title": made.title, "labels": list(made.labels), "columns": columns, "rows": rows,
            "notes": list(made.notes)}


def _write(text: str, output: str | None, overwrite: bool) -> None:
    if output is None:
        print(text, end="")
        return
    path = output_file(output, overwrite=overwrite)
    try:
        with replace_file(path) as temporary:
            temporary.write_text(text)
    except OSError as error:
        raise UserError(f"output: cannot write {path}: {error.strerror}") from None
    say(f"wrote {path}")


def verdicts(arguments: argparse.Namespace) -> int:
    """Print the verdict on each hypothesis."""
    language = check_language(arguments.language)
    store = Store.open()
    reading = read_study(store, Studies(store).get(arguments.name))
    if arguments.json:
        print_json([_judgement_document(each, language) for each in reading.judgements])
        return 0
    for each in reading.judgements:
        print(sentence(each, language))
        more = [need_text(need, language) for need in each.needs]
        if arguments.details:
            more += [*details(each, language), *(note_text(note, language) for note in each.notes)]
        for line in more:
            print(f"  {line}")
    if reading.ranking:
        print(sentences(reading.ranking, language)[0])
    for note in reading.notes:
        say(note_text(note, language))
    if not reading.judgements:
        say("the study declares no hypotheses")
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Write the report of a study to a file."""
    # Plotting libraries take a second to import, and no other command needs them.
    from engine.report.document import report_of
    from engine.report.render import check_format, write_report

    ending, named = check_format(arguments.format), arguments.output
    path = output_file(f"{arguments.name.replace('/', '-')}.{ending}" if named is None else named,
                       overwrite=arguments.yes)
    made = report_of(Store.open(), arguments.name, check_language(arguments.language))
    files = write_report(made, path, arguments.format)
    if arguments.json:
        print_json({"files": [str(file) for file in files]})
    else:
        say(f"wrote {path}" + (f" and {counted(len(files) - 1, 'picture')} beside it" if len(files) > 1 else ""))
    return 0


def _judgement_document(judgement: Judgement, language: str) -> dict[str, object]:
    return {"name": judgement.hypothesis.name, "claim": judgement.hypothesis.claim, "verdict": judgement.verdict,
            "relative_verdict": judgement.relative_verdict, "scales_disagree": judgement.scales_disagree,
            "observed": judgement.observed, "sentence": sentence(judgement, language),
            "details": details(judgement, language), "notes": [note_text(note, language) for note in judgement.notes],
            "margin": judgement.margin, "ratio_margin": judgement.ratio_margin, "alpha": judgement.alpha,
            "variants": [asdict(variant) for variant in judgement.variants],
            "needs": [{"cells": need.cells, "seeds": need.seeds, "reason": need.reason} for need in judgement.needs],
            "contrasts": [{"title": each.contrast.title, "levels": part.levels, "test": each.test,
                           "absolute": each.absolute and asdict(each.absolute),
                           "relative": each.relative and asdict(each.relative), "effect": each.effect}
                          for part in judgement.parts for each in part.contrasts]}
