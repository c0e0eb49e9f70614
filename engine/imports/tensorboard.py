"""TensorBoard event files: every folder with such files is a run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.files import open_regular
from engine.home import real
from engine.imports.columns import key_of, plain
from engine.imports.figures import Source
from engine.imports.formats import settings_beside
from engine.imports.meanings import PARTS
from engine.imports.result import Cells, Found
from engine.imports.shapes import split_part
from engine.imports.tables import seed_of

_EVENTS = "*tfevents*"
_HPARAMS = "_hparams_/session_start_info"
_RESULT = "hparam/"  # the prefix that add_hparams gives to results


def event_folders(path: Path) -> list[Path]:
    """Return the folders with event files at or below a path; a file's own folder."""
    if path.is_file():
        return [path.parent] if "tfevents" in path.name else []
    return sorted({file.parent for file in path.rglob(_EVENTS) if file.is_file()})


def read_events(path: Path) -> Source:
    """Read one run per folder, with its scalars and, if written, its hyperparameters.

    Folders that are called after a part, as Keras makes them, belong to the run above them.
    """
    root = path.parent if path.is_file() else path
    runs: dict[Path, Found] = {}
    notes = []
    for folder in event_folders(path):
        cells, settings = _of_folder(path if path.is_file() else folder)
        run, part = _run_of(folder, cells)
        # add_hparams writes into a subfolder of its run, named after the time.
        run = run.parent if settings and run.parent in runs and run.name.replace(".", "").isdigit() else run
        if part:
            notes.append(f"{folder.name}: its figures are read as those of {PARTS[part][0]}, because of its name.")
        beside, setting_notes = settings_beside(run)
        settings = beside | settings
        before = runs.get(run, Found(_name(run, root), _name(run, root)))
        named = {f"{part}/{tag}" if part else tag: points for tag, points in cells.items()}
        runs[run] = replace(before, settings=before.settings | settings, cells=named | before.cells,
                            seed=seed_of(settings.get("seed", "")) if "seed" in settings else before.seed)
        notes += setting_notes if cells else []
    return Source(path.name, "tensorboard", tuple(run for run in runs.values() if run.cells),
                  notes=tuple(dict.fromkeys(notes)))


def _run_of(folder: Path, cells: Mapping[str, Cells]) -> tuple[Path, str]:
    """Return the folder of a run, and the part that this one is called after.

    Keras calls folders ``train`` and ``validation``; torch's ``add_scalars``, ``Loss_train``. Hugging Face writes
    ``runs/DATE_HOST`` in the output folder of the run.
    """
    above = folder.parent.parent
    if folder.parent.name == "runs" and any(next(above.glob(f"{place}trainer_state.json"), None) is not None
                                            for place in ("", "checkpoint-*/")):
        return above, ""
    before, part = split_part(folder.name)
    if part and (not before or all(tag.replace("/", "_").replace(" ", "_") == before for tag in cells)):
        return folder.parent, part
    return folder, ""


def _name(folder: Path, root: Path) -> str:
    relative = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else "."
    return real(folder).name if relative == "." else relative.replace("/", "-")


def _of_folder(path: Path) -> tuple[dict[str, Cells], dict[str, str]]:
    """Return the points by tag, and the hyperparameters."""
    from tensorboard.backend.event_processing.event_accumulator import SCALARS, TENSORS, EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    for file in [path] if path.is_file() else path.glob(_EVENTS):
        open_regular(file).close()
    events = EventAccumulator(str(path), size_guidance={SCALARS: 0, TENSORS: 0})
    events.Reload()
    cells: dict[str, Cells] = {tag.removeprefix(_RESULT): [(event.step, float(event.value), 0)
                                                           for event in events.Scalars(tag) if event.step >= 0]
                               for tag in events.Tags()["scalars"]}
    for tag in events.Tags()["tensors"]:  # newer writers store scalars as tensors
        values = [(event.step, make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]
        if all(value.size == 1 and value.dtype.kind in "fiu" for _, value in values):
            cells[tag.removeprefix(_RESULT)] = [(step, float(value.reshape(())), 0) for step, value in values]
    return {tag: points for tag, points in cells.items() if points}, _hyperparameters(events)


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
