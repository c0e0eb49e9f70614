"""Choices by measurement, and what they leave untouched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.home import ROOT
from engine.training import machine
from engine.training.devices import Precision
from engine.training.machine import choose_channels_last, tune_process
from engine.training.measurements import cached, signature

FP32 = Precision("fp32", torch.device("cpu"))


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1),
                         nn.Dropout(0.1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))


def paces(monkeypatch: pytest.MonkeyPatch, plain: float, last: float) -> None:
    """Steps take this long in the two layouts, whatever they really take."""
    real = machine._stepper

    def stepper(
        model: nn.Module, example: torch.Tensor, layout: torch.memory_format, precision: Precision,
    ) -> Callable[[int], None]:
        step = real(model, example, layout, precision)
        step.layout = layout  # type: ignore[attr-defined]
        return step

    def seconds(work: Callable[[], None], device: torch.device) -> float:
        work()
        return last if work.func.layout == torch.channels_last else plain  # type: ignore[attr-defined]

    monkeypatch.setattr(machine, "_stepper", stepper)
    monkeypatch.setattr(machine, "_seconds", seconds)


@pytest.mark.parametrize(("plain", "last", "chosen"), [(1.0, 0.5, True), (1.0, 0.99, False), (0.5, 1.0, False)])
def test_the_faster_layout_wins_clearly_or_not_at_all(
    home: Path, monkeypatch: pytest.MonkeyPatch, plain: float, last: float, chosen: bool,
) -> None:
    paces(monkeypatch, plain, last)
    assert choose_channels_last(network(), torch.zeros(8, 3, 8, 8), FP32) is chosen
    paces(monkeypatch, last, plain)
    assert choose_channels_last(network(), torch.zeros(8, 3, 8, 8), FP32) is chosen, "remembered"


@pytest.mark.parametrize("previous", [True, False])
def test_a_previous_layout_is_taken_over(home: Path, monkeypatch: pytest.MonkeyPatch, previous: bool) -> None:
    monkeypatch.setattr(machine, "_channels_last_is_faster", lambda *_: pytest.fail("measured"))
    assert choose_channels_last(network(), torch.zeros(8, 3, 8, 8), FP32, previous) is previous


def test_models_without_convolutions_are_not_measured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_channels_last_is_faster", lambda *_: pytest.fail("measured"))
    assert choose_channels_last(nn.Linear(3, 3), torch.zeros(8, 3), FP32) is False


def test_measuring_changes_nothing_in_the_model(home: Path) -> None:
    model, before = network(), network()
    state = torch.get_rng_state()
    choose_channels_last(model, torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(0)), FP32)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(map(torch.equal, model.state_dict().values(), before.state_dict().values()))
    assert all(parameter.grad is None and parameter.is_contiguous() for parameter in model.parameters())


def test_the_first_answer_is_remembered(home: Path) -> None:
    assert cached("key", lambda: {"a": 1}) == {"a": 1}
    assert cached("key", lambda: pytest.fail("asked again")) == {"a": 1}
    assert cached("other", lambda: False) is False
    assert cached("other", lambda: pytest.fail("asked again")) is False


def test_of_two_that_measure_at_once_the_first_decides(home: Path) -> None:
    assert cached("key", lambda: cached("key", lambda: "first") and "second") == "first"


def test_broken_memory_only_means_measuring_again(home: Path) -> None:
    file = home / "artifacts/cache/measured/key.json"
    file.parent.mkdir(parents=True)
    file.write_text("{half")
    assert cached("key", lambda: 1) == 1
    assert cached("key", lambda: pytest.fail("asked again")) == 1


def test_a_folder_that_cannot_be_written_only_means_measuring_again(home: Path) -> None:
    (home / "artifacts").write_text("a file in the way")
    assert [cached("key", lambda value=value: value) for value in (1, 2)] == [1, 2]


def test_signatures_tell_apart_what_matters() -> None:
    example = torch.zeros(8, 3, 8, 8)
    other = nn.Sequential(nn.Conv2d(3, 8, 3))
    keys = [signature("a", network(), example), signature("b", network(), example), signature("a", other, example),
            signature("a", network(), example[:4]),
            signature("a", network().to(memory_format=torch.channels_last), example)]
    assert len(set(keys)) == len(keys)
    assert signature("a", network(), example) == keys[0]


def tuned(threads: str, previous: str = "None") -> tuple[dict[str, object], int]:
    code = ("import json, torch; from engine.training.machine import tune_process; "
            f"made = tune_process(torch.device('cpu'), {previous}); print(json.dumps([made, torch.get_num_threads()]))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
                          env={"OMP_NUM_THREADS": threads, "PATH": "/usr/bin:/bin"})
    made, used = json.loads(done.stdout)
    return made, used


def test_threads_follow_the_environment_and_then_the_record() -> None:
    assert tuned("2") == ({"threads": 2, "allocator": "kept"}, 2)
    assert tuned("2", "{'threads': 1}") == ({"threads": 1, "allocator": "kept"}, 1)


def test_freed_memory_is_kept() -> None:
    code = """
import resource, sys, torch
torch.set_num_threads(1)
if sys.argv[1] == "tuned":
    from engine.training.machine import tune_process
    tune_process(torch.device("cpu"), {"threads": 1})
def step():
    for _ in range(50):
        torch.ones(1 << 20)
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    faults = {way: int(subprocess.run([sys.executable, "-c", code, way], capture_output=True, text=True, check=True,
                                      cwd=ROOT).stdout) for way in ("tuned", "stock")}
    assert faults["tuned"] < 200
    assert faults["tuned"] < faults["stock"] / 5 or faults["stock"] < 1000


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda _: object())
    assert tune_process(torch.device("cpu"), {"threads": torch.get_num_threads()})["allocator"] == "system"
