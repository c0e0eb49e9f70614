"""Checkpoints: safetensors and readable JSON in one folder each, written atomically."""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import Optimizer

from engine.disk_space import is_full
from engine.errors import UserError
from engine.files import held, read_json, sync_file, write_atomically
from engine.home import home, stored_path
from engine.training.checkpoint_index import INDEX, STATE, WEIGHTS, read_index, read_progress
from engine.training.optimizer_state import pack_optimizer, restore_optimizer
from engine.training.progress import Progress
from engine.words import size

_TENSORS = "state.safetensors"
_TRAINED = "trained."


class State(NamedTuple):
    """The contents of a checkpoint."""

    model: nn.Module
    optimizer: Optimizer
    average: nn.Module | None = None
    scaler: GradScaler | None = None

    @property
    def bytes(self) -> int:
        """The size of its tensors."""
        tensors = [tensor for module in (self.model, self.average) if module is not None
                   for tensor in module.state_dict().values()]
        return sum(tensor.nbytes for tensor in (*tensors, *pack_optimizer(self.optimizer)[0].values()))


class Checkpoints:
    """A run's checkpoint folders, with an index of which is ``last`` and ``best``.

    A folder is written under a temporary name, synced and renamed before the index is replaced. Folders outside the
    index are deleted, unless all epochs are kept.

    Attributes:
        metadata: stored in ``model.safetensors``: model, and mean and std of its pictures.
    """

    def __init__(self, folder: Path, keep_all: bool = False) -> None:
        self._place, self.keep_all = stored_path(folder), keep_all
        self.metadata: dict[str, str] = {}

    @property
    def folder(self) -> Path:
        """Asked for each time, because a home can be moved meanwhile."""
        return home() / self._place

    def save(
        self, progress: Progress, model: nn.Module, optimizer: Optimizer, average: nn.Module | None = None,
        scaler: GradScaler | None = None, *, best: bool,
    ) -> None:
        """Write a checkpoint and make it ``last``, and ``best`` if it is.

        ``model.safetensors`` contains the weights for evaluation: the moving average if there is one. The trained
        weights are then in the other file.

        Raises:
            OSError: the disk is full or cannot be written; earlier checkpoints remain.
        """
        target = self.folder / progress.label
        if self.names().get("last") != target.name:
            self._write(target, progress, State(model, optimizer, average, scaler))
        names = self.names() | {"last": target.name} | ({"best": target.name} if best else {})
        write_atomically(self.folder / INDEX, json.dumps(names, indent=1).encode())
        self._prune(set(names.values()))

    def names(self) -> dict[str, str]:
        """Return folder names by role, ``last`` and ``best``; empty before the first checkpoint."""
        return read_index(self.folder)

    def path(self, which: str) -> Path | None:
        """Return the folder of ``last`` or ``best``, or None."""
        name = self.names().get(which)
        return self.folder / name if name else None

    def _write(self, target: Path, progress: Progress, state: State) -> None:
        if not self.folder.parent.is_dir():
            raise UserError(f"{self.folder.parent} was deleted while the run trained: no checkpoint can be written")
        self.folder.mkdir(exist_ok=True)
        self._check_room(state)
        temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix=".writing-"))
        with held(os.open(temporary, os.O_RDONLY)):
            try:
                _write(temporary, progress, state, self.metadata)
                shutil.rmtree(target, ignore_errors=True)
                temporary.rename(target)
                sync_file(self.folder)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)

    def _check_room(self, state: State) -> None:
        """Refuse a checkpoint that the disk has no room for, before the rest of the room is used up."""
        free, needed = shutil.disk_usage(self.folder).free, state.bytes
        if free < needed:
            room = f"{size(free)} are free, a checkpoint takes {size(needed)}"
            raise OSError(errno.ENOSPC, room, str(self.folder))

    def _prune(self, wanted: set[str]) -> None:
        for folder in self.folder.iterdir():
            stale = folder.name.startswith((".writing-", "step-")) or not self.keep_all
            if folder.is_dir() and folder.name not in wanted and stale:
                shutil.rmtree(folder, ignore_errors=True)


