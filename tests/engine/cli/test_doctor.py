"""``doctor``: what it finds, and how a finding is let stand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.cli.main import main
from engine.store import Store, Sure
from tests.engine.analysis.doctor.ended import PICTURES, ended_run
from tests.fake_runs import add_run


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


def test_what_it_is_sure_of_is_listed_while_the_run_trains(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open()
    run = add_run(store, "paused", epochs=6)
    store.sure.put(Sure(run.id, "not-finite", 6, "val loss is NaN"))
    for command in (["runs"], ["show", str(run.id)]):
        assert main(command) == 0
        assert "the doctor is sure of not-finite after epoch 6: val loss is NaN" in capsys.readouterr().out
    assert main(["doctor"]) == 0
    assert "after epoch 6: val loss is NaN" in capsys.readouterr().out
    assert main(["show", str(run.id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sure"][0]["rule"] == "not-finite"
