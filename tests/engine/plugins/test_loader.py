"""A plug-in's data set: prepared like any other, checked, and known without importing the file once it is prepared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import parse_config
from engine.data import load_dataset
from engine.data.facts import data_facts
from engine.data.prepared import prepared_dir
from engine.errors import UserError
from engine.plugins import loader
from tests.plugin_files import know, put_example, write

DRAWN = """
@dataset(classes=("dark", "light"){declared})
def drawn():
    images = (np.arange(40) % 2 * 200).astype(np.uint8).repeat(64).reshape(40, 8, 8, 1)
    targets = np.arange(40) % 2
    return Arrays({returned})
"""
WHOLE = "images[:30], targets[:30], images[30:], targets[30:]"


def _drawn(home: Path, returned: str = WHOLE, declared: str = "") -> None:
    write(home, "sets.py", DRAWN.format(declared=declared, returned=returned))
    know()


def test_a_lazy_set_is_prepared_and_memory_mapped_as_any_other(home: Path) -> None:
    folder = put_example(home)
    know()
    dataset = load_dataset("Slopes", str(folder))
    assert dataset.classes == ("falling", "rising") and not dataset.streamed
    assert isinstance(dataset.train_images, np.memmap) and dataset.train_images.shape == (60, 16, 16, 3)
    for place in (0, 59):
        assert np.array_equal(dataset.train_images[place], np.load(folder / "train" / f"{place:03d}.npz")["image"])
    assert dataset.test_targets.tolist() == [0, 1] * 10
    again = load_dataset("Slopes", str(folder))
    assert again.fingerprint == dataset.fingerprint


def test_a_lazy_set_is_read_a_part_at_a_time(home: Path) -> None:
    write(home, "sets.py", """
PARTS = []

class Reader:
    def __len__(self):
        return 1000

    def __getitem__(self, ids):
        PARTS.append(len(ids))
        return (ids % 2 * 200).astype(np.uint8).repeat(64).reshape(-1, 8, 8, 1)

@dataset(classes=("dark", "light"))
def many():
    targets = np.arange(1000) % 2
    return Arrays(Reader(), targets, Reader(), targets)
