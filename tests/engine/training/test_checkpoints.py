"""A checkpoint is whole or not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from engine.errors import UserError
from engine.training import checkpoints as module
from engine.training.checkpoints import Checkpoints, load_progress, load_weights, restore
from engine.training.progress import Progress


def trained(kind: type[Optimizer]) -> tuple[nn.Module, Optimizer]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 2)).to(
        memory_format=torch.channels_last)
    model(torch.randn(2, 3, 8, 8))
    options = {"momentum": 0.9} if kind is SGD else {}
    optimizer = kind(model.parameters(), lr=0.1, **options)
    for _ in range(2):
        model(torch.randn(2, 3, 8, 8)).square().mean().backward()
        optimizer.step()
    return model, optimizer


@pytest.mark.parametrize("kind", [SGD, AdamW])
def test_model_optimizer_layout_and_random_state_come_back(kind: type[Optimizer], tmp_path: Path) -> None:
    model, optimizer = trained(kind)
    Checkpoints(tmp_path).save(Progress(epoch=1, step=2), model, optimizer, best=True)
    drawn, state = torch.rand(3), optimizer.state_dict()["state"]
    fresh, other = trained(kind)
    with torch.no_grad():
        for parameter in fresh.parameters():
            parameter.zero_()
    assert restore(tmp_path / "epoch-0001", fresh, other) == Progress(epoch=1, step=2)
    assert torch.equal(torch.rand(3), drawn)
    assert all(torch.equal(value, fresh.state_dict()[name]) for name, value in model.state_dict().items())
    for index, values in other.state_dict()["state"].items():
        for name, value in values.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(state[index][name]))
            if torch.is_tensor(value):
                assert value.stride() == state[index][name].stride()


def test_a_loss_scale_comes_back(tmp_path: Path) -> None:
    model, optimizer = trained(SGD)
    scaler, fresh = (torch.amp.GradScaler("cpu", growth_interval=3) for _ in range(2))
    for loss in (1.0, float("inf")):
        optimizer.zero_grad()
        scaler.scale(model(torch.randn(2, 3, 8, 8)).mean() * loss).backward()
        scaler.step(optimizer)
        scaler.update()
    Checkpoints(tmp_path).save(Progress(epoch=1), model, optimizer, scaler=scaler, best=False)
    restore(tmp_path / "epoch-0001", model, optimizer, scaler=fresh)
    assert fresh.state_dict() == scaler.state_dict() and fresh.get_scale() == 2.0**15


def test_an_average_is_kept_apart_from_what_learns(tmp_path: Path) -> None:
    (model, optimizer), (average, _) = trained(SGD), trained(AdamW)
    Checkpoints(tmp_path).save(Progress(epoch=1), model, optimizer, average, best=False)
    expected, (one, other) = model.state_dict(), (trained(SGD), trained(SGD))
    restore(tmp_path / "epoch-0001", *one, other[0])
    assert all(torch.equal(value, expected[name]) for name, value in one[0].state_dict().items())
    assert all(torch.equal(value, average.state_dict()[name]) for name, value in other[0].state_dict().items())
    Checkpoints(tmp_path).save(Progress(epoch=2), model, optimizer, best=False)
    with pytest.raises(UserError, match="taken without averaged weights"):
        restore(tmp_path / "epoch-0002", *one, other[0])


def test_only_the_best_and_the_last_stay_unless_all_are_kept(tmp_path: Path) -> None:
    model, optimizer = trained(SGD)
    for keep_all, kept in ((False, {"epoch-0002", "epoch-0004"}), (True, {f"epoch-000{n}" for n in (1, 2, 3, 4)})):
        folder = tmp_path / str(keep_all)
        for epoch in (1, 2, 3, 4):
            Checkpoints(folder, keep_all).save(Progress(epoch=epoch), model, optimizer, best=epoch == 2)
        assert {path.name for path in folder.iterdir() if path.is_dir()} == kept
        assert Checkpoints(folder).names() == {"last": "epoch-0004", "best": "epoch-0002"}


def test_a_checkpoint_inside_an_epoch_gives_way_to_the_next(tmp_path: Path) -> None:
    model, optimizer = trained(SGD)
    checkpoints = Checkpoints(tmp_path, keep_all=True)
    checkpoints.save(Progress(step=7, step_in_epoch=7), model, optimizer, best=False)
    assert load_progress(tmp_path / "step-00000007").step_in_epoch == 7
    checkpoints.save(Progress(epoch=1, step=9), model, optimizer, best=True)
    assert not (tmp_path / "step-00000007").exists()


def test_what_the_index_names_is_never_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, optimizer = trained(SGD)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(Progress(epoch=1), model, optimizer, best=True)
    written = (tmp_path / "epoch-0001" / "model.safetensors").stat().st_ino
    monkeypatch.setattr(module.shutil, "rmtree", lambda *_, **__: pytest.fail("something was removed"))
    checkpoints.save(Progress(epoch=1), model, optimizer, best=False)
    assert (tmp_path / "epoch-0001" / "model.safetensors").stat().st_ino == written
    assert checkpoints.names() == {"last": "epoch-0001", "best": "epoch-0001"}


def test_a_full_disk_leaves_the_earlier_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, optimizer = trained(SGD)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(Progress(epoch=1), model, optimizer, best=True)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.save(Progress(epoch=2), model, optimizer, best=True)
    assert checkpoints.names() == {"last": "epoch-0001", "best": "epoch-0001"}
    assert {path.name for path in tmp_path.iterdir()} == {"epoch-0001", "index.json"}
    load_weights(tmp_path / "epoch-0001", model)


@pytest.mark.parametrize("file", ["model.safetensors", "state.safetensors", "state.json"])
def test_a_damaged_file_is_named(file: str, tmp_path: Path) -> None:
    model, optimizer = trained(SGD)
    Checkpoints(tmp_path).save(Progress(epoch=1), model, optimizer, best=True)
    path = tmp_path / "epoch-0001" / file
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(UserError, match=file):
        restore(tmp_path / "epoch-0001", model, optimizer)


def _progress(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        state = json.loads((folder / "state.json").read_text())
        state["progress"] |= values
        (folder / "state.json").write_text(json.dumps(state))
    return change


def _tensor(file: str, name: str, tensor: torch.Tensor | None) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        tensors = load_file(folder / file)
        tensors.pop(name)
        save_file(tensors | ({} if tensor is None else {name: tensor}), folder / file)
    return change


@pytest.mark.parametrize(("change", "said"), [
    (_tensor("model.safetensors", "0.weight", torch.zeros(4, 3, 3, 2)),
     r"0\.weight is float32 4×3×3×2, expected float32 4×3×3×3"),
    (_tensor("model.safetensors", "0.bias", torch.zeros(4, dtype=torch.float16)),
     r"0\.bias is float16 4, expected float32 4"),
    (_tensor("model.safetensors", "3.bias", None), r"3\.bias is not there"),
    (_tensor("state.safetensors", "0.momentum_buffer", torch.zeros(3)), r"0\.momentum_buffer is float32 3, expected"),
    (_tensor("state.safetensors", "rng.cpu", torch.zeros(9)), r"rng\.cpu is float32 9, expected uint8"),
    (_tensor("state.safetensors", "1.momentum_buffer", None), r"1\.momentum_buffer is not there"),
    (_progress(epoch="1"), "epoch: '1' is not expected"), (_progress(schedule=[]), "schedule"), (_progress(odd=1),
                                                                                                 "odd"),
    (lambda folder: (folder / "state.json").write_text("{}"), "state.json"),
    (lambda folder: (folder / "state.json").write_text('{"progress": {}, "optimizer": {"state": 1}}'), "state.json"),
])
def test_what_does_not_fit_is_named(change: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    model, optimizer = trained(SGD)
    Checkpoints(tmp_path).save(Progress(epoch=1), model, optimizer, best=True)
    change(tmp_path / "epoch-0001")
    with pytest.raises(UserError, match=said):
        restore(tmp_path / "epoch-0001", model, optimizer)


@pytest.mark.parametrize("index", [None, "", "[]", "{", "null", "[" * 10_000])
def test_a_lost_index_is_made_again_from_the_checkpoints(index: str | None, tmp_path: Path) -> None:
    model, optimizer = trained(SGD)
    for epoch in (1, 2, 3):
        Checkpoints(tmp_path).save(Progress(epoch=epoch, best_epoch=min(epoch, 2)), model, optimizer, best=epoch < 3)
    (tmp_path / "index.json").unlink()
    if index is not None:
        (tmp_path / "index.json").write_text(index)
    assert Checkpoints(tmp_path).names() == {"last": "epoch-0003", "best": "epoch-0002"}


def test_an_index_names_no_folder_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "index.json").write_text('{"last": "..", "best": 3, "other": "../checkpoints"}')
    assert Checkpoints(tmp_path / "checkpoints").names() == {}
