"""VOC folders in their usual layouts, and all that can be wrong with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import load_detection
from engine.data.facts import data_facts
from engine.errors import ConfigError, UserError
from tests.engine.data.box_sources import many, picture_file, voc, voc_xml


def test_a_folder_as_of_voc2012(home: Path) -> None:
    names = list(many())
    root = voc(home / "voc", many(), {"train": names[:12], "val": names[12:], "trainval": names})
    picture_file(root / "SegmentationClass" / "p00.png", seed=99)
    dataset = load_detection("voc", str(root), unreadable="stop")
    assert dataset.classes == ("cat", "dog")
    assert dataset.train.names == tuple(f"JPEGImages/{name}.jpg" for name in names[:12])
    assert len(dataset.test) == 8
    boxes = dataset.train.annotations
    assert boxes.boxes[boxes.rows_of(2)].tolist() == [[2, 3, 12, 23], [20, 5, 38, 15]]
    assert boxes.labels[boxes.rows_of(2)].tolist() == [0, 1]
    assert dataset.train.without_boxes.tolist() == [place == 9 for place in range(12)]
    assert dataset.notes == ("the validation part in the files is the test set",
                             "pictures without a box: 1 in training, 1 in test")
    assert dataset.train.written.where(int(boxes.rows_of(2).start) + 1) == "Annotations/p02.xml, line 9"
    facts = data_facts("voc", str(root))
    assert (facts.classes, facts.train, facts.test, facts.size, facts.channels) == (dataset.classes, 12, 8, 40, 3)


def test_facts_are_known_before_it_is_prepared(home: Path) -> None:
    facts = data_facts("voc", str(voc(home / "voc", many())))
    assert (facts.classes, facts.train, facts.test, facts.size) == (("cat", "dog"), 16, 4, 40)


def test_beside_a_test_list_trainval_is_learnt_from(home: Path) -> None:
    names = list(many())
    root = voc(home / "voc", many(), {"train": names[:6], "val": names[6:12], "trainval": names[:12],
                                      "test": [f"{name} 1" for name in names[12:18]]})
    dataset = load_detection("voc", str(root))
    assert (len(dataset.train), len(dataset.test)) == (12, 6)
    assert dataset.notes[0] == "annotated pictures in no list of ImageSets, which are not used: 2"


def test_without_lists_a_stable_fifth_is_held_out(home: Path) -> None:
    first = load_detection("voc", str(voc(home / "one", many(40))))
    second = load_detection("voc", str(voc(home / "two", many(40))))
    assert len(first.test) == 8 and first.test.names == second.test.names
    assert first.fingerprint == second.fingerprint
    assert set(first.test.annotations.labels.tolist()) == {0, 1} and first.test.without_boxes.any()


@pytest.mark.parametrize("layout", ["flat", "folders", "apart"])
def test_pictures_are_found_wherever_tools_put_them(home: Path, layout: str) -> None:
    """Beside their XML files; in folders of splits; in two folders, with an old path in the XML file."""
    root = home / "own"
    for place, (name, shown) in enumerate(many().items()):
        inside = ("train/" if place < 15 else "valid/") if layout == "folders" else ""
        picture, xml = ("images/", "xmls/") if layout == "apart" else (inside, inside)
        picture_file(root / f"{picture}{name}.png", seed=place)
        voc_xml(root / f"{xml}{name}.xml", shown, filename=f"C:\\old\\{name}.jpg" if layout == "apart" else "x.png")
    dataset = load_detection("voc", str(root), unreadable="stop")
    assert len(dataset.train) + len(dataset.test) == 20
    assert (len(dataset.train) == 15) == (layout == "folders")
    picture = np.asarray(Image.open(root / dataset.train.names[4]))
    assert np.array_equal(dataset.picture("train", 4), picture)


def test_a_picture_is_no_larger_than_asked_for(home: Path) -> None:
    root = voc(home / "voc", many())
    picture_file(root / "JPEGImages" / "p00.jpg", width=400, height=300)
    dataset = load_detection("voc", str(root))
    place = dataset.train.names.index("JPEGImages/p00.jpg")
    assert dataset.train.sizes[place].tolist() == [300, 400]
    assert dataset.picture("val", place).shape == (300, 400, 3)
    assert dataset.picture("train", place, longest=100).shape == (75, 100, 3)
    assert dataset.picture("train", place, longest=500).shape == (300, 400, 3)
    shutil.rmtree(root / "JPEGImages")
    with pytest.raises(UserError, match=r"p00\.jpg: can no longer be read"):
        dataset.picture("train", place)


def test_a_turned_photo_is_as_its_boxes_see_it(home: Path) -> None:
    root = voc(home / "voc", many())
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(np.random.RandomState(0).randint(0, 256, (30, 40, 3), np.uint8))
    for name in ("p00", "p01"):
        image.save(root / "JPEGImages" / f"{name}.jpg", exif=exif, quality=100)
    voc_xml(root / "Annotations" / "p01.xml", [("cat", (1, 1, 9, 9))], filename="p01.jpg", width=30, height=40)
    dataset = load_detection("voc", str(root))
    shapes = {name: dataset.picture(split, place).shape for split in ("train", "test")
              for place, name in enumerate(dataset.split(split).names)}
    assert shapes["JPEGImages/p00.jpg"] == (30, 40, 3) and shapes["JPEGImages/p01.jpg"] == (40, 30, 3)


def test_boxes_are_cut_at_the_edge_and_those_of_nothing_are_not_used(home: Path) -> None:
    root = voc(home / "voc", many() | {"p00": [
        ("cat", (-5, 3, 12, 99)), ("cat", (50, 3, 60, 9)), ("cat", (7, 7, 7, 9)), ("dog", (0, 0, 40, 30))]})
    dataset = load_detection("voc", str(root), unreadable="stop")
    split, place = next((split, split.names.index(name)) for split in (dataset.train, dataset.test)
                        for name in ["JPEGImages/p00.jpg"] if name in split.names)
    assert split.annotations.boxes[split.annotations.rows_of(place)].tolist() == [[0, 3, 12, 30], [0, 0, 40, 30]]
    assert len(split.written.annotations.boxes[split.written.annotations.rows_of(place)]) == 4 and split.left_out == 2
    assert "boxes without extent or outside their picture, which are not used: 2" in dataset.notes


def test_difficult_boxes_are_kept_and_counted(home: Path) -> None:
    root = voc(home / "voc", many())
    voc_xml(root / "Annotations" / "p00.xml", [("cat", (1, 1, 9, 9))], filename="p00.jpg", difficult=1)
    dataset = load_detection("voc", str(root))
    assert sum(int(split.annotations.difficult.sum()) for split in (dataset.train, dataset.test)) == 1
    assert any("do not count in the evaluation: 1" in note for note in dataset.notes)


BROKEN = {
    "not XML": ("<annotation>\n<object>\n</annotation>", r"Annotations/p03\.xml, line 3: not XML \(mismatched tag\)"),
    "other": ("<html></html>", r"p03\.xml, line 1: not an annotation: the root element is html"),
    "empty": ("", r"p03\.xml, line 1: not XML \(no element found\)"),
    "no number": ("<annotation>\n<object><name>cat</name><bndbox><xmin>1</xmin>\n<ymin>high</ymin><xmax>3</xmax>"
                  "<ymax>4</ymax></bndbox></object></annotation>", r"p03\.xml, line 3: ymin is 'high', not a number"),
    "no corner": ("<annotation>\n<object><name>cat</name></object></annotation>", r"line 2: xmin is missing"),
    "no name": ("<annotation><object>\n</object></annotation>", r"p03\.xml, line 1: an object has no name"),
    "reversed": ("<annotation>\n\n<object><name>cat</name><bndbox><xmin>9</xmin><ymin>2</ymin><xmax>3</xmax>"
                 "<ymax>4</ymax></bndbox></object></annotation>",
                 r"p03\.xml, line 3: the box of cat is inverted: xmin 9 is above xmax 3"),
}


@pytest.mark.parametrize("content, said", BROKEN.values(), ids=BROKEN)
def test_a_broken_annotation_is_named_with_its_line(home: Path, content: str, said: str) -> None:
    root = voc(home / "voc", many())
    (root / "Annotations" / "p03.xml").write_text(content)
    for _ in range(2):  # also when the others are prepared already
        with pytest.raises(ConfigError, match=f"unreadable: .*1 of 20 pictures.*{said}") as caught:
            load_detection("voc", str(root), unreadable="stop")
        assert "\n" not in str(caught.value)
    dataset = load_detection("voc", str(root), unreadable="skip")
    assert len(dataset.skipped) == 1 and len(dataset.train) + len(dataset.test) == 19


def test_a_broken_annotation_that_a_list_names_is_one_problem(home: Path) -> None:
    names = list(many())
    root = voc(home / "voc", many(), {"train": names[:12], "test": [*names[12:], "gone"]})
    (root / "Annotations" / "p03.xml").write_text("")
    assert load_detection("voc", str(root)).skipped == (
        "Annotations/p03.xml, line 1: not XML (no element found)",
        "ImageSets/Main/test.txt, line 9: no usable annotation is called gone")


def test_pictures_that_are_missing_or_broken_are_named(home: Path) -> None:
    root = voc(home / "voc", many())
    (root / "JPEGImages" / "p03.jpg").unlink()
    (root / "JPEGImages" / "p04.jpg").write_bytes((root / "JPEGImages" / "p04.jpg").read_bytes()[:300])
    dataset = load_detection("voc", str(root))
    assert dataset.skipped[0] == "Annotations/p03.xml, line 2: no picture is called p03 or p03.jpg"
    assert dataset.skipped[1].startswith("JPEGImages/p04.jpg: cannot be read")
    assert len(dataset.skipped) == 2


def test_a_class_that_only_the_test_part_shows_is_named(home: Path) -> None:
    names = list(many())
    root = voc(home / "voc", many() | {"p15": [("cat", (1, 1, 9, 9)), ("owl", (1, 1, 9, 9))]},
               {"train": names[:12], "test": names[12:]})
    with pytest.raises(ConfigError, match=r"Annotations/p15\.xml, line 9: no training picture shows the class 'owl'"):
        load_detection("voc", str(root), unreadable="stop")
    assert len(load_detection("voc", str(root)).test) == 7


def test_lost_names_and_pictures_meant_twice(home: Path) -> None:
    names = list(many())
    root = voc(home / "voc", many(), {"train": [*names[:12], "gone"], "val": names[12:]})
    dataset = load_detection("voc", str(root))
    assert dataset.skipped == ("ImageSets/Main/train.txt, line 13: no usable annotation is called gone",)
    root = voc(home / "twice", many())
    voc_xml(root / "Annotations" / "other.xml", [], filename="p03.jpg")
    picture_file(root / "JPEGImages" / "lonely.jpg")
    dataset = load_detection("voc", str(root))
    assert dataset.skipped == ("Annotations/p03.xml: JPEGImages/p03.jpg is already annotated in Annotations/other.xml",)
    assert "pictures without an annotation file, which are not used: 1" in dataset.notes


def test_nothing_to_learn_from_is_refused(home: Path) -> None:
    root = voc(home / "voc", dict.fromkeys(many(), ()))
    with pytest.raises(ConfigError, match="20 pictures have none"):
        load_detection("voc", str(root))
    (home / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"data_path: .* is not a folder of pictures with boxes"):
        data_facts("voc", str(home / "empty"))
    root = voc(home / "broken", {"a": [("cat", (9, 1, 3, 4))]})
    with pytest.raises(ConfigError, match=r"the first of 1 problems: Annotations/a\.xml, line 4"):
        load_detection("voc", str(root))
    with pytest.raises(ConfigError, match="an existing place"):
        load_detection("voc", str(home / "nowhere"))


def test_classes_that_differ_only_in_case_are_told(home: Path) -> None:
    root = voc(home / "voc", many(40) | {f"p{place:02}": [("Cat", (1, 1, 9, 9))] for place in range(8)})
    assert any("differ only in case: Cat and cat" in note for note in load_detection("voc", str(root)).notes)


def test_a_changed_annotation_is_read_again(home: Path) -> None:
    root = voc(home / "voc", many())
    before = load_detection("voc", str(root))
    voc_xml(root / "Annotations" / "p00.xml", [("owl", (1, 1, 9, 9))] * 3, filename="p00.jpg")
    voc_xml(root / "Annotations" / "p01.xml", [("owl", (1, 1, 9, 9))] * 3, filename="p01.jpg")
    after = load_detection("voc", str(root))
    assert after.classes == ("cat", "dog", "owl") and after.fingerprint != before.fingerprint


def test_boxes_lie_on_the_picture_in_the_folder_of_the_same_name(home: Path) -> None:
    root = home / "own"
    for place, shown in enumerate(many().values()):
        folder = ("dog", "bird")[place % 2]
        picture_file(root / "JPEGImages" / folder / f"{place // 2}.jpg", seed=place)
        voc_xml(root / "Annotations" / folder / f"{place // 2}.xml", shown, filename=f"{place // 2}.jpg")
    (root / "JPEGImages" / "bird" / "2.jpg").unlink()
    dataset = load_detection("voc", str(root))
    assert dataset.skipped == ("Annotations/bird/2.xml, line 2: no picture is called 2 or 2.jpg; "
                               "JPEGImages/dog/2.jpg lies in another folder",)
    for split in (dataset.train, dataset.test):
        assert [name.removeprefix("JPEGImages/").removesuffix(".jpg") for name in split.names] == \
            [source.removeprefix("Annotations/").removesuffix(".xml") for source in split.written.sources]


@pytest.mark.parametrize("said, difficult", [("True", 1), ("yes", 1), ("1.0", 1), ("", 0), ("No", 0)])
def test_difficult_in_every_spelling(home: Path, said: str, difficult: int) -> None:
    root = voc(home / "voc", many())
    file = root / "Annotations" / "p00.xml"
    file.write_text(file.read_text().replace("<difficult>0<", f"<difficult>{said}<"))
    dataset = load_detection("voc", str(root), unreadable="stop")
    assert sum(int(split.annotations.difficult.sum()) for split in (dataset.train, dataset.test)) == difficult


@pytest.mark.parametrize("content, said", [
    (b'<?xml version="1.0" encoding="klingon"?><annotation/>', "line 1: not readable: unknown encoding"),
    (b"<annotation>\n<filename>\xff</filename></annotation>", "line 2: not text in utf-8"),
    (b'<?xml version="1.0" encoding="hex"?><annotation/>', "line 1: not readable"),
    (b"<annotation><object><name>cat</name><difficult>2</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax>"
     b"<ymax>4</ymax></bndbox></object></annotation>", "line 1: difficult: 2 is neither yes nor no"),
    (b"<a>" * 100_000, "line 1: not XML"),
    (b'<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><annotation><filename>&b;</filename></annotation>', "line 1:"),
    (b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 10_000 + b'"><!ENTITY b "' + b"&a;" * 10_000 + b'">]>'
     b"<annotation><filename>&b;</filename></annotation>", "line 1:"),
])
def test_a_damaged_file_is_one_problem(home: Path, content: bytes, said: str) -> None:
    root = voc(home / "voc", many())
    (root / "Annotations" / "p03.xml").write_bytes(content)
    (problem,) = load_detection("voc", str(root)).skipped
    assert problem.startswith("Annotations/p03.xml, ") and said in problem and len(problem) < 300
