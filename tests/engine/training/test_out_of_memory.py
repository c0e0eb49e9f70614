"""A run that runs out of memory is a result: it does not fit."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.config import parse_config
from engine.home import ROOT
from engine.launch import create_foreground
from engine.store import Store
from engine.training.memory import is_out_of_memory

# All is imported before the limit is set, so that it is the tensors that do not fit.
_LIMITED = """
import resource, sys
import engine.runner.main, torch._dynamo, timm, timm.optim
size = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, (size + 600 * 2**20,) * 2)
sys.exit(engine.runner.main.train_run(int(sys.argv[1])))
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits a process's memory so")
def test_a_trainer_that_is_refused_memory_records_that_it_does_not_fit(home: Path) -> None:
    store = Store.open()
    run = create_foreground(store, parse_config({"model": "resnet18", "image_size": 128, "batch_size": 256,
                                                 "device": "cpu", "epochs": 1}))
    trainer = subprocess.run([sys.executable, "-c", _LIMITED, str(run.id)], cwd=ROOT, capture_output=True, text=True)
    ended = store.runs.get(run.id)
    assert trainer.returncode == 1, trainer.stderr
    assert (ended.status, ended.error) == ("failed", "out of memory at batch 256: try 128"), trainer.stderr
    assert ended.does_not_fit
    assert ended.memory_reached is not None
    assert 200 * 2**20 < ended.memory_reached < 3 * 2**30
    [said] = [event.message for event in store.events.of(run.id) if event.kind == "does not fit"]
    assert said.startswith("out of memory at batch 256: try 128; ")


@pytest.mark.parametrize("error", [
    torch.OutOfMemoryError("CUDA out of memory."), MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("CUDA error: out of memory"),
])
def test_each_device_has_its_own_way_to_say_so(error: BaseException) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), OSError(errno.ENOSPC, "No space"), ValueError()])
def test_other_errors_are_not_about_memory(error: BaseException) -> None:
    assert not is_out_of_memory(error)
