"""Ways into the queue, and into training without it."""

from dataclasses import asdict
from pathlib import Path

from engine.config import RunConfig, with_name
from engine.data import check_available
from engine.errors import ConfigError, UserError
from engine.files import absolute
from engine.launch.launchers.local.bell import ensure_dispatcher
from engine.launch.launchers.local.gpus import OWN_GPU
from engine.launch.launchers.local.launcher import Local
from engine.launch.places import check_writable
from engine.launch.provenance import environment, git_state
from engine.launch.slots import auto_kind, check_device, cpu_slots, devices, free_slots
from engine.plugins.catalogs import plugins_used
from engine.plugins.files import changes, remember
from engine.store import LIVE, Run, Store


def check_needs(config: RunConfig) -> None:
    """Look for a config's data set and weights file without reading them.

    Raises:
        UserError: one is not there; says which, and how to get it.
    """
    check_available(config.dataset, config.data_path)
    if config.weights == "file" and not Path(config.weights_path).expanduser().is_file():
        raise ConfigError("weights_path", config.weights_path, "a file that is there")


def submit(store: Store, config: RunConfig) -> Run:
    """Queue a run, and see that somebody starts it. Relative paths are taken from the caller's own folder.

    Raises:
        UserError: the device is one this machine does not have or does not compute in that precision, the data set
            or the file of weights is not there, or the home cannot be written.
    """
    if config.device not in ("auto", "cpu") or config.precision == "fp16":
        check_device(config, devices())
    run = _created(store, config, "queued")
    ensure_dispatcher()
    return run


def create_foreground(store: Store, config: RunConfig) -> Run:
    """A row for a run that this very process is about to train, ``starting``, with a slot if a fitting one is free.

    Call it before anything touches a GPU: this process then sees its slot's only, until it ends.

    Raises:
        UserError: as :func:`submit`, or an earlier run made this process use another GPU than the config's.
    """
    here = Local(warm=False)
    OWN_GPU.check(config.device)
    check_device(config, here.devices())
    # Paused first: nobody starts a paused run, and it becomes ours in one statement.
    run = _created(store, config, "paused")
    handle = here.here(run)
    held = {other.slot for other in store.runs.list(LIVE) if other.slot}
    free = OWN_GPU.allowed(free_slots(here.devices(), held, cpu_slots(store)), here.gpus)
    run = store.runs.claim_paused(run, free, auto_kind(here.devices()), handle=asdict(handle))
    OWN_GPU.take(config.device, run.slot, here.gpus)
    return run


def resume(store: Store, run: Run, epochs: int | None = None, *, more: int | None = None) -> Run:
    """Queue the same run again, to go on from its last checkpoint.

    Args:
        epochs: train on to so many in all.
        more: train so many more than it has, however many were planned; the learning-rate schedule then ends there.

    Raises:
        UserError: it is queued or live, nothing is left to train, both or neither number makes sense, a plug-in that
            it was made with is missing, or the home cannot be written.
    """
    check_writable()
    run = store.runs.get(run.id)
    changes(run.plugins)
    if more is not None:
        if epochs is not None or more < 1:
            raise ConfigError("more", more, "a whole number of epochs from 1, given without epochs")
        epochs = run.epoch + more
    if epochs is not None and epochs < run.config["epochs"] and more is None:
        raise UserError(f"epochs: {epochs} is not at least the {run.config['epochs']} of run {run.name}")
    if run.status == "finished" and (epochs is None or epochs <= run.epoch):
        raise UserError(f"resume: run {run.name} finished its {run.epoch} epochs; ask for more than that")
    store.runs.requeue(run.id, epochs)
    store.events.add(run.id, "resumed", f"from epoch {run.epoch}" + (f" to {epochs}" if epochs else ""))
    ensure_dispatcher()
    return store.runs.get(run.id)


def _created(store: Store, config: RunConfig, status: str) -> Run:
    check_writable()
    commit, dirty = git_state()
    paths = {key: absolute(getattr(config, key)) for key in ("data_path", "weights_path")}
    config = config.model_copy(update=paths)
    check_needs(config)
    plugins = plugins_used(config.model_dump())
    remember(plugins)
    made_with = environment() | ({"plugins": plugins} if plugins else {})
    return store.runs.create(with_name(config), status=status, environment=made_with, git_commit=commit,
                             git_dirty=dirty)
