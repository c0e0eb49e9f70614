"""Curves of W&B's charts and MLflow's histories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.imports import Plan, plan_import

CHART = '''"Step","run-a - val_acc","run-a - val_acc__MIN","run-a - val_acc__MAX","run - b - val_acc","run-a - _step"
"10","50.5","50.5","50.5","","10"
"20","60","60","60","41","20"
"30","NaN","","","42","30"
'''
HISTORY = """run_id,key,value,step,timestamp
a,val_loss,2.5,0,1
a,val_loss,1.5,10,2
a,test_acc,0.75,10,2
b,val_loss,3.5,0,1
a,val_loss,1.25,10,3
"""


def read(folder: Path, text: str) -> Plan:
    (folder / "curves.csv").write_text(text)
    return plan_import(folder / "curves.csv")


def test_wandbs_chart(tmp_path: Path) -> None:
    reading = read(tmp_path, CHART)
    assert reading.kind == "chart"
    first, second = reading.found
    assert (first.name, second.name) == ("run-a", "run - b")
    steps, values = first.curves["val_accuracy"]
    assert steps.tolist() == [10, 20, 30] and values[:2].tolist() == pytest.approx([0.505, 0.6]) and np.isnan(values[2])
    assert second.curves["val_accuracy"][0].tolist() == [20, 30] and list(first.curves) == ["val_accuracy"]
    assert reading.notes == ("Read as %: val_acc.",)


def test_mlflows_history(tmp_path: Path) -> None:
    reading = read(tmp_path, HISTORY)
    first, second = reading.found
    assert reading.kind == "history"
    assert first.name == "a" and first.curves["val_loss"][0].tolist() == [0, 10]
    assert first.curves["val_loss"][1].tolist() == [2.5, 1.25] and first.figures == {"top1": 0.75}
    assert second.curves["val_loss"][1].tolist() == [3.5]


def test_a_chart_against_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="export the chart with Step"):
        read(tmp_path, '"Relative Time (Process)","a - loss"\n"1.5","2"\n')


def test_a_point_that_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing was imported.*curves.csv: line 3: loss: 'bad' is not a number"):
        read(tmp_path, '"Step","a - loss"\n"1","2"\n"2","bad"\n')
