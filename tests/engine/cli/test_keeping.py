"""Renaming, archiving and deleting from the terminal, and the trash."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store import Store
from engine.study.document import parse_study
from engine.study.versions import Studies
from tests.engine.cli.command import TINY, document, engine
from tests.fake_runs import add_run
from tests.fake_studies import add_tested

pytestmark = pytest.mark.usefixtures("home")


def test_deleting_asks_first_and_wants_one_run(home: Path) -> None:
    for _ in range(2):
        document("train", *TINY, "--epochs", "1", "--exp-name", "twin")
    ambiguous = engine("delete", "twin", "--yes")
    assert ambiguous.returncode == 2 and "1" in ambiguous.stderr and "2" in ambiguous.stderr
    unconfirmed = engine("delete", "1")
    assert unconfirmed.returncode == 2 and "--yes" in unconfirmed.stderr
    assert [run["id"] for run in document("runs")] == [2, 1]


def test_what_was_deleted_is_in_the_trash_and_comes_back() -> None:
    run = add_run(Store.open(), name="precious")
    done = engine("delete", "precious", "--yes")
    assert done.returncode == 0 and "--put-back 1` undoes it" in done.stderr
    assert document("runs") == []
    refused = engine("show", "precious")
    assert refused.returncode == 2 and "is in the trash" in refused.stderr
    (entry,) = document("trash")
    assert entry["id"] == run.id and entry["bytes"] > 0 and entry["until"]
    assert document("trash", "--put-back", "precious") == {"put_back": [1]}
    assert [run["name"] for run in document("runs")] == ["precious"]


def test_the_trash_is_emptied_only_if_asked(home: Path) -> None:
    run = add_run(Store.open())
    engine("delete", "1", "--yes")
    refused = engine("trash", "--empty")
    assert refused.returncode == 2 and run.folder.is_dir()
    assert document("trash", "--empty", "--yes") == {"removed": [1]}
    assert not run.folder.exists() and engine("trash").stdout == "the trash is empty\n"
    missing = engine("trash", "--put-back", "1")
    assert missing.returncode == 2 and "no run 1 is in the trash" in missing.stderr


def test_archived_runs_are_left_out_and_that_is_said() -> None:
    for name in ("old", "new"):
        add_run(Store.open(), name=name)
    assert engine("archive", "old").returncode == 0
    assert [run["name"] for run in document("runs")] == ["new"]
    assert "1 archived or older run left out; --all lists every run" in engine("runs").stderr
    assert [run["name"] for run in document("runs", "--all")] == ["new", "old"]
    engine("archive", "old", "--undo")
    assert len(document("runs")) == 2


def test_of_many_runs_the_first_are_named_and_the_others_counted() -> None:
    for _ in range(13):
        add_run(Store.open(), epochs=1)
    said = engine("archive", *map(str, range(1, 14))).stderr.splitlines()
    assert len(said) == 11 and said[9].startswith("archived 10: ") and said[10] == "archived 3 more"


def test_a_run_is_renamed() -> None:
    add_run(Store.open(), name="ugly")
    assert document("rename", "ugly", "pretty")["name"] == "pretty"
    refused = engine("rename", "pretty", "a/b")
    assert refused.returncode == 2 and "name: 'a/b'" in refused.stderr


def test_a_study_that_counts_on_a_run_is_named_before_it_is_deleted() -> None:
    store = Store.open()
    study = parse_study("name: rates\nquestion: Which?\nfactors: {lr: [0.1, 0.01]}\nsettings: {dataset: Digits}\n"
                        "seeds: [0]")
    Studies(store).save(study)
    counted, alien = add_tested(store, study, ("0.1",), 0, 3), add_run(store, name="alien")
    assert "counts" not in engine("delete", str(alien.id)).stderr
    assert f"study rates counts on {counted.name}" in engine("delete", str(counted.id)).stderr
