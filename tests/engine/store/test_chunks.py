"""Columns come back from their blobs exactly."""

from __future__ import annotations

import numpy as np
import pytest

from engine.store import Store, chunks
from tests.engine.store.conftest import MakeRun

_GENERATOR = np.random.default_rng(0)
_COLUMNS = {
    "one point": (np.array([7]), np.array([0.1])),
    "two points": (np.array([7, 19]), np.array([0.1, 0.2])),
    "even steps": (np.arange(1, 2000), _GENERATOR.normal(size=1999)),
    "32-bit values": (np.arange(1, 2000), _GENERATOR.normal(size=1999).astype(np.float32).astype(np.float64)),
    "uneven steps": (np.cumsum(_GENERATOR.integers(1, 9, 2000)), _GENERATOR.normal(size=2000)),
    "constant": (np.arange(0, 40_000, 20), np.full(2000, 0.1)),
    "not finite": (np.arange(4), np.array([np.nan, np.inf, -np.inf, 1e300])),
    "large steps": (np.array([0, 2**62]), np.array([-0.0, 5e-324])),
}


@pytest.fixture(params=list(_COLUMNS))
def column(request: pytest.FixtureRequest) -> chunks.Column:
    return _COLUMNS[request.param]


def test_what_is_appended_is_read_and_stays_when_packed(column: chunks.Column, store: Store, make_run: MakeRun) -> None:
    run = make_run()
    with store.connections.writing() as connection:
        chunks.append(connection, run.id, "loss", column)
        _same(chunks.read(connection, run.id, "loss"), column)
        chunks.rewrite(connection, run.id, "loss")
        _same(chunks.read(connection, run.id, "loss"), column)


def test_packing_shrinks_constant_and_32_bit_columns(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    sizes = {}
    with store.connections.writing() as connection:
        for name in ("constant", "32-bit values", "even steps"):
            chunks.append(connection, run.id, name, _COLUMNS[name])
            chunks.rewrite(connection, run.id, name)
            sizes[name] = connection.execute('SELECT sum(length("values")) FROM metric_chunks WHERE name = ?',
                                             (name,)).fetchall()[0][0] / len(_COLUMNS[name][0])
    assert sizes["constant"] < 0.2 and sizes["32-bit values"] <= 4 and sizes["even steps"] == 8


@pytest.mark.parametrize("batch", [1, 7, 511, 512, 513, 1500])
def test_appending_in_batches_is_the_same_as_at_once(batch: int, store: Store, make_run: MakeRun) -> None:
    run = make_run()
    steps, values = _COLUMNS["uneven steps"]
    with store.connections.writing() as connection:
        for start in range(0, len(steps), batch):
            chunks.append(connection, run.id, "loss", (steps[start:start + batch], values[start:start + batch]))
        count = connection.execute("SELECT count(*) FROM metric_chunks").fetchall()[0][0]
        _same(chunks.read(connection, run.id, "loss"), (steps, values))
    assert count == 4


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("first", [1, 300, 512, 513, 1000, 1999])
def test_a_step_that_is_there_is_replaced(first: int, packed: bool, store: Store, make_run: MakeRun) -> None:
    run = make_run()
    steps, values = _COLUMNS["even steps"]
    with store.connections.writing() as connection:
        chunks.append(connection, run.id, "loss", (steps, values))
        if packed:
            chunks.rewrite(connection, run.id, "loss")
        chunks.append(connection, run.id, "loss", (np.arange(first, first + 900), np.zeros(900)))
        got_steps, got = chunks.read(connection, run.id, "loss")
    assert np.array_equal(got_steps, np.arange(1, max(2000, first + 900)))
    expected = np.concatenate([values, np.full(len(got) - len(values), np.nan)])
    expected[first - 1:first + 899] = 0
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("step", [0, 1, 511, 512, 513, 1998, 1999, 5000])
def test_drop_after(step: int, store: Store, make_run: MakeRun) -> None:
    run = make_run()
    steps, values = _COLUMNS["even steps"]
    with store.connections.writing() as connection:
        chunks.append(connection, run.id, "loss", (steps, values))
        chunks.drop_after(connection, run.id, "loss", step)
        _same(chunks.read(connection, run.id, "loss"), (steps[:step], values[:step]))


@pytest.mark.parametrize("after", [-1, 0, 1, 600, 1999])
def test_read_after_a_step(after: int, store: Store, make_run: MakeRun) -> None:
    run = make_run()
    steps, values = _COLUMNS["even steps"]
    with store.connections.writing() as connection:
        chunks.append(connection, run.id, "loss", (steps, values))
        _same(chunks.read(connection, run.id, "loss", after), (steps[max(after, 0):], values[max(after, 0):]))


def _same(got: chunks.Column, expected: chunks.Column) -> None:
    assert got[0].dtype == np.int64 and got[1].dtype == np.float64
    assert np.array_equal(got[0], expected[0])
    assert np.array_equal(got[1], expected[1], equal_nan=True)
