"""Damaged files of every kind: read, or refused in one line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from torch.utils.tensorboard import SummaryWriter

from engine.errors import UserError
from engine.imports import plan_import
from tests.engine.imports.test_logs import FASTAI, KERAS, LIGHTNING, STATE, ULTRALYTICS

TEXTS = {"training.log": KERAS, "metrics.csv": LIGHTNING, "history.csv": FASTAI, "results.csv": ULTRALYTICS,
         "trainer_state.json": json.dumps(STATE), "chart.csv": "Step,a - val_acc,b - val_acc\n1,0.4,20\n2,0.5,41.3\n",
         "runs.csv": "model;loss;accuracy;seed\nresnet18;0,345;94,5;1\nvit;0,512;91,2;2\n"}
ODD = [b"\0", b"\xff\xfe", b"\xff", b'"', b"\n", b",", b";", b"1e400", b"-", b"9" * 400, b"{", b"[" * 2000, b"%",
       b"\xef\xbb\xbf", b"# ", b"sep=;\n", "é²٣".encode(), b"!!python/object/apply:os.system [ls]", b"&a [*a]",
       b"2001-13-45"]


def check(path: Path) -> None:
    try:
        plan_import(path)
    except UserError as refused:
        assert "\n" not in str(refused)


def damaged(content: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(4)
    at, to = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + content[to:]
    if kind == 2:
        return content[:at] + chance.choice(ODD) + content[at:]
    return content[:to] + content[at:]


@pytest.mark.parametrize("name", TEXTS)
def test_damaged_tables_and_logs(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    for _ in range(30):
        (tmp_path / name).write_bytes(damaged(TEXTS[name].encode(), chance))
        check(tmp_path / name)


def test_damaged_settings(tmp_path: Path) -> None:
    chance = random.Random(0)
    (tmp_path / "metrics.csv").write_text(LIGHTNING)
    settings = b"lr: 0.1\nmodel: resnet18\noptimizer:\n  name: sgd\nseed: 3\nsize: [1, 2]\n"
    for _ in range(30):
        (tmp_path / "hparams.yaml").write_bytes(damaged(settings, chance))
        assert plan_import(tmp_path).measured


def test_damaged_event_files(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path / "run")) as writer:
        for step in range(5):
            writer.add_scalar("val/acc", 0.5, step)
    (file,) = (tmp_path / "run").iterdir()
    content, chance = file.read_bytes(), random.Random(0)
    for _ in range(30):
        file.write_bytes(damaged(content, chance))
        check(tmp_path)


@pytest.mark.parametrize("text", [
    "," * 100_000 + "\n1,2\n", "epoch,val_loss\n" + "1,\n" * 5000, '{"a": ' * 5000, "[" + "[" * 100_000, "\n" * 100_000,
    json.dumps([{str(place): place} for place in range(4000)]), "epoch,val_loss\n1e19,0.5\n2e19,0.4\n", "a" * 200_000,
    "epoch,val_loss\n" + "0,1e400\n1,-1e400\n", "model,accuracy\n" + "x,0.5\n" * 4000, "1,2\n" * 10,
    "Step,a - x\n-1,2\n", "epoch,val_acc\n" + "9" * 5000 + ",0.5\n"])
@pytest.mark.parametrize("suffix", ["csv", "json"])
@pytest.mark.timeout(10)
def test_large_and_odd_files(tmp_path: Path, text: str, suffix: str) -> None:
    (tmp_path / f"a.{suffix}").write_text(text)
    check(tmp_path / f"a.{suffix}")
