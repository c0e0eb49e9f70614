"""What the doctor is sure of is kept by run and rule, and read back whatever its message says."""

from __future__ import annotations

from engine.store import Store, Sure
from tests.engine.store.conftest import MakeRun


def test_it_is_kept_until_it_is_withdrawn(store: Store, make_run: MakeRun) -> None:
    one, other = make_run().id, make_run().id
    first = Sure(one, "learns-nothing", 6, "accuracy: 10 % after epoch 3: bad\nand worse")
    store.sure.put(first)
    store.sure.put(Sure(one, "not-finite", 7, ""))
    store.sure.put(Sure(other, "not-finite", 1, "NaN"))
    store.events.add(one, "doctor", "said something else")
    assert store.sure.of([one])[one] == [first, Sure(one, "not-finite", 7, "")]
    store.sure.withdraw(one, "not-finite", 9)
    store.sure.withdraw(other, "not-finite", 3)
    assert store.sure.of([one, other, 999]) == {one: [first]}
