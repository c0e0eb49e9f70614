"""The command line's grammar; ``train``'s options are drawn from ``RunConfig``."""

import argparse
import pkgutil
from collections.abc import Callable
from typing import NoReturn

from engine.catalog.choices import UNREADABLE
from engine.cli.study_parser import add_study
from engine.config import RunConfig, option_of
from engine.errors import UserError

Handler = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Argparse that answers a usage error in one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog.removeprefix('python -m ')}: {message}")


def build_parser() -> Parser:
    """Each sub-command's ``handler`` names ``module:function``, imported only when it is the one called."""
    parser = Parser(prog="python -m engine", description="Train image models, watch them, and compare what came out.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, handler: str, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        sub.add_argument("--json", action="store_true", help="print one JSON document on stdout and nothing else")
        sub.add_argument("--plugin", action="append", default=[], metavar="FILE.py",
                         help="a plug-in besides those in the home's folder; may be given several times")
        sub.set_defaults(handler=handler)
        return sub

    _add_train(command("train", "engine.cli.train:train", "train a model, here or in the background"))
    command("runs", "engine.cli.runs:list_runs", "list all runs").add_argument(
        "--status", help="only runs of this status")
    _add_run(command("show", "engine.cli.runs:show", "show one run: options, metrics, results"))
    for name, help in (("stop", "stop a run at its next step; it can be resumed"),
                       ("pause", "pause a run: it gives its slot back and can be resumed")):
        _add_run(command(name, f"engine.cli.control:{name}", help), many=True)
    _add_resume(command("resume", "engine.cli.control:resume", "queue an ended run again, from where it stood"))
    delete = command("delete", "engine.cli.control:delete", "delete runs with everything they wrote")
    _add_run(delete, many=True)
    delete.add_argument("--yes", action="store_true", help="do not ask")
    fit = command("fit", "engine.cli.fit:fit", "predict memory and speed of models, batches and picture sizes")
    fit.add_argument("--memory", default="", metavar="SIZE",
                     help="the memory to fit into, such as 8GB or 24 GiB; by default that of the device")
    _add_options(fit)
    _add_data(command("data", "engine.cli.data:prepare", "get a data set ready, downloading it if need be"))
    models = command("models", "engine.cli.models:models", "list the models whose name or family holds a text")
    models.add_argument("text", metavar="TEXT", nargs="?", default="")
    _add_weights(command("weights", "engine.cli.models:weights", "list the published weights that were imported here"))
    _add_try(command("try", "engine.cli.export:try_picture", "show a picture to a run's model"))
    _add_export(command("export", "engine.cli.export:export", "write a run's model to a file for other programs"))
    _add_evaluate(command("evaluate", "engine.cli.evaluate:evaluate", "evaluate checkpoints of an ended run"))
    ensemble = command("ensemble", "engine.cli.evaluate:ensemble", "combine runs from their stored predictions")
    _add_run(ensemble, many=True)
    ensemble.add_argument("--weights", default="mean", metavar="mean|fitted",
                          help="mean: all the same; fitted: those with the least validation loss")
    _add_doctor(command("doctor", "engine.cli.doctor:doctor", "say what is wrong with runs that have ended"))
    queue = command("queue", "engine.cli.control:queue", "show the queue; set how many runs may train at once")
    queue.add_argument("--cpu-slots", type=int, metavar="N", help="runs at once on the CPU")
    add_study(command("study", "engine.cli.study:list_studies",
                      "declare, launch and watch many runs as one study; lists all of them"))
    backup = command("backup", "engine.cli.data:backup", "copy runs.db safely, also while runs write to it")
    backup.add_argument("file", metavar="FILE")
    command("repair", "engine.cli.data:repair", "check runs.db, and put back runs and studies that it lost")
    return parser


def call(arguments: argparse.Namespace) -> int:
    """Run the chosen command; returns its exit code."""
    handler: Handler = pkgutil.resolve_name(arguments.handler)
    return handler(arguments)


def _add_resume(resume: argparse.ArgumentParser) -> None:
    _add_run(resume)
    limit = resume.add_mutually_exclusive_group()
    limit.add_argument("--epochs", type=int, metavar="N", help="train on to N epochs in all")
    limit.add_argument("--more", type=int, metavar="N", help="train N more epochs than the run has")


def _add_data(data: argparse.ArgumentParser) -> None:
    data.add_argument("dataset", metavar="DATASET")
    data.add_argument("--data-path", default="", help=option_of("data_path").help)
    data.add_argument("--unreadable", default="stop", choices=tuple(UNREADABLE), help=option_of("unreadable").help)


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("run", metavar="RUN", nargs="*", help="a run's id or name; all that have ended, if none")
    doctor.add_argument("--acknowledge", default="", metavar="FINDING",
                        help="let this finding of the run stand, so that it counts in a study's conclusions")
    doctor.add_argument("--note", default="", help="why it may stand")


def _add_run(parser: argparse.ArgumentParser, many: bool = False) -> None:
    parser.add_argument("run", metavar="RUN", nargs="+" if many else None, help="a run's id or name")


def _add_weights(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="import SOURCE")
    action = actions.add_parser("import", help="import weights from an installed package or a file", allow_abbrev=False)
    action.add_argument("source", metavar="SOURCE", help="efficientnet-lite0, or a .safetensors or .pth file")
    action.add_argument("--as", dest="model", metavar="MODEL", help="the model a file's weights are of; by default the "
                        "file's name")
    action.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="print one JSON document on stdout and nothing else")
    action.set_defaults(handler="engine.cli.models:import_weights")


