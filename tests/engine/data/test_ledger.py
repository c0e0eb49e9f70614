"""The account of a source: its sums agree, whatever a reader says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data import load_dataset
from engine.data.ledger import Account, Decision, Ledger, LeftOut, Part
from engine.data.readers.cifar import CIFAR10
from tests.engine.data import sources

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


KNOWN: dict[str, tuple[Callable[[Path], Path], int, str]] = {
    "SVHN": (sources.svhn, 2, "extra_32x32.mat"),
    "CIFAR10": (lambda root: sources.cifar(root, CIFAR10), 6, "batches.meta"),
    "FashionMNIST": (lambda root: sources.fashion(root)["train-images"].parent, 4, "t10k-images.old"),
    "TinyImagenet": (sources.tiny_imagenet, 30, "test/images/test_0.JPEG"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_every_file_of_a_known_set_is_accounted_for(home: Path, name: str) -> None:
    make, files, more = KNOWN[name]
    folder = make(home / "mine")
    (folder / more).parent.mkdir(parents=True, exist_ok=True)
    (folder / more).write_bytes(b"x")
    dataset = load_dataset(name, str(folder))
    account = dataset.ledger.accounts[0]
    assert (account.unit, account.found) == ("files", files + 1) and set(account.used) == {"train", "test"}
    assert more in [each for left in account.left_out for each in left.first]
    assert not any("own files" in part.origin for part in dataset.ledger.parts)
    assert any("extra_32x32.mat is not used" in note for note in dataset.notes) == (name == "SVHN")
