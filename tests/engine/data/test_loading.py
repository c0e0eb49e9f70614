"""Finding, reading and preparing data sets."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.catalog.datasets import DATASETS
from engine.data import load_dataset, pictures
from engine.data.prepared import prepared_dir
from engine.data.readers import idx
from engine.data.readers.cifar import CIFAR10, CIFAR100, Layout
from engine.errors import UserError
from engine.home import ROOT
from tests.engine.data import sources


def refused(*arguments: str) -> str:
    with pytest.raises(UserError) as caught:
        load_dataset(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_digits_are_scikit_learns(home: Path) -> None:
    from sklearn.datasets import load_digits

    digits = load_dataset("Digits")
    row = DATASETS["Digits"]
    assert (len(digits.train_images), len(digits.test_images)) == (row.train, row.test) == (1437, 360)
    ours = np.concatenate((digits.train_images, digits.test_images))[..., 0].reshape(-1, 64)
    theirs = np.rint(load_digits().data * 255 / 16).astype(np.uint8)
    assert sorted(map(bytes, ours)) == sorted(map(bytes, theirs))
    assert ours.max() == 255 and ours.min() == 0
    assert np.ptp(np.bincount(digits.test_targets)) <= 2


def test_importing_and_loading_needs_neither_torch_nor_scikit_learn(home: Path) -> None:
    code = ("import sys, engine.data; engine.data.load_dataset('Digits'); "
            "print([m for m in ('torch', 'sklearn', 'torchvision') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("inside", ["", "FashionMNIST/raw"])
def test_fashion_mnist_from_a_named_folder(home: Path, zipped: bool, inside: str) -> None:
    files = sources.fashion(home / "mine" / inside, zipped=zipped)
    dataset = load_dataset("FashionMNIST", str(home / "mine"))
    raw = files["train-images"].read_bytes()
    expected = np.frombuffer(gzip.decompress(raw) if zipped else raw, np.uint8, offset=16).reshape(40, 28, 28, 1)
    assert np.array_equal(dataset.train_images, expected) and dataset.train_images.dtype == np.uint8
    assert dataset.test_targets.tolist() == [*range(10)] * 2 and dataset.test_targets.dtype == np.int64
    assert dataset.mean == pytest.approx([expected.mean() / 255])
    assert dataset.std == pytest.approx([expected.std() / 255])
    assert dataset.classes == DATASETS["FashionMNIST"].classes


@pytest.mark.parametrize(("name", "layout", "classes"), [("CIFAR10", CIFAR10, 10), ("CIFAR100", CIFAR100, 100)])
def test_cifar_from_a_named_folder(home: Path, name: str, layout: Layout, classes: int) -> None:
    import torchvision.datasets

    folder = sources.cifar(home / "mine", layout, count=100, classes=classes)
    assert layout.folder == getattr(torchvision.datasets, name).base_folder
    dataset = load_dataset(name, str(home / "mine"))
    first = pickle.loads((folder / layout.files[0]).read_bytes())[b"data"]
    assert np.array_equal(dataset.train_images[:100], first.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    assert len(dataset.train_targets) == 100 * (len(layout.files) - 1)
    assert len(dataset.mean) == len(dataset.std) == 3
    assert load_dataset(name, str(folder)).fingerprint == dataset.fingerprint


@pytest.mark.parametrize("name", ["FashionMNIST", "CIFAR10", "CIFAR100"])
def test_missing_says_how_to_get_it(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(idx, "DEBIAN", home / "nowhere")
    assert DATASETS[name].missing in refused(name)
    assert str(home / "empty") in refused(name, str(home / "empty"))


def test_unknown_name_has_a_suggestion(home: Path) -> None:
    assert "FashionMNIST" in refused("FashonMNIST")


def test_broken_idx_files_are_named(home: Path) -> None:
    folder = home / "mine"

    def broken(key: str, content: bytes) -> str:
        path = sources.fashion(folder)[key]
        path.write_bytes(content)
        said = refused("FashionMNIST", str(folder))
        assert path.name in said
        return said

    whole = sources.fashion(folder)["train-images"].read_bytes()
    assert "cannot be read" in broken("train-images", whole[: len(whole) // 2])
    assert "cannot be read" in broken("t10k-images", b"<html>not found</html>")
    assert "not an IDX" in broken("train-images", gzip.compress(b"hello world, this is no picture"))
    assert "its header says" in broken("train-images", gzip.compress(gzip.decompress(whole)[:-1]))
    labels = np.arange(40, dtype=np.uint8) % 10
    assert "39 labels for 40" in broken("train-labels", gzip.compress(sources.idx(labels[:39])))
    assert "label 10" in broken("train-labels", gzip.compress(sources.idx(labels + 1)))
    sources.fashion(folder)["t10k-labels"].unlink()
    assert "t10k-labels-idx1-ubyte" in refused("FashionMNIST", str(folder))
    sources.fashion(folder, side=20)
    assert "20×20" in refused("FashionMNIST", str(folder))


def test_broken_cifar_pickles_are_named(home: Path) -> None:
    def broken(change: dict[str, object]) -> str:
        said = refused("CIFAR10", str(sources.cifar(home / "mine", CIFAR10, **change)))
        assert "data_batch_1" in said
        return said

    assert "19 labels for 20" in broken({"labels": [0] * 19})
    assert "0 to 9" in broken({"labels": [10] * 20})
    assert "0 to 9" in broken({"labels": [-1] * 20})
    assert "3,072" in broken({"data": np.zeros((20, 100), np.uint8)})
    assert "3,072" in broken({"data": "text"})
    folder = sources.cifar(home / "mine", CIFAR10)
    part = folder / "data_batch_3"
    part.write_bytes(part.read_bytes()[:-100])
    assert "data_batch_3" in refused("CIFAR10", str(folder))
    part.unlink()
    assert "data_batch_3 is missing" in refused("CIFAR10", str(folder))


def test_a_pickle_cannot_run_code(home: Path) -> None:
    folder = sources.cifar(home / "mine", CIFAR10)
    (folder / "test_batch").write_bytes(b"cos\nsystem\n(S'touch " + str(home / "ran").encode() + b"'\ntR.")
    assert "os.system" in refused("CIFAR10", str(folder)) or "posix.system" in refused("CIFAR10", str(folder))
    assert not (home / "ran").exists()


def test_later_loads_read_the_prepared_copy(home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sources.fashion(home / "mine")
    first = load_dataset("FashionMNIST", str(home / "mine"))
    monkeypatch.setattr(idx, "read_idx", lambda *_: pytest.fail("read again"))
    second = load_dataset("FashionMNIST", str(home / "mine"))
    assert isinstance(second.train_images, np.memmap)
    assert second.fingerprint == first.fingerprint and np.array_equal(second.train_images, first.train_images)


def test_changed_sources_are_read_again(home: Path) -> None:
    sources.fashion(home / "mine")
    before = load_dataset("FashionMNIST", str(home / "mine")).fingerprint
    sources.fashion(home / "mine", train=50)
    after = load_dataset("FashionMNIST", str(home / "mine"))
    assert after.fingerprint != before and len(after.train_images) == 50


@pytest.mark.parametrize("damage", ["truncate", "shape", "kind", "gone", "meta", "version"])
def test_a_broken_prepared_copy_is_made_again(home: Path, damage: str) -> None:
    source = home / "mine"
    sources.fashion(source)
    whole = load_dataset("FashionMNIST", str(source)).fingerprint
    folder = prepared_dir("FashionMNIST", source)
    images, meta = folder / "train_images.npy", folder / "meta.json"
    if damage == "truncate":
        images.write_bytes(images.read_bytes()[:-1000])
    elif damage == "shape":
        np.save(images, np.zeros((39, 28, 28, 1), np.uint8))
    elif damage == "kind":
        np.save(images, np.zeros((40, 28, 28, 1), np.int8))
    elif damage == "gone":
        images.unlink()
    elif damage == "meta":
        meta.write_text(meta.read_text()[:50])
    else:
        meta.write_text(json.dumps(json.loads(meta.read_text()) | {"format": 0}))
    again = load_dataset("FashionMNIST", str(source))
    assert again.fingerprint == whole and again.train_images.shape == (40, 28, 28, 1)
    assert again.train_images[:].any()


def test_the_prepared_copy_outlives_its_source_but_not_its_own_damage(home: Path) -> None:
    source = home / "mine"
    files = sources.fashion(source)
    whole = load_dataset("FashionMNIST", str(source)).fingerprint
    for file in files.values():
        file.unlink()
    assert load_dataset("FashionMNIST", str(source)).fingerprint == whole
    (prepared_dir("FashionMNIST", source) / "test_images.npy").write_bytes(b"")
    assert "was not found" in refused("FashionMNIST", str(source))


def test_what_a_killed_preparation_left_is_cleared(home: Path) -> None:
    source = home / "mine"
    sources.fashion(source)
    folder = prepared_dir("FashionMNIST", source)
    leftover = folder.parent / f".{folder.name}.partial-abc"
    leftover.mkdir(parents=True)
    (leftover / "train_images.npy").write_bytes(b"half")
    load_dataset("FashionMNIST", str(source))
    assert not leftover.exists() and not list(folder.parent.glob(".*partial*"))


def test_a_full_disk_leaves_nothing_behind(home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert "No space left" in refused("Digits")
    monkeypatch.undo()
    monkeypatch.setenv("DARKROOM_HOME", str(home))
    assert len(load_dataset("Digits").train_images) == 1437


def test_several_processes_prepare_at_once(home: Path) -> None:
    sources.fashion(home / "mine", train=2000)
    program = "import sys\nfrom engine.data import load_dataset\nprint(load_dataset(*sys.argv[1:]).fingerprint)"
    processes = [subprocess.Popen([sys.executable, "-c", program, "FashionMNIST", str(home / "mine")], cwd=ROOT,
                                  stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = [process.communicate()[0] for process in processes]
    assert len(set(found)) == 1 and found[0] and [process.returncode for process in processes] == [0, 0, 0]


def test_pictures_by_position(home: Path) -> None:
    sources.fashion(home / "mine")
    dataset = load_dataset("FashionMNIST", str(home / "mine"))
    found = pictures("FashionMNIST", str(home / "mine"), "test", [3, 0])
    assert np.array_equal(found, dataset.test_images[[3, 0]])
    assert np.array_equal(pictures("FashionMNIST", str(home / "mine"), "val", [39]), dataset.train_images[[39]])
    assert pictures("FashionMNIST", str(home / "mine"), "test", []).shape == (0, 28, 28, 1)
    for wrong in (-1, 20):
        with pytest.raises(IndexError):
            pictures("FashionMNIST", str(home / "mine"), "test", [wrong])
