"""Plug-ins on the command line: what is wrong with one is a line with its file and line number, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.launch.plugins
from engine.cli.main import main
from engine.plugins.listing import import_and_list
from engine.store import Store
from tests.plugin_files import forgotten_afterwards, write

TRAIN = ("train", "--epochs", "1", "--batch-size", "64", "--train-fraction", "0.1", "--device", "cpu")
NET = """
@model(size=8, smallest=8)
class Net(nn.Module):
    def __init__(self, num_classes, in_chans):
        super().__init__()
        self.{head} = nn.Linear(in_chans * 64, num_classes)

    def forward(self, x):
        return self.{head}({given})
"""


@pytest.fixture(autouse=True)
def _imported_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not by a job, which takes seconds to start."""
    monkeypatch.setattr(engine.launch.plugins, "_wait", import_and_list)
    with forgotten_afterwards():
        yield


def _net(home: Path, given: str = "x.flatten(1)", head: str = "head") -> Path:
    return write(home, "net.py", NET.format(given=given, head=head))


def test_a_broken_file_is_a_warning_and_the_command_goes_on(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, "broken.py", "def f(:\n")
    _net(home)
    assert main(["models", "net net"]) == 0
    said = capsys.readouterr()
    assert "Net" in said.out
    assert said.err.startswith("warning: plug-in broken.py, line 4: SyntaxError: ") and said.err.count("\n") == 1


@pytest.mark.parametrize(("name", "code", "line"), [
    ("broken.py", "1 / 0\n", "error: plug-in broken.py, line 4: ZeroDivisionError: division by zero\n"),
    ("taken.py", "augmentation('weak', Augmentation('.'))\n", "error: plug-in taken.py: the augmentation weak is left"),
])
def test_a_named_file_must_be_whole(home: Path, capsys: pytest.CaptureFixture[str], name: str, code: str, line: str
                                    ) -> None:
    file = write(home / "elsewhere", name, code)
    assert main(["runs", "--plugin", str(file)]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(line) and said.err.count("\n") == 1 and said.out == ""
    assert main(["runs", "--plugin", str(home / "absent.py")]) == 2
    assert "absent.py is not an existing Python file" in capsys.readouterr().err


def test_a_named_file_works_as_one_of_the_homes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(home / "elsewhere", "net.py", NET.format(given="x.flatten(1)", head="head"))
    assert main([*TRAIN, "--plugin", str(file), "--model", "net"]) == 0
    [run] = Store.open().runs.list()
    assert list(run.plugins) == [str(file)] and run.parameters == 650


def test_an_exception_in_a_models_forward_fails_the_run_in_one_line(home: Path, capsys: pytest.CaptureFixture[str]
                                                                   ) -> None:
    _net(home, given="x.flatten(1)[:, 1:]")
    assert main([*TRAIN, "--model", "net"]) == 1
    said = capsys.readouterr().err
    [run] = Store.open().runs.list()
    assert run.status == "failed" and run.error is not None
    assert run.error.startswith("plug-in net.py, line 12: RuntimeError: mat1 and mat2 shapes cannot be multiplied")
    assert run.error in said and "Traceback" not in said


def test_an_exception_while_it_is_evaluated_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _net(home)
    assert main([*TRAIN, "--model", "net"]) == 0
    _net(home, given="x.no_such_thing()")
    capsys.readouterr()
    assert main(["evaluate", "1", "--checkpoint", "last", "--tta", "none", "--scales", "10"]) == 1
    said = capsys.readouterr().err
    assert "error: plug-in net.py, line 12: AttributeError: 'Tensor' object has no attribute 'no_such_thing'" in said
    assert "Traceback" not in said


def test_pictures_of_a_wrong_shape_are_refused_before_a_run_is_made(home: Path, capsys: pytest.CaptureFixture[str]
                                                                   ) -> None:
    write(home, "sets.py", "@dataset(classes=('a', 'b'))\ndef odd():\n"
          "    return Arrays(np.zeros((9, 8)), [0] * 9, np.zeros((9, 8)), [0] * 9)\n")
    for words in (("data", "odd"), ("train", "--dataset", "odd")):
        assert main(words) == 2
        said = capsys.readouterr()
        assert said.err == ("error: plug-in sets.py, line 4: odd gives for train_images float64 of shape (9, 8), "
                            "expected uint8\n")
    assert Store.open().runs.list() == []


def test_a_classifier_that_cannot_be_told_is_not_trained_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _net(home, head="last")
    for mode in ("head", "split"):
        assert main([*TRAIN, "--model", "net", "--fine-tune", mode]) == 1
        assert (f"fine_tune: '{mode}' is not possible for Net, whose classifier is unknown: name that part head, "
                "classifier or fc") in capsys.readouterr().err
    assert main([*TRAIN, "--model", "net"]) == 0


def test_what_is_no_module_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, "net.py", "@model(size=8)\ndef net(num_classes, in_chans):\n    return 7\n")
    assert main([*TRAIN, "--model", "net"]) == 1
    assert "model: 'net' is not a function that returns a torch.nn.Module, but int" in capsys.readouterr().err


def test_a_task_of_a_plugin_is_launched_as_darkrooms_own_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, "toy.py", """
from dataclasses import replace
from engine.tasks import TASKS

task(replace(TASKS["classification"], name="toy", score_name="toy score"))

@dataset(classes=("dark", "light"), task="toy")
def toys():
    images = (np.arange(80) % 2 * 200).astype(np.uint8).repeat(64).reshape(80, 8, 8, 1)
    return Arrays(images[:60], np.arange(60) % 2, images[60:], np.arange(20) % 2)

@model(size=8, smallest=8, task="toy")
def toy_net(num_classes, in_chans):
    return nn.Sequential(nn.Flatten(), nn.Linear(in_chans * 64, num_classes))
""")
    words = ("--epochs", "1", "--batch-size", "8", "--device", "cpu")
    assert main(["train", "--dataset", "toys", "--model", "toy_net", *words]) == 0
    assert "best validation toy score" in capsys.readouterr().err
    [run] = Store.open().runs.list()
    assert (run.task, run.test_score) == ("toy", 1.0)
    assert main(["train", "--dataset", "toys", *words]) == 2
    assert "is not a model for toy, the task of toys: toy_net" in capsys.readouterr().err
