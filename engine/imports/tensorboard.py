"""TensorBoard event files: every folder with such files is a run."""

from dataclasses import replace
from pathlib import Path

from engine.errors import UserError
from engine.files import open_regular
from engine.imports.columns import key_of, plain
from engine.imports.curves_csv import make_results
from engine.imports.result import Reading

_EVENTS = "*tfevents*"
_HPARAMS = "_hparams_/session_start_info"
_RESULT = "hparam/"  # the prefix that add_hparams gives to results


def event_folders(path: Path) -> list[Path]:
    """Return the folders with event files at or below a path; a file's own folder."""
    if path.is_file():
        return [path.parent] if "tfevents" in path.name else []
    return sorted({file.parent for file in path.rglob(_EVENTS) if file.is_file()})


def read_events(path: Path) -> Reading:
    """Read one result per folder, with its scalars and, if written, its hyperparameters.

    Raises:
        UserError: there are no scalars.
    """
    folders = event_folders(path)
    root = path.parent if path.is_file() else path
    read = {folder: _of_folder(path if path.is_file() else folder, _name(folder, root)) for folder in folders}
    found = {folder: reading.found[0] for folder, reading in read.items() if reading.found}
    if not found:
        raise UserError(f"import: {path} has no scalars in its event files")
    for folder, one in list(found.items()):
        # add_hparams writes into a subfolder of its run, named after the time.
        if one.settings and folder.parent in found and folder.name.replace(".", "").isdigit():
            run = found[folder.parent]
            found[folder.parent] = replace(run, settings=one.settings, seed=one.seed, figures=one.figures | run.figures)
            del found[folder]
    return Reading(tuple(found.values()), tuple(dict.fromkeys(
        note for reading in read.values() for note in reading.notes)))


def _name(folder: Path, root: Path) -> str:
    relative = folder.relative_to(root).as_posix()
    return folder.resolve().name if relative == "." else relative.replace("/", "-")


def _of_folder(path: Path, name: str) -> Reading:
    from tensorboard.backend.event_processing.event_accumulator import SCALARS, TENSORS, EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    for file in [path] if path.is_file() else path.glob(_EVENTS):
        open_regular(file).close()
    events = EventAccumulator(str(path), size_guidance={SCALARS: 0, TENSORS: 0})
    events.Reload()
    points = {tag.removeprefix(_RESULT): [(event.step, event.value) for event in events.Scalars(tag)]
              for tag in events.Tags()["scalars"]}
    for tag in events.Tags()["tensors"]:  # newer writers store scalars as tensors
        values = [(event.step, make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]
        if all(value.size == 1 and value.dtype.kind in "fiu" for _, value in values):
            points[tag.removeprefix(_RESULT)] = [(step, float(value.reshape(()))) for step, value in values]
    reading = make_results({name: points})
    settings = _hyperparameters(events)
    return Reading(tuple(replace(one, settings=settings, seed=_seed(settings)) for one in reading.found), reading.notes)


def _hyperparameters(events: object) -> dict[str, str]:
    """Return the hyperparameters of ``add_hparams``, as text by column."""
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    contents: dict[str, bytes] = getattr(events, "_plugin_to_tag_to_content", {}).get("hparams", {})
    if _HPARAMS not in contents:
        return {}
    started = HParamsPluginData.FromString(contents[_HPARAMS]).session_start_info
    return {key_of(name): plain(_text(value)) for name, value in started.hparams.items()}


def _text(value: object) -> str:
    """Format a protocol buffer's value; all its numbers are floats."""
    kind = value.WhichOneof("kind")  # type: ignore[attr-defined]
    held = getattr(value, kind) if kind else ""
    return f"{held:g}" if isinstance(held, float) else str(held)


def _seed(settings: dict[str, str]) -> int | None:
    return int(float(settings["seed"])) if settings.get("seed", "").replace(".", "").isdigit() else None
