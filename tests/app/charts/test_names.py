"""Names of curves say what differs, and no two look the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.charts.names import groupable, groups_of, looks_of
from engine.store import Store
from tests.fake_runs import add_run


def _names(*options: dict[str, object]) -> list[str]:
    store = Store.open()
    return [look.name for look in looks_of([add_run(store, "paused", **given) for given in options]).values()]


@pytest.mark.parametrize(("options", "names"), [
    ([{"lr": 0.1}, {"lr": 0.01}], ["learning rate 0.1", "learning rate 0.01"]),
    ([{"seed": 1}, {"seed": 2}], ["seed 1", "seed 2"]),
    ([{"lr": 0.1, "seed": 1}, {"lr": 0.1, "seed": 2}, {"lr": 0.2, "seed": 1}],
     ["learning rate 0.1 · seed 1", "learning rate 0.1 · seed 2", "learning rate 0.2"]),
    ([{"lr": 0.1, "epochs": 1}, {"lr": 0.2, "epochs": 1}, {"lr": 0.3, "epochs": 2}],
     ["learning rate 0.1", "learning rate 0.2", "learning rate 0.3"]),
    ([{"lr": lr, "optimizer": optimizer} for lr in (0.1, 0.2) for optimizer in ("SGD", "Adam")],
     [f"optimizer {optimizer} · learning rate {lr}" for lr in (0.1, 0.2) for optimizer in ("SGD", "Adam")]),
    ([{"name": "a"}, {"name": "b"}], ["a", "b"]),
    ([{"name": "a"}, {"name": "a"}], ["a · #1", "a · #2"]),
    ([{"name": "a"}], ["a"]),
])
def test_a_name_says_what_differs(home: Path, options: list[dict[str, object]], names: list[str]) -> None:
    assert _names(*options) == names


def test_dashes_are_drawn_only_where_a_colour_repeats_in_the_chart(home: Path) -> None:
    store = Store.open()
    runs = [add_run(store, "paused", epochs=1, seed=seed) for seed in range(26)]
    looks = looks_of(runs)
    assert {looks[run.id].dash for run in runs[:12]} == {"solid"}
    assert len({(look.colour, look.dash) for look in looks.values()}) == 26
    assert looks_of(runs[13:14])[runs[13].id].dash == "solid"


def test_groups_are_in_the_order_of_their_values_and_tell_their_number(home: Path) -> None:
    store = Store.open()
    runs = [add_run(store, "paused", epochs=1, lr=lr, seed=seed) for lr in (0.1, 0.01) for seed in range(2)]
    assert groupable(runs) == ["lr", "seed"]
    groups = groups_of(runs, ["lr"])
    assert [group.look.name for group in groups] == ["learning rate 0.01 (2)", "learning rate 0.1 (2)"]
    assert [run.id for run in groups[0].runs] == [3, 4]
    assert len(groups_of(runs, ["lr", "seed"])) == 4