def _add_try(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("picture", metavar="PICTURE", help="a picture's file, of any size")
    _add_checkpoint(parser)
    parser.add_argument("--invert", action="store_true", help="exchange light and dark first")


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--format", default="onnx", metavar="FORMAT", help="onnx")
    _add_checkpoint(parser)
    parser.add_argument("--output", metavar="FILE", help="where to write it; by default in the run's folder")


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", default="best", metavar="best|last|N",
                        help="the best one, the last, or that of epoch N")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    for flag, default, metavar, help in (
            ("--checkpoint", "best", "best|last|all|N", "which weights; N is the number of an epoch that was kept"),
            ("--split", "both", "test|val|both", "which pictures"),
            ("--tta", "none", "none|flip", option_of("tta").help),
            ("--scales", "", "Q,Q,…", "sides in pixels to resize to before the centre is cropped, averaged"),
            ("--dataset", "", "NAME", "another data set whose classes have the same names; its test pictures"),
            ("--data-path", "", "PATH", "where that data set is; without --dataset: where the run's own is now")):
        parser.add_argument(flag, default=default, metavar=metavar, help=help.replace("%", "%%"))


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("positional_model", metavar="MODEL", nargs="?", help="the same as --model")
    parser.add_argument("--config", metavar="FILE.yaml", action="append", default=[],
                        help="options from a file; given several times, a later one wins; flags win over all")
    parser.add_argument("--detach", action="store_true", help="put the run in the queue and return at once")
    parser.add_argument("--dry-run", action="store_true",
                        help="check and print the options and the estimate, start nothing")
    parser.add_argument("--use_scheduler", "--use-scheduler", dest="option_schedule", action="store_const",
                        const="cosine", help="same as --schedule cosine")
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    """A flag for every field of ``RunConfig``."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for field in RunConfig.model_fields:
        option = option_of(field)
        group = groups.setdefault(option.section, parser.add_argument_group(option.section))
        spellings = [field.replace("_", "-"), *option.aliases]
        underscored = [name.replace("-", "_") for name in spellings if "-" in name]
        flags = [f"--{name}" for name in spellings + underscored]
        group.add_argument(*flags, dest=f"option_{field}", metavar=field.upper(), help=option.help.replace("%", "%%"))


def given_options(arguments: argparse.Namespace) -> dict[str, str]:
    """The options given as flags, by field name, and the model, which may be given without one.

    Raises:
        UserError: two different models are given.
    """
    prefix = "option_"
    given = {key.removeprefix(prefix): value for key, value in vars(arguments).items()
             if key.startswith(prefix) and value is not None}
    model = getattr(arguments, "positional_model", None)
    if model is not None and given.setdefault("model", model) != model:
        raise UserError(f"train: the model is given twice, as {model} and as --model {given['model']}")
    return given
