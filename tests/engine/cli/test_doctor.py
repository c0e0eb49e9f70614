"""``doctor``: what it finds, and how a finding is let stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.cli.main import main
from engine.store import Store
from tests.engine.analysis.doctor.ended import PICTURES, ended_run


def test_findings_are_listed_and_acknowledged(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open()
    sound, broken = ended_run(store, accuracy=0.9), ended_run(store, predicted=np.full(PICTURES, 3), seed=1)
    assert main(["doctor"]) == 0
    told = capsys.readouterr()
    assert "at-chance" in told.out and f"#{broken.id}" in told.out and f"#{sound.id}" not in told.out
    assert "2 runs examined, 1 finding; 1 excluded" in told.err
    assert main(["doctor", str(broken.id), "--acknowledge", "at-chance", "--note", "on purpose"]) == 0
    told = capsys.readouterr()
    assert "on purpose" in told.out and "excluded" not in told.err.splitlines()[-1]


def test_what_is_not_found_is_not_acknowledged(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ended_run(Store.open(), accuracy=0.9)
    assert main(["doctor", str(run.id), "--acknowledge", "at-chance"]) == 2
    assert "has no finding at-chance" in capsys.readouterr().err
    assert main(["doctor", "--acknowledge", "nonsense"]) == 2
    assert "acknowledge: 'nonsense' is not one of not-finite" in capsys.readouterr().err
    assert main(["doctor"]) == 0
    assert "1 run examined, no findings" in capsys.readouterr().err