""")
    know()
    dataset = load_dataset("many")
    from darkroom_plugins.sets import PARTS  # type: ignore[import-not-found]

    assert max(PARTS) < 500 and sum(PARTS) >= 2000
    assert np.array_equal(dataset.train_images[:, 0, 0, 0], np.arange(1000) % 2 * 200)


def test_arrays_need_no_folder(home: Path) -> None:
    _drawn(home)
    facts = data_facts("drawn")
    assert (facts.train, facts.test, facts.size, facts.channels, facts.classes) == (30, 10, 8, 1, ("dark", "light"))
    assert load_dataset("drawn").mean == pytest.approx((100 / 255,))
    config = parse_config({"dataset": "drawn", "batch_size": "8", "model": "tinyvgg_a"})
    assert config.dataset == "drawn"


def test_where_nothing_is_imported_it_is_known_once_it_is_prepared(home: Path, monkeypatch: pytest.MonkeyPatch
                                                                   ) -> None:
    folder = put_example(home)
    know()
    with monkeypatch.context() as page:
        page.setattr(loader, "imports_allowed", lambda: False)
        with pytest.raises(UserError, match="Slopes is not prepared yet") as caught:
            data_facts("Slopes", str(folder))
        assert f"run `python -m engine data Slopes --data-path {folder}`" in str(caught.value)
    load_dataset("Slopes", str(folder))
    monkeypatch.setattr(loader, "imports_allowed", lambda: False)
    assert data_facts("Slopes", str(folder)).train == 60
    assert len(load_dataset("Slopes", str(folder)).train_targets) == 60


def test_all_that_is_declared_is_known_before_it_is_prepared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _drawn(home, declared=", train=30, test=10, size=8, channels=1")
    monkeypatch.setattr(loader, "imports_allowed", lambda: False)
    assert data_facts("drawn").train == 30 and not prepared_dir("drawn", home / "plugins").exists()


def test_it_is_prepared_anew_when_its_file_or_its_folder_changes(home: Path) -> None:
    folder = put_example(home)
    know()
    before = load_dataset("Slopes", str(folder))
    with np.load(folder / "train" / "000.npz") as one:
        np.savez(folder / "train" / "060.npz", image=255 - one["image"], label=0)
    assert len(load_dataset("Slopes", str(folder)).train_targets) == 61
    (folder / "train" / "060.npz").unlink()
    assert load_dataset("Slopes", str(folder)).fingerprint == before.fingerprint
    file = home / "plugins" / "residual.py"
    file.write_text(file.read_text().replace('["image"] for', '["image"] // 2 for'))
    know()
    assert load_dataset("Slopes", str(folder)).fingerprint != before.fingerprint


def test_pictures_may_have_any_number_of_classes(home: Path) -> None:
    several = WHOLE.replace("targets", "np.stack([targets, 1 - targets // 2], 1)")
    _drawn(home, several, ", task='multi-label'")
    assert load_dataset("drawn").train_targets[:2].tolist() == [[0, 1], [1, 1]]
    _drawn(home, WHOLE, ", task='multi-label'")
    with pytest.raises(UserError, match="expected 0 or 1 for each of 30 pictures and 2 classes"):
        load_dataset("drawn")


@pytest.mark.parametrize(("returned", "declared", "line"), [
    ("images[:30, 0], targets[:30], images[30:], targets[30:]", "",
     "gives for train_images the shape (30, 8, 1), expected N × H × W × C with 1 or 3 channels"),
    ("images[:30] / 255, targets[:30], images[30:], targets[30:]", "",
     "gives for train_images float64 of shape (30, 8, 8, 1), expected uint8"),
    ("images[:30], targets[:30], images[30:, :4], targets[30:]", "",
     "gives training pictures of shape (8, 8, 1) and test pictures of shape (4, 8, 1)"),
    ("images[:30], targets[:29], images[30:], targets[30:]", "",
     "gives for train_targets int64 of shape (29,), expected 30 whole numbers, one a picture"),
    ("images[:30], targets[:30] * 3, images[30:], targets[30:]", "",
     "gives for train_targets values from 0 to 3, expected 0 to 1, the places of 2 classes"),
    ("images[:30], targets[:30] * 0, images[30:], targets[30:]", "", "gives no training picture of light"),
    (f"{WHOLE}, ('a', 'b')", "", "gives the classes a, b, and declares dark, light"),
    (WHOLE, ", size=9", "declares size=9, and gives 8"),
    (WHOLE, ", train=31", "declares train=31, and gives 30"),
    ("7, targets[:30], images[30:], targets[30:]", "",
     "gives for train_images int, expected an array, or a reader with len and [ids]"),
])
def test_what_does_not_fit_is_said_in_one_line_with_file_and_line(home: Path, returned: str, declared: str, line: str
                                                                 ) -> None:
    _drawn(home, returned, declared)
    with pytest.raises(UserError) as caught:
        load_dataset("drawn")
    assert str(caught.value) == f"plug-in sets.py, line 5: drawn {line}"


@pytest.mark.parametrize(("code", "line"), [
    ("    return np.zeros(3)", "line 4: odd returns ndarray, expected engine.plugins.Arrays"),
    ("    return open('/no/such/file')", "line 6: FileNotFoundError: "),
    ("""
    class Reader:
        def __len__(self): return 4
        def __getitem__(self, ids): return np.zeros((len(ids), 8, 8, 1), np.uint8)[:2]
    return Arrays(Reader(), [0, 1, 0, 1], Reader(), [0, 1, 0, 1])""",
     "line 4: odd gives for train_images[0, 1, 2, 3] uint8 of shape (2, 8, 8, 1), expected uint8 (4, 8, 8, 1)"),
    ("""
    class Reader:
        def __len__(self): return 4
        def __getitem__(self, ids): return np.load('/no/such/file')
    return Arrays(Reader(), [0, 1, 0, 1], Reader(), [0, 1, 0, 1])""", "line 9: FileNotFoundError: "),
])
def test_what_goes_wrong_while_it_is_read_is_said_in_one_line(home: Path, code: str, line: str) -> None:
    write(home, "sets.py", f"@dataset(classes=('a', 'b'))\ndef odd():\n{code}\n")
    know()
    with pytest.raises(UserError) as caught:
        load_dataset("odd")
    assert str(caught.value).startswith(f"plug-in sets.py, {line}") and "\n" not in str(caught.value)
    assert not list(home.glob("data/prepared/odd-*"))
