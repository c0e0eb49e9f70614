"""A defect is one line for the user, and a traceback in a file."""

from pathlib import Path

import pytest

from engine import crash_log
from engine.cli import main as module
from engine.cli.main import main
from engine.config import RunConfig
from engine.errors import UserError
from engine.launch import create_foreground
from engine.runner.main import train_run
from engine.store import Store


@pytest.mark.parametrize("error", [ZeroDivisionError("x" * 5000), KeyError("a\nb"), RecursionError()])
def test_a_defect_is_one_line_with_a_reference(home: Path, monkeypatch: pytest.MonkeyPatch,
                                               capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(module, "call", fail)
    assert main(["runs"]) == 70
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and len(line) < 700 and "Traceback" not in line
    log = (home / "artifacts/errors.log").read_text()
    assert line.split()[-1] in log and "Traceback" in log and type(error).__name__ in log
    assert (home / "artifacts/errors.log").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("words", [["show", "\udcff"], ["stop", "\ud800"], ["study", "show", "\udcff"],
                                   ["data", "folder", "--data-path", "/\udcff"], ["train", "--exp-name", "\ud800x"]])
def test_a_name_that_is_no_text_is_refused_in_one_line(
    words: list[str], home: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words) == 2
    assert "not text in UTF-8" in (line := capsys.readouterr().err) and line.count("\n") == 1


@pytest.mark.parametrize("text", ["x" * 10_000, "several\nlines\r\n" * 100, "\ud800" * 1000])
def test_an_error_is_one_line_of_at_most_500_characters(text: str) -> None:
    line = str(UserError(f"first: {text} last"))
    assert len(line) <= 500 and len(line.splitlines()) == 1 and line.encode()
    assert line.startswith("first: ") and line.endswith(" last")


def test_what_the_system_says_is_a_line_of_at_most_500_characters(
        home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for words in (["restore", "x" * 2000], ["backup", "x" * 2000], ["study", "show", "x" * 2000], ["weights", "import",
                                                                                                   "~nobody/x"],
                  ["study", "import", str(tmp_path / "loop"), "--name", "s"]):
        assert main(words) == 2
        assert len(line := capsys.readouterr().err) <= 501 and line.count("\n") == 1


def test_a_trainer_ends_a_defect_as_the_commands_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr("engine.runner.main.prepare", fail)
    run = create_foreground(Store.open(), RunConfig())
    assert train_run(run.id) == 70
    error = str(Store.open().runs.get(run.id).error)
    assert "ZeroDivisionError: seven" in error and error.split()[-1] in (home / "artifacts/errors.log").read_text()


def test_a_log_that_cannot_be_written_is_no_second_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "artifacts").write_text("not a folder")
    assert "ZeroDivisionError" in crash_log.log_unexpected(ZeroDivisionError("x"))
