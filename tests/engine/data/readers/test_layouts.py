"""Layouts of well-known picture sets, each read with the right classes and counts, or refused in one line."""

from __future__ import annotations

import os
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import load_dataset
from engine.data.readers.split_words import SPLITS, part_of
from engine.errors import ConfigError
from tests.engine.data.sources import picture

Layout = dict[str, int]
"""How many pictures lie in each folder; a name with a suffix is one file."""


def lay(root: Path, layout: Layout, texts: dict[str, str] | None = None) -> Path:
    for seed, (place, count) in enumerate(layout.items()):
        for number in range(count):
            file = root / place if 1 < len(Path(place).suffix) < 7 else root / place / f"{seed}_{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".png":
                picture(8, seed=100 * seed + number).save(file)
            else:
                file.write_bytes(b"x")
    for name, text in (texts or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def counts(place: Path | str) -> tuple[dict[str, int], dict[str, int]]:
    """The samples of each class, in training and test; the ledger accounts for every file there is."""
    dataset = load_dataset("folder", str(place))
    root = Path(str(place).partition("?")[0])
    assert dataset.ledger.accounts[0].found == sum(len(files) for _, _, files in os.walk(root))
    found = {part.name: dict(part.samples) for part in dataset.ledger.parts}
    assert [sum(found[part].values()) for part in ("train", "test")] == [
        len(dataset.train_targets), len(dataset.test_targets)]
    return found["train"], found["test"]


TWO = {"cat": 4, "dog": 3}
LAYOUTS: dict[str, tuple[Layout, dict[str, int], dict[str, int]]] = {
    "intel scenes": ({"seg_train/seg_train/sea": 4, "seg_train/seg_train/forest": 3, "seg_test/seg_test/sea": 1,
                      "seg_test/seg_test/forest": 2, "seg_pred/seg_pred": 5}, {"forest": 3, "sea": 4},
                     {"forest": 2, "sea": 1}),
    "chest x-rays": ({"chest_xray/train/NORMAL": 3, "chest_xray/train/PNEUMONIA": 4, "chest_xray/test/NORMAL": 2,
                      "chest_xray/test/PNEUMONIA": 1, "chest_xray/val/NORMAL": 1, "chest_xray/val/PNEUMONIA": 1,
                      "chest_xray/.DS_Store": 1, "__MACOSX/chest_xray/._train": 1},
                     {"NORMAL": 3, "PNEUMONIA": 4}, {"NORMAL": 2, "PNEUMONIA": 1}),
    "cats and dogs": ({"training_set/training_set/cats": 4, "training_set/training_set/dogs": 3,
                       "test_set/test_set/cats": 2, "test_set/test_set/dogs": 1}, {"cats": 4, "dogs": 3},
                      {"cats": 2, "dogs": 1}),
    "fruits": ({"fruits-360/Training/Apple Braeburn": 4, "fruits-360/Training/Kiwi": 3,
                "fruits-360/Test/Apple Braeburn": 2, "fruits-360/Test/Kiwi": 2, "fruits-360/test-multiple_fruits": 2,
                "fruits-360/LICENSE": 1}, {"Apple Braeburn": 4, "Kiwi": 3}, {"Apple Braeburn": 2, "Kiwi": 2}),
    "plant village": ({"PlantVillage/Tomato_healthy": 5, "PlantVillage/Potato___Late_blight": 5},
                      {"Potato___Late_blight": 4, "Tomato_healthy": 4}, {"Potato___Late_blight": 1,
                                                                         "Tomato_healthy": 1}),
    "Caltech 101": ({"101_ObjectCategories/ant": 5, "101_ObjectCategories/Faces": 5, "101_ObjectCategories/BACKGROUND"
                     "_Google/tmp": 1, "101_ObjectCategories/BACKGROUND_Google": 5, "Annotations/ant/a.mat": 1},
                    {"BACKGROUND_Google": 4, "Faces": 4, "ant": 4}, {"BACKGROUND_Google": 2, "Faces": 1, "ant": 1}),
    "imagenette": ({"imagenette2/train/n01440764": 4, "imagenette2/train/n02102040": 3, "imagenette2/val/n01440764": 2,
                    "imagenette2/val/n02102040": 1, "imagenette2/noisy_imagenette.csv": 1},
                   {"n01440764": 4, "n02102040": 3}, {"n01440764": 2, "n02102040": 1}),
    "EuroSAT": ({"2750/AnnualCrop": 5, "2750/Forest": 5}, {"AnnualCrop": 4, "Forest": 4},
                {"AnnualCrop": 1, "Forest": 1}),
    "Roboflow": ({"train/ok": 4, "train/bad": 3, "valid/ok": 2, "valid/bad": 2, "test/ok": 1, "test/bad": 1,
                  "README.dataset.txt": 1}, {"bad": 3, "ok": 4}, {"bad": 1, "ok": 1}),
    "parts inside classes": ({"cat/train": 4, "cat/test": 2, "dog/train": 3, "dog/test": 1}, TWO,
                             {"cat": 2, "dog": 1}),
    "flat test": ({"train/cat": 5, "train/dog": 5, "test1": 3}, {"cat": 4, "dog": 4}, {"cat": 1, "dog": 1}),
    "parts below images": ({"data/images/TrainImages/cat": 4, "data/images/TrainImages/dog": 3,
                            "data/images/hold-out/cat": 2, "data/images/hold-out/dog": 1, "data/labels/a.txt": 1},
                           TWO, {"cat": 2, "dog": 1}),
    "GTSRB": ({"GTSRB/Final_Training/Images/00000": 5, "GTSRB/Final_Training/Images/00001": 5,
               "GTSRB/Final_Test/Images": 3, "GTSRB/Final_Training/Images/00000/GT-00000.csv": 1,
               "GTSRB/Final_Test/Images/GT-final_test.test.csv": 1}, {"00000": 4, "00001": 4},
              {"00000": 1, "00001": 1}),
    "Tiny ImageNet": ({"tiny/train/n01/images": 4, "tiny/train/n02/images": 4, "tiny/val/images": 2,
                       "tiny/test/images": 2, "tiny/val/val_annotations.txt": 1, "tiny/train/n01/n01_boxes.txt": 1},
                      {"n01": 3, "n02": 3}, {"n01": 1, "n02": 1}),
    "CUB-200": ({"CUB/images/001.Albatross": 4, "CUB/images/002.Auklet": 4, "CUB/train_test_split.txt": 1,
                 "CUB/images.txt": 1, "CUB/parts/parts.txt": 1}, {"001.Albatross": 3, "002.Auklet": 3},
                {"001.Albatross": 1, "002.Auklet": 1}),
    "German": ({"Trainingsdaten/cat": 4, "Trainingsdaten/dog": 3, "Testdaten/cat": 2, "Testdaten/dog": 1}, TWO,
               {"cat": 2, "dog": 1}),
    "Korean": ({"학습 데이터/cat": 4, "학습 데이터/dog": 3, "시험용/cat": 2, "시험용/dog": 1}, TWO,
               {"cat": 2, "dog": 1}),
    "Chinese": ({"训练集/cat": 4, "训练集/dog": 3, "测试集/cat": 2, "测试集/dog": 1}, TWO, {"cat": 2, "dog": 1}),
    "held out": ({"train/cat": 4, "train/dog": 3, "held_out/cat": 2, "held_out/dog": 1}, TWO, {"cat": 2, "dog": 1}),
    "years inside classes": ({"cat/2019": 2, "cat/2020": 3, "dog/2019": 3, "dog/2020": 2}, {"cat": 4, "dog": 4},
                             {"cat": 1, "dog": 1}),
    "a toy train": ({"bus": 5, "train": 5, "boat/2020/05/01/a/b": 5}, {"boat": 4, "bus": 4, "train": 4},
                    {"boat": 1, "bus": 1, "train": 1}),
    "a control": ({"test": 5, "control": 5}, {"control": 4, "test": 4}, {"control": 1, "test": 1}),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_well_known_layouts_are_read_as_they_are_meant(home: Path, name: str) -> None:
    layout, train, test = LAYOUTS[name]
    assert counts(lay(home / "set", layout)) == (train, test)


LISTED: dict[str, tuple[Layout, dict[str, str], dict[str, int], dict[str, int]]] = {
    "food": ({"food/images/pie": 4, "food/images/soup": 4},
             {"food/meta/train.txt": "pie/0_0\npie/0_1\nsoup/1_0\nsoup/1_1\nsoup/1_2",
              "food/meta/test.txt": "pie/0_2\npie/0_3\nsoup/1_3", "food/meta/classes.txt": "pie\nsoup"},
             {"pie": 2, "soup": 3}, {"pie": 2, "soup": 1}),
    "flowers": ({"jpg": 8}, {"train_list.txt": "\n".join(f"jpg/0_{each}.png {each % 2 + 9}" for each in range(5)),
                             "test_list.txt": "\n".join(f"jpg/0_{each}.png {each % 2 + 9}" for each in range(5, 9))},
                {"9": 3, "10": 2}, {"9": 1, "10": 2}),
    "Oxford Pets": ({"images": 8, "annotations/trimaps/0_0.png": 1, "annotations/trimaps/0_5.png": 1},
                    {"annotations/trainval.txt": "\n".join(f"0_{each} {each % 2 + 1} 1 {each % 2 + 1}"
                                                           for each in range(5)),
                     "annotations/test.txt": "\n".join(f"0_{each} {each % 2 + 1} 1 1" for each in range(5, 8)),
                     "annotations/list.txt": "#Image CLASS-ID SPECIES BREED-ID"},
                    {"1": 3, "2": 2}, {"1": 1, "2": 2}),
    "CUB-200 with its numbers": (
        {"CUB/images/001.Albatross": 4, "CUB/images/002.Auklet": 4},
        {"CUB/images.txt": "".join(f"{4 * each + place + 1} {name}/{each}_{place}.png\n" for each, name in enumerate(
            ("001.Albatross", "002.Auklet")) for place in range(4)),
         "CUB/train_test_split.txt": "".join(f"{number} {int(number % 4 < 3)}\n" for number in range(1, 9)),
         "CUB/classes.txt": "1 001.Albatross\n2 002.Auklet\n"},
        {"001.Albatross": 3, "002.Auklet": 3}, {"001.Albatross": 1, "002.Auklet": 1}),
    "NABirds": ({"nabirds/images/0817": 3, "nabirds/images/0860": 3},
                {"nabirds/images.txt": "".join(f"00{each}-21dc{place} {folder}/{each}_{place}.png\n" for each, folder in
                                               enumerate(("0817", "0860")) for place in range(3)),
                 "nabirds/train_test_split.txt": "".join(f"00{each}-21dc{place} {int(place > 0)}\n" for each in (0, 1)
                                                         for place in range(3))},
                {"0817": 2, "0860": 2}, {"0817": 1, "0860": 1}),
    "labels of several words": (
        {"img": 6}, {"train.txt": "img/0_0.png golden retriever\nimg/0_1.png tabby cat\n0_2.png\ttabby cat\n",
                     "test.csv": "name,breed,age\n0_3.png,golden retriever,3\n\"0_4.png\", \"tabby cat\", 4\n"},
        {"golden retriever": 1, "tabby cat": 2}, {"golden retriever": 1, "tabby cat": 1}),
    "image sets": ({"cat": 4, "dog": 4}, {"ImageSets/trainval.txt": "\ufeff0_0\n0_1\n1_0\n1_1\n",
                                          "ImageSets/train.txt": "0_0\n1_0", "ImageSets/val.txt": "0_1\n1_1",
                                          "ImageSets/test.txt": "0_2\n1_2\n1_3\n"},
                   {"cat": 2, "dog": 2}, {"cat": 1, "dog": 2}),
}


@pytest.mark.parametrize("name", LISTED)
def test_lists_say_which_pictures_are_for_what(home: Path, name: str) -> None:
    layout, texts, train, test = LISTED[name]
    assert counts(lay(home / "set", layout, texts)) == (train, test)
    lines = [each for each in load_dataset("folder", str(home / "set")).ledger.accounts if "lines" in each.unit]
    assert len(lines) >= 2


REFUSED: dict[str, tuple[Layout, str]] = {
    "flat files": ({"images": 6}, "two or more classes: only images has pictures"),
    "flat parts": ({"train": 4, "test": 2}, "lie in no class folders"),
    "two trainings": ({"train/cat": 2, "train/dog": 2, "train_small/cat": 2, "train_small/dog": 2},
                      r"train, train_small may each be the train part; say 'FOLDER\?train=train' or"),
    "train beside classes": ({"train/steam": 3, "train/diesel": 3, "bus": 3},
                             r"train may be the training part, or a class beside bus; .*parts=none"),
    "a test without training": ({"data/cat": 3, "data/dog": 3, "test/cat": 2, "test/dog": 2}, r"train=data"),
    "variants of PlantVillage": ({f"data/{variant}/{name}": 2 for variant in ("color", "grayscale", "segmented")
                                  for name in ("Apple", "Corn", "Grape", "Potato")},
                                 r"data/segmented hold .* say 'FOLDER\?train=data/color' or"),
    "parts of unknown names": ({"tr/cat": 4, "tr/dog": 3, "te/cat": 2, "te/dog": 1},
                               "te, tr hold folders of the same names, .*train=te' or 'FOLDER.parts=none'"),
    "labelled beside unlabelled": ({"labeled/cat": 4, "labeled/dog": 3, "unlabeled": 3},
                                   "labeled may be the training part beside unlabeled, .*train=labeled' or"),
    "a test part beside pictures": ({"images/cat": 4, "images/dog": 3, "test": 3}, "beside test, or all are classes"),
    "classes that sound like parts": ({"train_station/north": 3, "train_station/south": 3, "test_tube/glass": 3,
                                       "test_tube/steel": 3}, "may be parts, or classes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused_with_both(home: Path, name: str) -> None:
    layout, said = REFUSED[name]
    with pytest.raises(ConfigError, match=said) as caught:
        counts(lay(home / "set", layout))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("said", "train", "test"), [
    ("train=train&test=val", {"a": 3, "b": 3}, {"a": 1, "b": 1}),
    ("train=train,val&test=test", {"a": 4, "b": 4}, {"a": 2, "b": 2}),
    ("train=train,val,test", {"a": 4, "b": 5}, {"a": 2, "b": 1}),
    ("parts=none", {"test": 3, "train": 5, "val": 1}, {"test": 1, "train": 1, "val": 1}),
])
def test_what_is_said_behind_the_folder_decides(home: Path, said: str, train: dict[str, int],
                                                test: dict[str, int]) -> None:
    lay(home / "set", {f"{part}/{name}": count for part, count in (("train", 3), ("val", 1), ("test", 2))
                       for name in "ab"})
    assert counts(f"{home / 'set'}?{said}") == (train, test)


@pytest.mark.parametrize("said", ["parts=all", "colour=red", "train", "links=perhaps", "train=nowhere"])
def test_what_cannot_be_said_is_refused(home: Path, said: str) -> None:
    lay(home / "set", {"cat": 5, "dog": 5})
    with pytest.raises(ConfigError, match="data_path"):
        load_dataset("folder", f"{home / 'set'}?{said}")


def test_a_list_in_another_form_is_said_not_to_be_used(home: Path) -> None:
    layout, _, _ = LAYOUTS["CUB-200"]
    notes = load_dataset("folder", str(lay(home / "set", layout))).notes
    assert any("CUB/train_test_split.txt is not used, though it may name the parts" in note for note in notes)


def test_classes_that_hold_the_same_folders_are_told(home: Path) -> None:
    lay(home / "set", {f"fold_{fold}/{name}": 2 for fold in range(3) for name in ("cat", "dog")})
    dataset = load_dataset("folder", str(home / "set"))
    assert dataset.classes == ("fold_0", "fold_1", "fold_2")
    assert any("fold_0, fold_1, fold_2 are the classes, though each holds cat, dog" in note for note in dataset.notes)


def test_a_part_that_is_not_used_is_said(home: Path) -> None:
    layout, _, _ = LAYOUTS["Roboflow"]
    dataset = load_dataset("folder", str(lay(home / "set", layout)))
    assert any("the pictures in valid are not used" in note for note in dataset.notes)
    assert {each.reason: each.count for each in dataset.ledger.accounts[0].left_out}[
        "in valid, a part that is not used"] == 4


def test_two_spellings_of_one_name_are_one_class(home: Path) -> None:
    written, stored = unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")
    lay(home / "set", {f"train/{written}": 2, f"train/{stored}": 2, "train/bar": 3, f"test/{stored}": 1,
                       "test/bar": 1})
    assert counts(home / "set") == ({"bar": 3, written: 4}, {"bar": 1, written: 1})
    assert any("are one class" in note for note in load_dataset("folder", str(home / "set")).notes)


AROUND = st.text(string.digits + "_- .", max_size=3)


@given(st.sampled_from(sorted(SPLITS)), AROUND, AROUND, st.sampled_from(("", "set", "Images", "_data")),
       st.sampled_from((str.lower, str.upper, str.title)))
@settings(max_examples=200, deadline=None)
def test_a_split_word_is_known_in_any_case_and_with_anything_around(
        word: str, before: str, after: str, neutral: str, case: object) -> None:
    assert callable(case)
    assert part_of(before + str(case(word)) + neutral + after) == SPLITS[word]


@given(st.text(string.ascii_lowercase, min_size=1, max_size=12))
def test_a_word_that_only_holds_a_split_word_is_none(rest: str) -> None:
    assert part_of(f"zx{rest}train") == "" and part_of(f"trainzx{rest}") == ""


@given(st.text(min_size=1, max_size=12))
def test_the_part_does_not_depend_on_how_accents_are_stored(name: str) -> None:
    assert part_of(unicodedata.normalize("NFD", name)) == part_of(unicodedata.normalize("NFC", name))
