"""The sentence in a failed run's row."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.launch.cause import cause_of_death
from engine.launch.launcher import Ended
from engine.launch.log import attempt_header, log_file
from engine.store import Run, Store

TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\n'


@pytest.fixture
def run(home: Path) -> Run:
    config = RunConfig(batch_size=256)
    return Store.open().runs.create(config, environment={}, git_commit=None, git_dirty=False)


def test_what_the_launcher_says_counts(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n{TRACEBACK}ValueError: no such model\n")
    assert cause_of_death(run, Ended(-9, "killed by signal 9")) == "killed by signal 9"


def test_without_a_log(run: Run) -> None:
    assert cause_of_death(run, Ended(3)) == "exited with code 3 before the run was over"


@pytest.mark.parametrize(("error", "sentence"), [
    ("ValueError: no such model", "ValueError: no such model"),
    ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "out of GPU memory at batch 256: try 128"),
    ("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory", "out of memory at batch 256: try 128"),
    ("MemoryError", "out of memory at batch 256: try 128"),
])
def test_from_the_log(run: Run, error: str, sentence: str) -> None:
    write_log(run, f"{attempt_header(1)}\nhello\n{TRACEBACK}{error}\n  a hint\ngoodbye\n")
    assert cause_of_death(run, Ended(1)) == sentence


def test_a_batch_of_one_cannot_be_made_smaller(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n{TRACEBACK}MemoryError\n")
    smallest = dataclasses.replace(run, config={**run.config, "batch_size": 1})
    assert cause_of_death(smallest, Ended(1)) == "out of memory at batch 1"


def test_the_last_error_of_several_counts_and_of_this_attempt_only(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n{TRACEBACK}KeyError: 1\n\nDuring handling:\n\n{TRACEBACK}OSError: 2\n")
    assert cause_of_death(run, Ended(1)) == "OSError: 2"
    with log_file(run.id).open("a") as log:
        log.write(f"{attempt_header(2)}\n")
    assert cause_of_death(dataclasses.replace(run, attempt=2), Ended(1)) == \
        "exited with code 1 before the run was over"


def test_a_log_of_megabytes_is_read_from_its_end(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n" + "x" * 3_000_000 + f"\n{TRACEBACK}ValueError: at last\n")
    assert cause_of_death(run, Ended(1)) == "ValueError: at last"


def write_log(run: Run, text: str) -> None:
    run.folder.mkdir(parents=True)
    log_file(run.id).write_text(text)
