"""Folders of pictures: their layouts, what is wrong with them, and sets too large for memory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import Dataset, load_dataset, loading
from engine.data.facts import data_facts
from engine.data.readers import pictures as reading
from engine.data.readers.picture_files import PictureFiles
from engine.errors import ConfigError, UserError
from tests.engine.data.sources import PET_CLASSES, class_folder, content, picture


def load(root: Path, unreadable: str = "stop") -> Dataset:
    return load_dataset("folder", str(root), unreadable=unreadable)


def refused(root: Path) -> str:
    """What the facts say, before a run is queued; loading says the same."""
    with pytest.raises(ConfigError) as caught:
        data_facts("folder", str(root))
    with pytest.raises(ConfigError) as loaded:
        load(root)
    assert str(caught.value) == str(loaded.value) and "\n" not in str(caught.value)
    assert caught.value.key == "data_path"
    return str(caught.value)


def agree(root: Path) -> Dataset:
    """The set, whose facts are the same before and after it was read."""
    before = data_facts("folder", str(root))
    dataset = load(root)
    assert data_facts("folder", str(root)) == before
    assert (before.classes, before.train, before.test) == (
        dataset.classes, len(dataset.train_targets), len(dataset.test_targets))
    assert dataset.train_images.shape[1:] == (before.size, before.size, before.channels)
    return dataset


def test_without_a_test_folder_a_stratified_fifth_is_held_out(home: Path) -> None:
    dataset = agree(class_folder(home / "pets"))
    assert dataset.classes == PET_CLASSES and dataset.train_images.shape == (24, 12, 12, 3)
    assert np.bincount(dataset.test_targets).tolist() == [2, 2, 2]
    every = {bytes(image) for images in (dataset.train_images, dataset.test_images) for image in np.asarray(images[:])}
    assert every == {np.asarray(picture(12, seed=1000 * label + number)).tobytes()
                     for label in range(3) for number in range(10)}
    assert "stratified fifth" in dataset.notes[0] and not dataset.skipped and not dataset.streamed


@pytest.mark.parametrize(("there", "test", "notes"), [
    (("train", "test"), "test", 1), (("Training", "val"), "val", 1), (("train", "valid", "test"), "test", 2)])
def test_split_folders_are_kept_as_they_are(home: Path, there: tuple[str, ...], test: str, notes: int) -> None:
    for number, name in enumerate(there):
        class_folder(home / "pets" / name, count=3 + number)
    dataset = agree(home / "pets")
    assert len(dataset.train_targets) == 9 and len(dataset.test_targets) == 3 * (3 + there.index(test))
    assert len(dataset.notes) == notes and test in dataset.notes[0]
    assert np.array_equal(dataset.train_images[4], np.asarray(picture(12, seed=1001)))


def test_a_train_folder_alone_is_divided(home: Path) -> None:
    class_folder(home / "pets" / "train")
    assert len(agree(home / "pets").test_targets) == 6


def test_pictures_may_lie_deeper_and_litter_is_passed_by(home: Path) -> None:
    root = class_folder(home / "pets")
    before = load(root).fingerprint
    (root / "cats" / "inner").mkdir()
    (root / "cats" / "000.png").rename(root / "cats" / "inner" / "000.PNG")
    (root / "dogs" / "._000.png").write_bytes(b"litter")
    (root / "dogs" / "labels.txt").write_text("text")
    (root / "__MACOSX").mkdir()
    (root / ".git").mkdir()
    dataset = agree(root)
    assert len(dataset.train_targets) + len(dataset.test_targets) == 30 and dataset.classes == PET_CLASSES
    assert dataset.fingerprint != before  # 000.PNG comes last now


def test_sizes_and_modes_may_differ(home: Path) -> None:
    root = class_folder(home / "pets", side=16)
    for name, image in (("a", picture(16).resize((40, 20))), ("b", picture(9, colour=False))):
        image.save(root / "cats" / f"{name}.jpg")
    picture(16).convert("P").save(root / "dogs" / "c.gif")
    assert agree(root).train_images.shape[1:] == (16, 16, 3)


def test_grey_pictures_have_one_channel(home: Path) -> None:
    assert agree(class_folder(home / "pets", colour=False)).train_images.shape[3] == 1


def test_what_is_not_a_folder_of_classes_is_said(home: Path) -> None:
    assert "existing place" in refused(home / "nowhere")
    (home / "empty").mkdir()
    assert "one subfolder of pictures for each class" in refused(home / "empty")
    picture().save(home / "empty" / "a.png")
    assert "one subfolder of pictures for each class" in refused(home / "empty")
    assert "two or more classes: only cats has pictures" in refused(class_folder(home / "one", classes=("cats",)))
    root = class_folder(home / "pets")
    (root / "yaks").mkdir()
    assert "pictures of every class: yaks has none" in refused(root)


def test_an_empty_path_asks_for_one(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"^data_path: '' is not the place of your own pictures"):
        data_facts("folder", "")
    with pytest.raises(ConfigError, match="data_path"):
        load_dataset("folder", "")


def test_a_class_that_is_only_in_the_test_set_is_named(home: Path) -> None:
    class_folder(home / "pets" / "train", classes=("cats", "dogs"))
    class_folder(home / "pets" / "test")
    assert "emus has no training pictures" in refused(home / "pets")


def test_a_test_set_without_a_class_is_noted(home: Path) -> None:
    class_folder(home / "pets" / "train")
    class_folder(home / "pets" / "test", classes=("cats", "emus"))
    dataset = agree(home / "pets")
    assert "the test set has no picture of dogs" in dataset.notes
    assert np.bincount(dataset.test_targets, minlength=3).tolist() == [10, 0, 10]


def test_unreadable_pictures_stop_the_run_or_are_skipped_and_named(home: Path) -> None:
    root = class_folder(home / "pets")
    (root / "cats" / "003.png").write_bytes(b"no picture")
    (root / "dogs" / "007.png").write_bytes(content(picture(12))[:100])
    for _ in range(2):  # also when the readable ones are prepared already
        with pytest.raises(UserError, match=r"2 of 30 pictures .*cats/003\.png.*; dogs/007\.png.*skip") as caught:
            load(root)
        assert "\n" not in str(caught.value)
    dataset = load(root, "skip")
    assert [each.partition(":")[0] for each in sorted(dataset.skipped)] == ["cats/003.png", "dogs/007.png"]
    assert len(dataset.train_targets) + len(dataset.test_targets) == 28
    assert data_facts("folder", str(root)).train == len(dataset.train_targets)
    expected = {np.asarray(picture(12, seed=1000 * label + number)).tobytes(): label
                for label in range(3) for number in range(10)}
    for images, targets in ((dataset.train_images, dataset.train_targets), (dataset.test_images, dataset.test_targets)):
        assert [expected[bytes(image)] for image in np.asarray(images[:])] == targets.tolist()
    picture(12, seed=3).save(root / "cats" / "003.png")
    picture(12, seed=1007).save(root / "dogs" / "007.png")
    assert not load(root).skipped


def test_a_class_with_no_readable_picture_is_an_error(home: Path) -> None:
    root = class_folder(home / "pets", count=4)
    for file in (root / "cats").iterdir():
        file.write_bytes(b"broken")
    with pytest.raises(UserError, match=r"no training picture of cats can be read; the first: cats/00\d\.png"):
        load(root, "skip")


@pytest.fixture
def streamed(home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reading, "MEMORY_BUDGET", 1000)
    root = class_folder(home / "pets")
    (root / "cats" / "003.png").write_bytes(b"no picture")
    return root


def test_a_set_too_large_for_memory_is_streamed_and_the_same(streamed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = load(streamed, "skip")
    assert lazy.streamed and isinstance(lazy.train_images, PictureFiles)
    assert lazy.skipped == ("cats/003.png: cannot be read (its content is no picture)",)
    assert data_facts("folder", str(streamed)).train == len(lazy.train_targets)
    assert not list((streamed.parent / "data" / "prepared").rglob("*images.npy"))
    shutil.copytree(streamed, streamed.parent / "copy")
    monkeypatch.undo()
    monkeypatch.setenv("DARKROOM_HOME", str(streamed.parent))
    whole = load(streamed.parent / "copy", "skip")
    assert not whole.streamed
    for split in ("train", "test"):
        images = getattr(lazy, f"{split}_images")
        assert np.array_equal(images[np.arange(len(images))], getattr(whole, f"{split}_images"))
        assert np.array_equal(getattr(lazy, f"{split}_targets"), getattr(whole, f"{split}_targets"))
    assert lazy.mean == whole.mean and lazy.std == whole.std


def test_the_fingerprint_of_a_streamed_set_tells_its_content(streamed: Path) -> None:
    first = load(streamed, "skip").fingerprint
    os.utime(streamed / "cats" / "001.png")
    moved = streamed.rename(streamed.with_name("elsewhere"))
    assert load(moved, "skip").fingerprint == first and len(first) == 16
    picture(12, seed=77).save(moved / "cats" / "001.png")
    assert load(moved, "skip").fingerprint != first


def test_a_streamed_set_that_is_gone_is_missing(streamed: Path) -> None:
    load(streamed, "skip")
    shutil.rmtree(streamed)
    with pytest.raises(ConfigError, match="existing place"):
        load(streamed, "skip")


def test_a_prepared_folder_outlives_its_source(home: Path) -> None:
    root = class_folder(home / "pets")
    facts, print_ = data_facts("folder", str(root)), load(root).fingerprint
    shutil.rmtree(root)
    assert load(root).fingerprint == print_ and data_facts("folder", str(root)) == facts


def test_facts_follow_the_folder(home: Path) -> None:
    root = class_folder(home / "pets")
    assert data_facts("folder", str(root)).train == 24
    load(root)
    Image.new("RGB", (12, 12)).save(root / "cats" / "new.png")
    Image.new("RGB", (12, 12)).save(root / "cats" / "newer.png")
    assert data_facts("folder", str(root)).train + data_facts("folder", str(root)).test == 32


def test_a_picture_too_large_for_the_memory_allowed_is_named_and_not_left_out(
    home: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = class_folder(home / "pets")
    Image.new("L", (12_000, 12_000)).save(root / "cats" / "vast.png")
    monkeypatch.setenv("DARKROOM_READ_GB", "0.5")
    with pytest.raises(UserError, match=r"vast\.png: reading needs more than 500 MB of memory.*DARKROOM_READ_GB"):
        load(root, "skip")


@pytest.fixture
def linked(home: Path) -> Path:
    """Pets, one of them behind a link to a file, three behind a link to a folder."""
    root = class_folder(home / "pets")
    class_folder(home / "elsewhere", classes=("more",), count=3)
    (root / "cats" / "linked.png").symlink_to(home / "elsewhere" / "more" / "000.png")
    (root / "dogs" / "more").symlink_to(home / "elsewhere" / "more")
    return root


@pytest.mark.parametrize(("said", "used", "lost"), [("", 34, 0), ("?links=follow", 34, 0), ("?links=skip", 30, 2)])
def test_links_are_followed_or_left_out_as_is_said(linked: Path, said: str, used: int, lost: int) -> None:
    dataset = load(Path(f"{linked}{said}"))
    account = dataset.ledger.accounts[0]
    assert sum(account.used.values()) == used == len(dataset.train_targets) + len(dataset.test_targets)
    reasons = [("a link, which is not followed", 2)] * bool(lost)
    assert [(each.reason, each.count) for each in account.left_out] == reasons
    assert ("4 files behind links" in dataset.ledger.looks.get("links", "")) == (not lost)


@pytest.mark.parametrize("target", [".", "..", "cats", "../dogs/way"])
def test_a_loop_of_links_is_refused_and_can_be_left_out(home: Path, target: str) -> None:
    root = class_folder(home / "pets")
    (root / "cats" / "back").symlink_to(root / "cats" / target if target != "cats" else root / "cats")
    (root / "dogs" / "way").symlink_to(root / "cats")
    with pytest.raises(ConfigError, match=r"a folder without loops: the link .* leads back .*'FOLDER\?links=skip'"):
        load(root)
    assert len(load(Path(f"{root}?links=skip")).train_targets) == 24


def test_a_dangling_link_is_unreadable_like_any_broken_picture(home: Path) -> None:
    root = class_folder(home / "pets")
    (root / "cats" / "gone.png").symlink_to("/nowhere/cat.png")
    with pytest.raises(UserError, match=r"1 of 31 pictures cannot be read \(cats/gone\.png: cannot be read"):
        load(root)
    assert load(root, "skip").skipped == ("cats/gone.png: cannot be read (No such file or directory)",)


def test_how_far_reading_has_come_is_told(home: Path) -> None:
    said: list[str] = []
    with loading.telling(said.append, every=0):
        load(class_folder(home / "pets"))
    assert said[0] == "reading folder: 1 of 30 files"
    assert "writing folder so that it opens at once from now on" in said and len(said) >= 30


def test_every_file_that_is_no_sample_is_left_out_for_a_reason(home: Path) -> None:
    root = class_folder(home / "pets")
    for name in ("cats/2020/01/05/far.png", "Thumbs.db", ".DS_Store", "__MACOSX/cats/._000.png", "cats/notes.txt",
                 "cats/raw.cr2", "stray.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(12).save(root / name, "PNG")
    account = load(root).ledger.accounts[0]
    assert account.found == 37 and sum(account.used.values()) == 31
    assert {each.reason: each.count for each in account.left_out} == {
        "hidden, or left behind by an archive or a system": 3, "no picture by name (.txt)": 1,
        "no picture by name (.cr2)": 1, "in no class folder of a part": 1}
