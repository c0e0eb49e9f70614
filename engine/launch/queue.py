"""Submitting and resuming runs, and starting runs in the foreground."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.errors import ConfigError, UserError
from engine.files import absolute
from engine.home import expanded
from engine.launch.launchers.local.gpus import OWN_GPU
from engine.launch.launchers.local.launcher import Local
from engine.launch.launchers.local.wakeup import ensure_dispatcher
from engine.launch.places import check_writable
from engine.launch.provenance import environment, git_state
from engine.launch.slots import auto_kind, check_device, cpu_slots, devices, free_slots
from engine.plugins.catalogs import plugins_used
from engine.plugins.files import changes, remember
from engine.store import LIVE, Run, Store

if TYPE_CHECKING:
    from engine.config import RunConfig


def check_needs(config: "RunConfig", *, with_data: bool = True) -> None:
    """Check that a config's data set, weights file and teacher exist, without reading them.

    Args:
        with_data: whether the data set has to be there.

    Raises:
        UserError: one is missing; says which, and how to get it.
    """
    if with_data:
        from engine.data import check_available

        check_available(config.dataset, config.data_path)
    if config.weights == "file" and not expanded(config.weights_path).is_file():
        raise ConfigError("weights_path", config.weights_path, "an existing file")
    if config.teacher:
        from engine.models.teachers import check_teacher

        check_teacher(Store.open(), config)


def submit(store: Store, config: "RunConfig", parent: int | None = None) -> Run:
    """Queue a run and wake the dispatcher. Relative paths are relative to the current folder.

    Args:
        parent: the run whose options were taken.

    Raises:
        UserError: the device is missing or does not support the precision, the data set or the weights file is missing,
            or the home cannot be written.
    """
    if config.device not in ("auto", "cpu") or config.precision == "fp16":
        check_device(config, devices())
    run = _create(store, config, "queued", parent)
    ensure_dispatcher()
    return run


def create_foreground(store: Store, config: "RunConfig") -> Run:
    """Create a run with status ``starting`` for this process to train, in a free slot if there is one.

    Call this before using a GPU: afterwards the process sees only its slot's GPU.

    Raises:
        UserError: as :func:`submit`, or this process already uses another GPU.
    """
    here = Local(warm=False)
    OWN_GPU.check(config.device)
    check_device(config, here.devices())
    # Create it paused, because no dispatcher starts paused runs, and claim it in one statement.
    run = _create(store, config, "paused")
    handle = here.here(run)
    held = {other.slot for other in store.runs.list(LIVE) if other.slot}
    free = OWN_GPU.allowed(free_slots(here.devices(), held, cpu_slots(store)), here.gpus)
    run = store.runs.claim_paused(run, free, auto_kind(here.devices()), handle=asdict(handle))
    OWN_GPU.take(config.device, run.slot, here.gpus)
    return run


def resume(store: Store, run: Run, epochs: int | None = None, *, more: int | None = None) -> Run:
    """Queue a run again, from its last checkpoint. One that the doctor stopped is not stopped by it again.

    Args:
        epochs: the new total number of epochs.
        more: further epochs after those trained; the learning-rate schedule is extended to their end.

    Raises:
        UserError: it is queued or live, nothing is left to train, the numbers are invalid, one of its plug-ins is
            missing, or the home cannot be written.
    """
    check_writable()
    run = store.runs.get(run.id)
    changes(run.plugins)
    if more is not None:
        if epochs is not None or more < 1:
            raise ConfigError("more", more, "a positive number of epochs, without epochs")
        epochs = run.epoch + more
    if epochs is not None and epochs < run.config["epochs"] and more is None:
        raise UserError(f"epochs: {epochs} is less than the {run.config['epochs']} of run {run.name}")
    if run.status == "finished" and (epochs is None or epochs <= run.epoch):
        raise UserError(f"resume: run {run.name} has finished its {run.epoch} epochs; give a larger number")
    refuse_lost_checkpoint(store, run)
    overruled = {"stop_when_sure": False} if _stopped_when_sure(store, run) else {}
    store.runs.requeue(run.id, epochs, **overruled)
    store.events.add(run.id, "resumed", f"from epoch {run.epoch}" + (f" to {epochs}" if epochs else "")
                     + (", no longer to stop when the doctor is sure" if overruled else ""))
    ensure_dispatcher()
    return store.runs.get(run.id)


def _stopped_when_sure(store: Store, run: Run) -> bool:
    return bool(run.config.get("stop_when_sure") and store.sure.of([run.id]))


def refuse_lost_checkpoint(store: Store, run: Run) -> None:
    """Refuse to train a run from the beginning that has finished epochs before: nothing would say that it was reset.

    An epoch's metrics are recorded just before its checkpoint is written, so one epoch proves no checkpoint.

    Raises:
        UserError: its checkpoints are gone.
    """
    validated = store.metrics.summary(run.id).get("val_loss")
    folder = run.folder / "checkpoints"
    if validated is not None and validated.count > 1 and not any(folder.glob("*/model.safetensors")):
        raise UserError(f"{folder}: the checkpoint of run {run.name} is missing, after {validated.count} epochs: put "
                        "its folder back, or start a new run with the same options")


def _create(store: Store, config: "RunConfig", status: str, parent: int | None = None) -> Run:
    check_writable()
    commit, dirty = git_state()
    paths = {key: absolute(getattr(config, key)) for key in ("data_path", "weights_path")}
    config = config.model_copy(update=paths)
    check_needs(config)
    plugins = plugins_used(config.model_dump())
    remember(plugins)
    made_with = environment() | ({"plugins": plugins} if plugins else {})
    return store.runs.create(config, status=status, environment=made_with, git_commit=commit,
                             git_dirty=dirty, parent=parent)
