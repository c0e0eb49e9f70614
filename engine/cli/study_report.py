"""``study verdicts`` and ``study report``: what a study's results say."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.analysis.judging import Judgement, note_text, sentence
from engine.analysis.reading import read_study
from engine.cli.output import print_json, say
from engine.report.words import check_language
from engine.store import Store
from engine.study.versions import Studies


def verdicts(arguments: argparse.Namespace) -> int:
    """A line for each hypothesis: what the runs of its cells say across seeds."""
    language = check_language(arguments.language)
    store = Store.open()
    reading = read_study(store, Studies(store).get(arguments.name))
    if arguments.json:
        print_json([_document(each, language) for each in reading.judgements])
        return 0
    for each in reading.judgements:
        print(sentence(each, language))
    for note in reading.notes:
        say(note_text(note, language))
    if not reading.judgements:
        say("no hypotheses were declared")
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Write the report of a study to a file."""
    # Plots take a second to import; no other command draws any.
    from engine.report.document import report_of
    from engine.report.render import check_format, write_report

    ending = check_format(arguments.format)
    made = report_of(Store.open(), arguments.name, check_language(arguments.language))
    path = Path(arguments.output or f"{arguments.name.replace('/', '-')}.{ending}").expanduser()
    files = write_report(made, path, arguments.format)
    if arguments.json:
        print_json({"files": [str(file) for file in files]})
    else:
        say(f"wrote {path}" + (f" and {len(files) - 1} pictures beside it" if len(files) > 1 else ""))
    return 0


def _document(judgement: Judgement, language: str) -> dict[str, object]:
    return {"name": judgement.hypothesis.name, "claim": judgement.hypothesis.claim, "verdict": judgement.verdict,
            "relative_verdict": judgement.relative_verdict, "scales_disagree": judgement.scales_disagree,
            "observed": judgement.observed, "sentence": sentence(judgement, language),
            "needs": [{"cells": need.cells, "seeds": need.seeds, "reason": need.reason} for need in judgement.needs],
            "contrasts": [{"title": each.contrast.title, "levels": part.levels, "test": each.test,
                           "absolute": each.absolute and asdict(each.absolute),
                           "relative": each.relative and asdict(each.relative), "effect": each.effect}
                          for part in judgement.parts for each in part.contrasts]}

