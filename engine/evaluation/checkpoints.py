"""A run's stored checkpoints, by name. Imports no torch."""

from engine.errors import UserError
from engine.store import Run
from engine.training.checkpoint_index import read_index


def list_checkpoints(run: Run) -> dict[str, str]:
    """Return folder names by checkpoint: ``best``, ``last``, then each stored epoch (``epoch-0003``)."""
    folder = run.folder / "checkpoints"
    roles = read_index(folder)
    try:
        there = sorted(path.name for path in folder.iterdir() if path.is_dir())
    except OSError:
        return {}
    named = {role: roles[role] for role in ("best", "last") if role in roles}
    return named | {name: name for name in there if name.startswith("epoch-")}


def checkpoint_name(text: str) -> str:
    """Parse ``best``, ``last``, ``epoch-0003`` or ``3`` into a checkpoint's name.

    Raises:
        UserError: none of these.
    """
    number = text.removeprefix("epoch-")
    if text in ("best", "last"):
        return text
    if number.isascii() and number.isdigit():
        return f"epoch-{int(number):04d}"
    raise UserError(f"checkpoint: {text!r} is not best, last, all or the number of an epoch")


def checkpoint_folder(run: Run, checkpoint: str) -> str:
    """Return the folder name of a checkpoint.

    Raises:
        UserError: it is not stored; lists those that are.
    """
    there = list_checkpoints(run)
    if checkpoint in there:
        return there[checkpoint]
    if not there and run.is_imported:
        raise UserError(f"{run.name}: {run.lacks}")
    if not there:
        raise UserError(f"{run.name}: has no checkpoint to evaluate")
    epochs = [str(int(name.removeprefix("epoch-"))) for name in there if name.startswith("epoch-")]
    wanted = checkpoint if checkpoint in ("best", "last") else f"of epoch {int(checkpoint.removeprefix('epoch-'))}"
    roles = [name for name in ("best", "last") if name in there]
    raise UserError(f"{run.name}: has no checkpoint {wanted}; there are {', '.join(roles)} and those of epochs "
                    f"{', '.join(epochs) or 'none'} (keep_checkpoints: all keeps every epoch's)")
