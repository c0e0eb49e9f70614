"""``study ranking`` and ``verify``."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from engine.analysis.phrases import check_language
from engine.analysis.ranking import Ranking, header, rows, sentences
from engine.analysis.reading import read_study, verify_study
from engine.analysis.sealed import change_text, moment
from engine.cli.main import DONE
from engine.cli.output import print_json, say, table
from engine.crash_log import FAILED
from engine.store import Store
from engine.study.changes import Verification
from engine.study.matrix import matrix
from engine.study.versions import Studies


def ranking(arguments: argparse.Namespace) -> int:
    """Print the ranking of a study's recipes over its sets."""
    language = check_language(arguments.language)
    store = Store.open()
    found = read_study(store, Studies(store).get(arguments.name)).ranking
    if arguments.json:
        print_json(found and _document(found, language))
    elif found is None:
        say("nothing to rank: the study needs two recipes and a factor of two sets, such as dataset; name it by "
            "across: FACTOR in its declaration")
    else:
        print_ranking(found, language)
    return DONE


def print_ranking(found: Ranking, language: str) -> None:
    """Print the finding and the table of ranks, and details on stderr."""
    first, *details = sentences(found, language)
    print(first)
    if found.recipes:
        table(header(found, language), rows(found))
    for detail in details:
        say(detail)


def _document(found: Ranking, language: str) -> dict[str, object]:
    """Return a ranking as JSON."""
    least = found.least_p if found.recipes else None
    return asdict(found) | {"least_p": least, "sentences": sentences(found, language)}


def verify(arguments: argparse.Namespace) -> int:
    """Hold a study against its seal, and print every later change."""
    store = Store.open()
    found = verify_study(store, matrix(store, Studies(store).get(arguments.name)))
    if arguments.json:
        print_json({"name": arguments.name, "seal": found.seal and asdict(found.seal), "sha256": found.sha256,
                    "intact": found.intact, "changes": [{"time": time, "change": text} for time, text in found.changes],
                    "older_runs": found.older})
    else:
        for line in _verification(found):
            print(line)
    return DONE if found.intact else FAILED


def _verification(found: Verification) -> Iterator[str]:
    if found.seal is None:
        yield "not sealed: a study is sealed when it is first launched"
    else:
        yield f"sealed {moment(found.seal.created_at)} as {found.seal.sha256}, by code {found.seal.code}"
        yield from map(change_text, found.changes)
    if found.broken:
        yield f"the stored declaration gives {found.sha256}: it was altered outside Darkroom"
    if found.older:
        yield f"results from runs that are older than the study: {found.older}"
    if found.intact:
        yield "nothing was changed since"
