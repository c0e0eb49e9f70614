"""What is missing is said before anything is queued, measured or drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.form.draft import current, key
from engine.cli.main import main
from engine.config import parse_config
from engine.errors import ConfigError
from engine.launch.needs import check_needs

GONE = {"model": "resnet18", "weights": "file", "weights_path": "/nowhere/weights.pth"}


def test_a_weights_file_that_is_not_there_is_named_by_its_field(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"weights_path: '/nowhere/weights.pth' is not a file that is there"):
        check_needs(parse_config(GONE))
    there = tmp_path / "weights.pth"
    there.touch()
    check_needs(parse_config(GONE | {"weights_path": str(there)}))


def test_a_dry_run_and_the_form_say_so_too(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in GONE.items()]
    assert main(["train", "--dry-run", *flags]) == 2
    assert "weights_path: '/nowhere/weights.pth'" in capsys.readouterr().err
    monkeypatch.setattr("streamlit.session_state", {key(name): value for name, value in GONE.items()})
    assert "is not a file that is there" in current().error_at("weights_path")
