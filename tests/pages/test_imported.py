"""Imported runs stand among the others; what they lack is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.imports import import_results
from engine.store import Store
from tests import published
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_run

LACKS = "without predictions and checkpoints"


def imported(store: Store, name: str = "mix-augmentation") -> list[str]:
    return [str(run.id) for run in import_results(store, published.FOLDER / f"{name}.csv", "elsewhere").runs]


def test_they_are_in_the_table_of_runs(store: Store) -> None:
    add_run(store)
    imported(store)
    page = open_page("runs")
    assert_calm(page)
    rows = page.dataframe[0].value
    assert len(rows) == 25 and "Control-1" in set(rows["name"])
    assert rows["test_score"].iloc[0] == pytest.approx(46.05)


def test_their_figures_are_compared_and_only_what_is_known_of_them_differs(store: Store) -> None:
    own = str(add_run(store, lr=0.5).id)
    first, second, *_ = imported(store)
    page = open_page("compare", run=f"{own},{first},{second}")
    assert_calm(page)
    options = set(page.dataframe[1].value["Option"])
    assert "Model" in options and "Learning rate" not in options
    assert "imported runs have none" in shown(page)


def test_curves_that_came_with_them_are_drawn(store: Store, tmp_path: Path) -> None:
    (tmp_path / "chart.csv").write_text('"Step","a - val_acc","b - val_acc"\n"1","0.4","0.5"\n"2","0.45","0.6"\n')
    runs = import_results(store, tmp_path / "chart.csv", "curves").runs
    page = open_page("compare", run=",".join(str(run.id) for run in runs))
    assert_calm(page)
    live = open_page("live", run=str(runs[0].id))
    assert_calm(live)
    assert "imported from" in shown(live) and "chart.csv" in shown(live)
    row = open_page("runs").dataframe[0].value.iloc[0]
    assert row["dataset"] is None and row["model"] is None  # the file tells neither


def test_results_show_the_figures_and_say_that_there_is_no_more(store: Store) -> None:
    page = open_page("results", run=imported(store)[0])
    assert_calm(page)
    assert page.metric[0].value == "45.88 %" and LACKS in shown(page)
    assert not [button for button in page.button if button.label == "Try"]


def test_every_page_opens_with_them_alone(store: Store, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("dataset,model,accuracy\nPets,MyNet,0.5\nPets,OurNet,0.6\n")
    run = import_results(store, tmp_path / "odd.csv", "odd").runs[0]
    for name in ("runs", "compare", "results", "live", "fit", "data", "try_image"):
        assert_calm(open_page(name, run=str(run.id)))
    assert "Nothing to try yet" in shown(open_page("try_image", run=str(run.id)))


def test_none_can_be_resumed_from_the_live_page(store: Store) -> None:
    run = imported(store)[0]
    keys = {button.key for button in open_page("live", run=run).button}
    assert f"content_copy_{run}" in keys and not keys & {f"more_time_{run}", f"play_arrow_{run}"}
