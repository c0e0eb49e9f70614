"""A defect is one line for the user, and a traceback in a file."""

from pathlib import Path

import pytest

from engine import crash_log
from engine.cli import main as module
from engine.cli.main import main


@pytest.fixture(autouse=True)
def _fresh_log() -> None:
    crash_log._log.cache_clear()
    for handler in list(crash_log.logging.getLogger("darkroom.errors").handlers):
        crash_log.logging.getLogger("darkroom.errors").removeHandler(handler)


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


def test_a_log_that_cannot_be_written_is_no_second_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "artifacts").write_text("not a folder")
    assert "ZeroDivisionError" in crash_log.log_unexpected(ZeroDivisionError("x"))
