"""The arguments of ``study``."""

from __future__ import annotations

import argparse

from engine.imports import AUTO, KINDS
from engine.imports.cells import DECIMALS

_STUDY = "engine.cli.study"
_RESULTS = "engine.cli.study_results"
_COMPARISONS = "engine.cli.study_comparisons"


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the actions of ``study``; without an action, studies are listed."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    _action(actions, "list", f"{_STUDY}:list_studies", "list all studies with their progress")
    _action(actions, "templates", f"{_STUDY}:list_templates", "list the templates for studies")
    _add_init(_action(actions, "init", f"{_STUDY}:init", "make a study from a template, to run or to edit"))
    _add_run(_action(actions, "run", f"{_STUDY}:run", "check a study and queue the runs that are missing"))
    for name, help in (("show", "print a study as YAML"), ("status", "show the progress of each cell"),
                       ("pause", "pause all its runs; they free their slots"),
                       ("resume", "queue its paused runs again, from their last checkpoint"),
                       ("retry", "queue its failed runs again"),
                       ("delete", "delete a study, but not its runs")):
        _add_name(_action(actions, name, f"{_STUDY}:{name}", help))
    _add_name(_action(actions, "next", f"{_STUDY}:put_next", "let its queued runs start before those of others"))
    _add_layers(_action(actions, "layers", f"{_STUDY}:layers", "write options as layered YAML files: defaults, data "
                        "set, model, optimizer, and a command for each run"))
    _add_import(_action(actions, "import", f"{_RESULTS}:import_file", "import results of other programs into a study"))
    _add_table(_action(actions, "table", f"{_RESULTS}:show_tables", "print a study's tables"))
    ranking = _action(actions, "ranking", f"{_COMPARISONS}:ranking", "rank recipes over several sets, such as data "
                      "sets")
    _add_name(ranking)
    _add_language(ranking)
    _add_name(_action(actions, "verify", f"{_COMPARISONS}:verify",
                      "tell what was changed in a study since it was first launched; exit status 1 if anything was"))
    verdicts = _action(actions, "verdicts", f"{_RESULTS}:verdicts", "judge a study's hypotheses by its finished runs")
    _add_name(verdicts)
    _add_language(verdicts)
    verdicts.add_argument("--details", action="store_true",
                          help="also print each test, other contrasts, ratios, margins and what other choices give")
    _add_report(_action(actions, "report", f"{_RESULTS}:report", "write a study's report to a file"))


def _action(actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, handler: str, help: str
            ) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=help, description=help, allow_abbrev=False)
    action.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="print one JSON document on stdout and nothing else")
    action.set_defaults(handler=handler)
    return action


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the study's name")


def _add_init(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("--template", default="augmentation-architecture", metavar="TEMPLATE",
                        help="the template; study templates lists them")
    parser.add_argument("--scaled", action="store_true",
                        help="the same factors with data, models and epochs that fit two cores")
    parser.add_argument("--file", metavar="FILE.yaml", help="write a commented file to edit, instead of saving it")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="NAME|FILE.yaml", help="a study's name, or a file that declares one")
    parser.add_argument("--dry-run", action="store_true", help="check it and print its cost, start nothing")
    parser.add_argument("--wait", action="store_true", help="wait until all runs have ended")
    parser.add_argument("--yes", action="store_true", help="do not ask about more than 200 runs")


def _add_layers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the output folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", metavar="NAME", help="all runs of a study")
    what.add_argument("--runs", metavar="RUN", nargs="+", help="runs by id or name")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a table or log (CSV, TSV, JSON), a TensorBoard event file, or a "
                        "folder of those")
    parser.add_argument("--name", required=True, metavar="STUDY", help="the study; a new one is declared by the "
                        "template of that name, else from the file")
    parser.add_argument("--kind", default=AUTO, metavar="|".join((AUTO, *KINDS)), help="the kind of file: " + " ".join(
        f"{name}: {text}" for name, text in KINDS.items()))
    parser.add_argument("--column", metavar="TITLE=PART:METRIC", action="append", default=[],
                        help="what a column holds: train, val or test, and a metric, for example accuracy=test:top1; "
                             "with :percent, :share or :each (run by its own values) for its scale, or its unit, such "
                             "as params=parameters:M; TITLE=skip leaves it out")
    parser.add_argument("--decimal", default="", metavar="|".join(DECIMALS),
                        help="the mark in decimals; by default decided by the file")
    parser.add_argument("--encoding", default="", metavar="NAME", help="the encoding of texts, such as cp1250, gb18030 "
                        "or shift_jis; by default UTF-8, or what the file decides")
    parser.add_argument("--dry-run", action="store_true", help="print what would be imported, change nothing")


def _add_table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="a study's name")
    parser.add_argument("--format", default="text", metavar="text|md|latex|csv|html", help="the output format")
    parser.add_argument("--output", metavar="FILE", help="write to a file; by default to the terminal")
    parser.add_argument("--yes", action="store_true", help="overwrite the file if it exists")
    for flag, metavar, help in (
            ("--rows", "FACTOR,…", "print a table with these factors as rows, instead of the declared tables"),
            ("--columns", "FACTOR,…", "the factors of the columns"),
            ("--metrics", "METRIC,…", "the metrics in each cell; by default the study's metric"),
            ("--at", "FACTOR=LEVEL,…", "keep only these levels of a factor"),
            ("--delta", "FACTOR=A,B", "add a column with A minus B"),
            ("--order", "FACTOR,…", "the factors that rows are sorted by, the slowest first"),
            ("--best-of", "FACTOR,…", "show only the best combination of these factors in each row")):
        parser.add_argument(flag, metavar=metavar, help=help, action="append" if "=" in metavar else "store",
                            default=[] if "=" in metavar else "")
    parser.add_argument("--relative", action="store_true", help="also print differences in %% of the subtracted value")
    parser.add_argument("--fractions", action="store_true", help="accuracies as 0.104 rather than 10.4 %%")


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("--format", default="html", metavar="html|md|latex",
                        help="html: one self-contained file; md: with a folder of pictures; latex: verdicts and tables")
    parser.add_argument("--output", metavar="FILE", help="the output file; by default here, with the study's name")
    parser.add_argument("--yes", action="store_true", help="overwrite the file if it exists")
    _add_language(parser)


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="en", metavar="en|ko", help="English or Korean")
