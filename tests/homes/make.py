"""Makes a home that a later version has to open: ``python make.py ARCHIVE.tar.xz``, in the checkout of its day.

``2026-11.tar.xz`` is of commit 9efc410: ``PYTHONPATH=. python …/tests/homes/make.py 2026-11.tar.xz`` there.
``2026-11.json`` is what ``show --json`` said of its runs on the same day. The home was made at :data:`HOME`, which is
gone, by a machine called :data:`HOST`, which never was. Left out is what can be made again, the detector's weights,
which are 20 MB, and the pictures of the run ``own``.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import sys
import tarfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

HOME, HOST = Path("/home/ada/darkroom"), "cellar"
os.environ |= {"DARKROOM_HOME": str(HOME), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}

import numpy as np  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

from engine.cli.main import main  # noqa: E402
from engine.config import parse_config  # noqa: E402
from engine.launch import create_foreground, submit  # noqa: E402
from engine.runner.main import train_run  # noqa: E402
from engine.store import Store  # noqa: E402
from engine.store.journal import JournalWriter, journal_path, logged_line  # noqa: E402
from engine.training.observers import EpochLog  # noqa: E402
from tests.processes import kill_all  # noqa: E402

SGD = {"optimizer": "SGD", "momentum": 0, "nesterov": "no"}
HEAD = {"fine_tune": "head", "weights": "file"}
"""The frozen weights are in every checkpoint, but in the archive once."""
MACHINE = {"host": HOST, "platform": "Linux-6.12-x86_64-with-glibc2.36"}
GONE = ("data", "own", "artifacts/launch", "artifacts/jobs", "artifacts/cache")
STUDY = """
name: erasing
question: Does strong augmentation cost a trained backbone anything?
factors: {augmentation: [default, strong]}
settings: {epochs: 1, batch_size: 32, lr: 0.02, train_fraction: 0.3, fine_tune: head, weights: file, weights_path: FILE}
seeds: [0, 1]
margin: 0.01
hypotheses:
- {name: H1, kind: difference, between: {augmentation: [strong, default]}, expect: lower, claim: It does.}
tables:
- {title: Accuracy, rows: [augmentation], metrics: [top1, macro_f1]}
"""
PUBLISHED = "model,augment,top1,macro_f1\nresnet50,default,70.45,70.1\nresnet50,weak,71.2,70.9\n"


def make(archive: Path) -> None:
    """Fill the home, and pack it."""
    shutil.rmtree(HOME, ignore_errors=True)
    store = Store.open()
    weights = finished(store)
    stopped(store, weights)
    train({"name": "diverged", "optimizer": "SGD", "lr": 90, "epochs": 1}, code=1)
    detector()
    own_pictures(weights)
    studies(weights)
    waiting(store)
    killed(store)
    remembered(store)
    kill_all(HOME)
    for run in store.runs.list():
        store.runs.update(run.id, environment=run.environment | MACHINE, host=run.host and HOST)
    store.connections.close()
    for file in HOME.rglob("pid.json"):
        file.write_text(file.read_text().replace(socket.gethostname(), HOST))
    pack(archive)


def finished(store: Store) -> str:
    """Two epochs, each with its checkpoint, tested later at other scales and before its end; returns its weights."""
    options = SGD | {"name": "digits", "tags": "first,small", "notes": "Kept whole.", "keep_checkpoints": "all",
                     "epochs": 2, "batch_size": 4, "train_fraction": 0.5, "lr": 0.03}
    train(options)
    engine_says("evaluate", "digits", "--checkpoint", "all", "--split", "test")
    engine_says("evaluate", "digits", "--scales", "32,36")
    return str(store.runs.find("digits").folder / "checkpoints" / "epoch-0002" / "model.safetensors")


def stopped(store: Store, weights: str) -> None:
    """Stopped within its second epoch, with much that has to be resumed."""
    options = HEAD | {"name": "halfway", "weights_path": weights, "epochs": 3, "batch_size": 16, "train_fraction": 0.3,
                      "optimizer": "AdamW", "schedule": "cosine", "warmup_epochs": 1, "weight_decay": 0.01,
                      "ema_decay": 0.9, "augmentation": "strong", "mixing": "mixup", "label_smoothing": 0.1}
    run = create_foreground(store, parse_config(options))
    train_run(run.id, Stopping(run.task))
    assert store.runs.get(run.id).status == "stopped"


class Stopping(EpochLog):
    """Sends the stop signal in the second epoch."""

    def steps_done(self, records: Any, progress: Any) -> None:
        if progress.epoch == 1 and progress.step_in_epoch:
            os.kill(os.getpid(), signal.SIGTERM)


def detector() -> None:
    """An epoch of boxes on a few small pictures."""
    train({"name": "boxes", "dataset": "Scenes", "image_size": 96, "epochs": 1, "batch_size": 4, "train_fraction": 0.1,
           "val_fraction": 0.05})


def own_pictures(weights: str) -> None:
    """An epoch on arrays in a folder, which is gone afterwards."""
    place, digits = HOME / "own", load_digits()
    place.mkdir()
    for part, rows in (("train", slice(0, 200)), ("test", slice(200, 250))):
        np.save(place / f"{part}_images.npy", (digits.images[rows] * 15).astype(np.uint8))
        np.save(place / f"{part}_targets.npy", digits.target[rows])
    train(HEAD | {"name": "own", "dataset": "npy", "data_path": place, "weights_path": weights, "epochs": 1})


def studies(weights: str) -> None:
    """One that the dispatcher runs, and one that was printed elsewhere."""
    declared, published = HOME / "erasing.yaml", HOME / "published.csv"
    declared.write_text(STUDY.replace("FILE", weights))
    published.write_text(PUBLISHED)
    engine_says("study", "run", str(declared), "--wait")
    engine_says("study", "import", str(published), "--name", "published")
    kill_all(HOME)


def waiting(store: Store) -> None:
    """One queued and one paused, which nobody starts."""
    with patch("engine.launch.queue.ensure_dispatcher"):
        submit(store, parse_config({"name": "queued", "model": "resnet18", "image_size": 32, "stem": "cifar"}))
        run = submit(store, parse_config({"name": "paused", "dataset": "Shapes", "tta": "flip", "epochs": 5}))
    engine_says("pause", str(run.id))


def killed(store: Store) -> None:
    """Its machine died: it counts as running still, its metrics are in its journal alone, torn at the end."""
    run = store.runs.create(parse_config({"name": "killed", "epochs": 3}), status="running", environment={},
                            git_commit=None, git_dirty=False)
    journal = JournalWriter(journal_path(run.folder, run.attempt))
    for step in range(1, 31):
        journal.append(logged_line(step, (step - 1) // 20, [("loss", 2 / step), ("lr", 0.001)]))
        if step == 20:
            journal.append(logged_line(step, 1, [("train_loss", 0.5), ("val_loss", 0.6), ("val_accuracy", 0.75)]))
    os.truncate(journal_path(run.folder, run.attempt), journal.offset - 5)
    store.runs.update(run.id, host=HOST, boot_id="gone", pid=4242, pid_started=1.0, steps_per_epoch=20, total_steps=60,
                      started_at=run.created_at, heartbeat_at=run.created_at)


def remembered(store: Store) -> None:
    """What belongs to no one run: a finding that may stand, settings, costs."""
    engine_says("doctor", "diverged", "--acknowledge", "not-finite", "--note", "The rate was chosen to break it.")
    store.settings.set("cpu_slots", 2)
    engine_says("train", "--dry-run")


def train(options: dict[str, Any], code: int = 0) -> None:
    """Train here, as from a terminal."""
    engine_says("train", *(f"--{key}={value}" for key, value in options.items()), code=code)


def engine_says(*words: str, code: int = 0) -> None:
    """Run a command, which has to end with this exit code."""
    ended = main(words)
    assert ended == code, f"{words}: exit code {ended}"


def pack(archive: Path) -> None:
    """The home in one file, the same bytes for the same files; then the home goes."""
    database = sqlite3.connect(HOME / "runs.db", isolation_level=None)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("VACUUM")
    database.close()
    for folder in GONE:
        shutil.rmtree(HOME / folder, ignore_errors=True)
    for file in HOME.rglob("*.safetensors"):
        if file.stat().st_size > 5_000_000:
            file.unlink()
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for path in sorted(HOME.rglob("*")):
            if path.is_file() and path.suffix != ".lock":
                packed.add(path, str(path.relative_to(HOME)), filter=_plain)
    shutil.rmtree(HOME)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid, member.uname, member.gname, member.mode = 0, 0, 0, "", "", 0o644
    return member


if __name__ == "__main__":
    make(Path(sys.argv[1]).absolute())
