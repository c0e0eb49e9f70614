"""The argument parser; the options of ``train`` come from ``RunConfig``."""

import argparse
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from engine.catalog.choices import UNREADABLE
from engine.errors import UserError

Handler = Callable[[argparse.Namespace], int]
Add = Callable[[argparse.ArgumentParser], None]


class Parser(argparse.ArgumentParser):
    """An argparse parser that reports a usage error in one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog.removeprefix('python -m ')}: {message}")


def build_parser(words: Sequence[str] | None = None) -> Parser:
    """Build the parser. The ``handler`` of a command names ``module:function``, imported only when it is called.

    Args:
        words: what will be parsed: commands with many arguments, or with those of options, are left without them
            unless they are in it.
    """
    parser = Parser(prog="python -m engine", description="Train image models, watch them, and compare their results.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, handler: str, help: str, add: Add | None = None) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        sub.add_argument("--json", action="store_true", help="print one JSON document on stdout and nothing else")
        sub.add_argument("--plugin", action="append", default=[], metavar="FILE.py",
                         help="a plug-in besides those in the home's folder; may be given several times")
        sub.set_defaults(handler=handler)
        if add is not None and (words is None or name in words):
            add(sub)
        return sub

    command("train", "engine.cli.train:train", "train a model, here or in the background", _add_train)
    runs = command("runs", "engine.cli.runs:list_runs", "list the newest runs but those that are archived")
    runs.add_argument("--status", help="only runs of this status")
    runs.add_argument("--all", action="store_true", help="every run, also older than the newest 200 and archived ones")
    _add_run(command("show", "engine.cli.runs:show", "show one run: options, metrics, results"))
    for name, help in (("stop", "stop runs at their next step; they can be resumed"),
                       ("pause", "pause runs: they free their slots and can be resumed")):
        _add_run(command(name, f"engine.cli.control:{name}", help), many=True)
    _add_run(command("next", "engine.cli.control:put_next", "let queued runs start before all others"), many=True)
    _add_resume(command("resume", "engine.cli.control:resume", "queue ended runs again, from their last checkpoints"))
    _add_keeping(command)
    command("fit", "engine.cli.fit:fit", "predict memory and speed of models, batches and picture sizes", _add_fit)
    command("data", "engine.cli.data:prepare", "prepare a data set, and download it if it is missing", _add_data)
    models = command("models", "engine.cli.models:models", "list the models whose name or family contains a text")
    models.add_argument("text", metavar="TEXT", nargs="?", default="")
    _add_weights(command("weights", "engine.cli.models:weights", "list the weights that were imported"))
    _add_try(command("try", "engine.cli.export:try_picture", "predict one picture with a run's model"))
    _add_export(command("export", "engine.cli.export:export", "export a run's model to a file"))
    command("evaluate", "engine.cli.evaluate:evaluate", "evaluate checkpoints of an ended run", _add_evaluate)
    _add_comparing(command)
    _add_doctor(command("doctor", "engine.cli.doctor:doctor", "find problems in runs that have ended"))
    queue = command("queue", "engine.cli.control:queue", "show the queue; set how many runs may train at once")
    queue.add_argument("--cpu-slots", type=int, metavar="N", help="concurrent runs on the CPU")
    command("study", "engine.cli.study:list_studies",
            "declare, launch and watch many runs as one study; lists all of them", _add_study)
    _add_home(command)
    return parser


def call(arguments: argparse.Namespace) -> int:
    """Run the chosen command and return its exit code."""
    handler: Handler = pkgutil.resolve_name(arguments.handler)
    return handler(arguments)


def _add_study(study: argparse.ArgumentParser) -> None:
    from engine.cli.study_parser import add_study

    add_study(study)


def _add_resume(resume: argparse.ArgumentParser) -> None:
    _add_run(resume, many=True)
    limit = resume.add_mutually_exclusive_group()
    limit.add_argument("--epochs", type=int, metavar="N", help="train up to N epochs in total")
    limit.add_argument("--more", type=int, metavar="N", help="train N more epochs than so far")


def _add_comparing(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    ensemble = command("ensemble", "engine.cli.evaluate:ensemble", "combine runs from their stored predictions")
    _add_run(ensemble, many=True)
    ensemble.add_argument("--weights", default="mean", metavar="mean|fitted",
                          help="mean: equal weights; fitted: weights with the least validation loss")
    compared = command("compare", "engine.cli.evaluate:compare",
                       "compare two runs on the same test pictures, over all and slice by slice")
    _add_run(compared, many=True)
    _add_slices(compared)


def _add_home(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    _add_notify(command("notify", "engine.cli.notify:notify", "tell somebody when runs end or studies are decided"))
    _add_backup(command("backup", "engine.cli.home:backup", "copy runs.db safely, even while runs write to it"))
    _add_restore(command("restore", "engine.cli.home:restore",
                         "list the daily snapshots of runs.db, or go back to one"))
    command("repair", "engine.cli.home:repair", "check runs.db, and put back runs and studies that it lost")


def _add_keeping(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    rename = command("rename", "engine.cli.keeping:rename", "give a run another name")
    _add_run(rename)
    rename.add_argument("name", metavar="NAME")
    archive = command("archive", "engine.cli.keeping:archive", "leave runs out of lists; studies still count them")
    _add_run(archive, many=True)
    archive.add_argument("--undo", action="store_true", help="show them in lists again")
    delete = command("delete", "engine.cli.keeping:delete", "move runs to the trash, where they are kept for a week")
    _add_run(delete, many=True)
    trash = command("trash", "engine.cli.keeping:trash", "list the trash, put runs back, or empty it")
    action = trash.add_mutually_exclusive_group()
    action.add_argument("--put-back", metavar="RUN", nargs="+", default=[], help="take these runs out of the trash")
    action.add_argument("--empty", action="store_true", help="remove everything in it for good, now")
    for parser in (delete, trash):
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _add_notify(notify: argparse.ArgumentParser) -> None:
    notify.add_argument("action", nargs="?", default="list", choices=("list", "add", "remove", "test"),
                        help="list the addresses (the default), add or remove one, or send a test message")
    notify.add_argument("address", nargs="*", metavar="ADDRESS",
                        help="as Apprise reads it, such as json://host/path, slack://… or mailto://…")
    notify.add_argument("--when", default="", metavar="RULES", help="rules that send a message, separated by commas")


def _add_data(data: argparse.ArgumentParser) -> None:
    from engine.config import option_of

    data.add_argument("dataset", metavar="DATASET")
    data.add_argument("--data-path", default="", help=option_of("data_path").help)
    data.add_argument("--unreadable", default="stop", choices=tuple(UNREADABLE),
                      help=option_of("unreadable").explanation)


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("run", metavar="RUN", nargs="*", help="a run's id or name; by default all that have ended")
    doctor.add_argument("--acknowledge", default="", metavar="FINDING",
                        help="acknowledge this finding of the run, so that the run counts in verdicts of studies")
    doctor.add_argument("--note", default="", help="the reason for acknowledging it")


def _add_run(parser: argparse.ArgumentParser, many: bool = False) -> None:
    parser.add_argument("run", metavar="RUN", nargs="+" if many else None, help="a run's id or name")


def _add_weights(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="import SOURCE")
    action = actions.add_parser("import", help="import weights from an installed package or a file", allow_abbrev=False)
    action.add_argument("source", metavar="SOURCE", help="efficientnet-lite0, or a .safetensors or .pth file")
    action.add_argument("--as", dest="model", metavar="MODEL", help="the model of the file's weights; by default the "
                        "file's name")
    action.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="print one JSON document on stdout and nothing else")
    action.set_defaults(handler="engine.cli.models:import_weights")


def _add_try(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("picture", metavar="PICTURE", help="a picture file of any size")
    _add_checkpoint(parser)
    parser.add_argument("--invert", action="store_true", help="invert light and dark first")


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--format", default="onnx", metavar="FORMAT", help="onnx")
    _add_checkpoint(parser)
    parser.add_argument("--output", metavar="FILE", help="the output file; by default in the run's folder")
    parser.add_argument("--yes", action="store_true", help="overwrite the file if it exists")


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", default="best", metavar="best|last|N",
                        help="the best checkpoint, the last, or that of epoch N")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    from engine.config import option_of

    _add_run(parser)
    for flag, default, metavar, help in (
            ("--checkpoint", "best", "best|last|all|N", "the checkpoint; N is the number of a stored epoch"),
            ("--split", "both", "test|val|both", "the split to evaluate on"),
            ("--tta", "none", "none|flip", option_of("tta").help),
            ("--scales", "", "Q,Q,…", "short sides in pixels before the centre crop; predictions are averaged"),
            ("--dataset", "", "NAME", "the test set of another data set with the same class names"),
            ("--data-path", "", "PATH", "folder of that data set; without --dataset, the new folder of the run's own")):
        parser.add_argument(flag, default=default, metavar=metavar, help=help.replace("%", "%%"))
    _add_slices(parser)


def _add_slices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slices", default="", metavar="FILE.csv",
                        help="test pictures divided by columns of your own: sample,value; by default the slices.csv "
                        "beside the data")


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("positional_model", metavar="MODEL", nargs="?", help="same as --model")
    parser.add_argument("--config", metavar="FILE.yaml", action="append", default=[],
                        help="options from a file; later files override earlier ones, flags override files")
    parser.add_argument("--detach", action="store_true", help="queue the run and return at once")
    parser.add_argument("--dry-run", action="store_true",
                        help="check and print the options and the estimated cost, start nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask about a grid of more than 200 runs")
    parser.add_argument("--use_scheduler", "--use-scheduler", dest="option_schedule", action="store_const",
                        const="cosine", help="same as --schedule cosine")
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every field of ``RunConfig``."""
    from engine.config import RunConfig, option_of

    groups: dict[str, argparse._ArgumentGroup] = {}
    for field, info in RunConfig.model_fields.items():
        option = option_of(field)
        group = groups.setdefault(option.section, parser.add_argument_group(option.section))
        spellings = [field.replace("_", "-"), *option.aliases]
        underscored = [name.replace("-", "_") for name in spellings if "-" in name]
        flags = [f"--{name}" for name in spellings + underscored]
        # The flag alone says yes to a question of yes or no.
        value: dict[str, Any] = {"nargs": "?", "const": "yes"} if isinstance(info.default, bool) else {}
        group.add_argument(*flags, dest=f"option_{field}", metavar=field.upper(),
                           help=option.explanation.replace("%", "%%"), **value)


def given_options(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the options given as flags, by field name, and the positional model.

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


def _add_fit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--memory", default="", metavar="SIZE",
                        help="memory to fit into, for example 8GB or 24 GiB; by default that of the device")
    _add_options(parser)


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("snapshot", metavar="SNAPSHOT", nargs="?",
                        help="a snapshot's name or day, or a file made by backup; the present runs.db is kept aside")


def _add_backup(backup: argparse.ArgumentParser) -> None:
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--points", type=int, default=0, metavar="N",
                        help="keep at most N points of each curve, for a small file to share")
    backup.add_argument("--yes", action="store_true", help="overwrite the file if it exists")
