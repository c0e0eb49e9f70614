"""The grammar of ``study``: one row an action."""

from __future__ import annotations

import argparse

from engine.imports import AUTO, KINDS

_STUDY = "engine.cli.study"
_RESULTS = "engine.cli.study_results"
_REPORT = "engine.cli.study_results"


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the actions to the command ``study``; without one, studies are listed."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    _action(actions, "list", f"{_STUDY}:list_studies", "list all studies and how far each is")
    _action(actions, "templates", f"{_STUDY}:list_templates", "list the templates a study can be made from")
    _add_init(_action(actions, "init", f"{_STUDY}:init", "make a study from a template, to run or to edit"))
    _add_run(_action(actions, "run", f"{_STUDY}:run", "check a study and queue the runs that are missing"))
    for name, help in (("show", "print a study as YAML"), ("status", "show how far each cell's runs are"),
                       ("pause", "pause all its runs; they give their slots back"),
                       ("resume", "queue its paused runs again, from where they stood"),
                       ("retry", "queue its failed runs for another attempt"),
                       ("delete", "forget a study; its runs stay")):
        _add_name(_action(actions, name, f"{_STUDY}:{name}", help))
    _add_layers(_action(actions, "layers", f"{_STUDY}:layers", "write options as layered YAML files: defaults, data "
                        "set, model, optimizer, and a command for each run"))
    _add_import(_action(actions, "import", f"{_RESULTS}:import_file", "take results from elsewhere into a study"))
    _add_table(_action(actions, "table", f"{_RESULTS}:show_tables", "print a study's tables"))
    said = _action(actions, "verdicts", f"{_REPORT}:verdicts", "judge a study's hypotheses by what has finished")
    _add_report(_action(actions, "report", f"{_REPORT}:report", "write a study's report to a file"))
    _add_name(said)
    _add_language(said)


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
                        help="what to begin with; study templates lists them")
    parser.add_argument("--scaled", action="store_true",
                        help="the same factors with data, models and epochs that fit two cores")
    parser.add_argument("--file", metavar="FILE.yaml", help="write a commented file to edit, instead of keeping it")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="NAME|FILE.yaml", help="a study's name, or a file that declares one")
    parser.add_argument("--dry-run", action="store_true", help="check it and show what it will take, start nothing")
    parser.add_argument("--wait", action="store_true", help="return when no run waits or trains any more")


def _add_layers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="where to write them")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", metavar="NAME", help="all runs of a study")
    what.add_argument("--runs", metavar="RUN", nargs="+", help="runs by id or name")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a CSV file, a TensorBoard event file, or a folder of those")
    parser.add_argument("--name", required=True, metavar="STUDY", help="the study; if it is new, declared by the "
                        "template of that name, else from the file")
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


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("--format", default="html", metavar="html|md|latex",
                        help="html: one file with everything inside it; md: with its pictures in a folder beside it; "
                             "latex: verdicts and tables")
    parser.add_argument("--output", metavar="FILE", help="where to write it; by default here, under the study's name")
    _add_language(parser)


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="en", metavar="en|ko", help="English or Korean")
