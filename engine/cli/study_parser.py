"""The grammar of ``study``: one action a question."""

from __future__ import annotations

import argparse

from engine.imports import AUTO, KINDS

_RESULTS = "engine.cli.study_results"


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the actions to the command ``study``."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_import(_action(actions, "import", f"{_RESULTS}:import_file", "take results from elsewhere into a study"))
    _add_table(_action(actions, "table", f"{_RESULTS}:show_tables", "print a study's tables"))


def _action(actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, handler: str, help: str
            ) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=help, description=help, allow_abbrev=False)
    action.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="print one JSON document on stdout and nothing else")
    action.set_defaults(handler=handler)
    return action


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a CSV file, a TensorBoard event file, or a folder of those")
    parser.add_argument("--name", required=True, metavar="STUDY", help="the study; declared from the file if it is new")
    parser.add_argument("--kind", default=AUTO, metavar="|".join((AUTO, *KINDS)), help="what the file is: " + " ".join(
        f"{name}: {kind.help}" for name, kind in KINDS.items()))


def _add_table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="a study's name")
    parser.add_argument("--format", default="text", metavar="text|md|latex|csv|html", help="how it is written")
    parser.add_argument("--output", metavar="FILE", help="write to a file; by default to the terminal")
    for flag, metavar, help in (
            ("--rows", "FACTOR,…", "another table than those declared: the factors down"),
            ("--columns", "FACTOR,…", "the factors across"),
            ("--metrics", "METRIC,…", "the figures in each cell; by default the study's own"),
            ("--at", "FACTOR=LEVEL,…", "levels to keep, for each factor"),
            ("--delta", "FACTOR=A,B", "a column more with A minus B"),
            ("--order", "FACTOR,…", "the factors that rows are sorted by, the slowest first"),
            ("--best-of", "FACTOR,…", "show only the best combination of these in each row")):
        parser.add_argument(flag, metavar=metavar, help=help, action="append" if "=" in metavar else "store",
                            default=[] if "=" in metavar else "")
    parser.add_argument("--relative", action="store_true", help="differences in %% of what is subtracted, too")
    parser.add_argument("--fractions", action="store_true", help="accuracies as 0.104 rather than 10.4 %%")
