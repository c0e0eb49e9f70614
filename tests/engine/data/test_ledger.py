"""The account of a source: its sums agree, whatever a reader says."""

from __future__ import annotations

import pytest

from engine.data.ledger import Account, Decision, Ledger, LeftOut, Part

FOUND = ("a.png", "b.png", "c.txt")


@pytest.mark.parametrize(("used", "left_out"), [
    ({"train": ["a.png"]}, {"c.txt": "no picture"}),  # one is forgotten
    ({"train": ["a.png", "b.png"], "test": ["b.png"]}, {"c.txt": "no picture"}),  # one is told of twice
    ({"train": ["a.png", "b.png"]}, {"c.txt": "no picture", "d.txt": "no picture"}),  # one was never found
])
def test_an_account_that_does_not_add_up_is_refused(used: dict[str, list[str]], left_out: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="was found"):
        Account.of_names("files", FOUND, used, left_out)


def test_what_could_not_be_read_is_left_out_and_the_sums_still_agree() -> None:
    account = Account.of_names("files", FOUND, {"train": ["a.png", "b.png"]}, {"c.txt": "no picture"})
    account = account.leave_out("train", {"b.png": "cannot be read"})
    assert account == Account("files", 3, {"train": 1}, (
        LeftOut("no picture", 1, ("c.txt",)), LeftOut("cannot be read", 1, ("b.png",))))
    with pytest.raises(ValueError, match="3 files were found, but the ledger accounts for 2"):
        Account("files", 3, {"train": 1}, (LeftOut("no picture", 1),))


def test_a_ledger_survives_its_document() -> None:
    ledger = Ledger((Account("files", 2, {"train": 2}),), (Part("train", "the folder a"),),
                    (Decision("a is the training part", "that is its name", "--reading"),), {"links": "none"})
    whole = ledger.with_samples({"train": {"cat": 1, "dog": 1}, "test": {"cat": 0, "dog": 3}})
    assert Ledger.of_document(whole.document()) == whole
    assert [part.origin for part in whole.parts] == ["the folder a", "the set's own files"]
    assert str(whole.decisions[0]) == "a is the training part, because that is its name; --reading decides otherwise"
    assert dict(whole.rows())["train"] == "2 from the folder a: cat 1, dog 1"