def load_weights(folder: Path, model: nn.Module) -> None:
    """Load a checkpoint's weights into a model of the same shape.

    Raises:
        UserError: the file is missing or damaged, or a tensor does not fit the model; names file and tensor.
    """
    _load(folder / WEIGHTS, _tensors(folder / WEIGHTS), model)


def load_progress(folder: Path) -> Progress:
    """Return the progress stored in a checkpoint; raises as :func:`restore`."""
    with naming_errors(folder / STATE):
        return read_progress(folder)


def restore(
    folder: Path, model: nn.Module, optimizer: Optimizer, average: nn.Module | None = None,
    scaler: GradScaler | None = None,
) -> Progress:
    """Restore model, optimizer and random state, and return the progress.

    Raises:
        UserError: a file is missing or damaged, or the checkpoint has no averaged weights; names file and tensor.
    """
    progress, tensors = load_progress(folder), _tensors(folder / _TENSORS)
    load_weights(folder, model if average is None else average)
    if average is not None:
        if not any(name.startswith(_TRAINED) for name in tensors):
            raise UserError(f"checkpoint: {folder} was taken without averaged weights")
        _load(folder / _TENSORS, tensors, model, _TRAINED)
    with naming_errors(folder / STATE):
        state = read_json(folder / STATE)
        _check_layout(folder / _TENSORS, tensors, state.get("layout", {}))
        restore_optimizer(optimizer, state["optimizer"], tensors)
        if scaler is not None and state.get("scaler"):
            scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(tensors["rng.cpu"])
        if torch.cuda.is_available() and "rng.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["rng.cuda"])
    return progress


def _write(folder: Path, progress: Progress, state: State, metadata: dict[str, str]) -> None:
    evaluated = state.model if state.average is None else state.average
    _save(folder / WEIGHTS, evaluated.state_dict(), metadata)
    tensors, plain = pack_optimizer(state.optimizer)
    if state.average is not None:
        tensors |= {_TRAINED + name: tensor for name, tensor in state.model.state_dict().items()}
    tensors["rng.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["rng.cuda"] = torch.cuda.get_rng_state()
    _save(folder / _TENSORS, tensors)
    content = {"progress": progress.to_dict(), "optimizer": plain, "torch": torch.__version__,
               "layout": {name: _described(tensor) for name, tensor in tensors.items()},
               "scaler": state.scaler.state_dict() if state.scaler is not None else {}}
    write_atomically(folder / STATE, json.dumps(content, indent=1).encode())


def _save(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    try:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path, metadata)
    except SafetensorError as error:
        if is_full(str(error)):
            raise OSError(errno.ENOSPC, str(error), str(path)) from error
        raise
    sync_file(path)


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        loaded: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"checkpoint: cannot read {path}: {error}") from None
    return loaded


def _load(file: Path, tensors: Mapping[str, Tensor], model: nn.Module, prefix: str = "") -> None:
    """Load those tensors of a file whose names begin with ``prefix``; all must fit the model.

    Raises:
        UserError: one does not.
    """
    given = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    _check_layout(file, given, {name: _described(tensor) for name, tensor in model.state_dict().items()}, whole=True)
    model.load_state_dict(given)


def _check_layout(file: Path, tensors: Mapping[str, Tensor], layout: Mapping[str, str], *, whole: bool = False) -> None:
    """Compare tensors with the descriptions of those expected.

    Args:
        whole: whether there must be no others.

    Raises:
        UserError: one is missing, unknown, or of another kind or shape.
    """
    for name, expected in layout.items():
        found = _described(tensors[name]) if name in tensors else "not there"
        if found != expected:
            raise UserError(f"checkpoint: {file} is damaged: {name} is {found}, expected {expected}")
    for name in tensors if whole else ():
        if name not in layout:
            raise UserError(f"checkpoint: {file} is damaged: {name} is not in the model")


def _described(tensor: Tensor) -> str:
    """``float32 64×3×3×3``."""
    return f"{str(tensor.dtype).removeprefix('torch.')} {'×'.join(map(str, tensor.shape)) or 'number'}"


@contextlib.contextmanager
def naming_errors(file: Path) -> Iterator[None]:
    """Tell of a checkpoint's file that it holds something else than was written.

    Raises:
        UserError: it does.
    """
    try:
        yield
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UserError(f"checkpoint: cannot read {file}: {what}") from error
