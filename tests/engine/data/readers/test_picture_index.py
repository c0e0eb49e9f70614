"""Which picture an annotation means, by the longest common end of the paths."""

from __future__ import annotations

import unicodedata

import pytest

from engine.data.readers.picture_index import AmbiguousPictureError, PictureIndex

VIDEOS = ("images/video0/000001.jpg", "images/video1/000001.jpg", "images/video1/000002.jpg")
PARTS = ("train/images/1.jpg", "val/images/1.jpg", "val/images/2.jpg")


@pytest.mark.parametrize("names, named, source, found", [
    (VIDEOS, "video1/000001.jpg", "a.json", VIDEOS[1]),
    (VIDEOS, "/home/me/set/images/video0/000001.jpg", "a.json", VIDEOS[0]),
    (VIDEOS, "C:\\set\\images\\video1\\000001.jpg", "a.json", VIDEOS[1]),
    (VIDEOS, "./video1//000001.jpg", "a.json", VIDEOS[1]),
    (VIDEOS, "video0/000002.jpg", "a.json", None),
    (("JPEGImages/bird/2.jpg", "JPEGImages/dog/2.jpg"), "Annotations/dog/2", "Annotations/dog/2.xml",
     "JPEGImages/dog/2.jpg"),
    (("JPEGImages/bird/2.jpg", "JPEGImages/dog/1.jpg"), "Annotations/dog/2", "Annotations/dog/2.xml", None),
    (PARTS, "1.jpg", "annotations/instances_val.json", PARTS[1]),
    (PARTS, "1.jpg", "train/_annotations.coco.json", PARTS[0]),
    (PARTS, "images/1.jpg", "val/labels.json", PARTS[1]),
    (("a/x.JPG",), "x.jpg", "a.json", "a/x.JPG"),
    (("a/x.png",), "x.jpg", "a.json", "a/x.png"),
    (("a/x.png", "a/x.jpg", "a/X.jpg"), "x.jpg", "a.json", "a/x.jpg"),
    (("my photo.jpg",), "my%20photo.jpg", "a.json", "my photo.jpg"),
    (("my%20photo.jpg", "my photo.jpg"), "my%20photo.jpg", "a.json", "my%20photo.jpg"),
    (("set/my photo.jpg",), "/data/local-files/?d=set/my%20photo.jpg", "a.json", "set/my photo.jpg"),
    ((unicodedata.normalize("NFD", "café/é.png"),), "café/é.png", "a.json", unicodedata.normalize("NFD", "café/é.png")),
    (("one_jpg.rf.0af3.jpg", "one_jpg.rf.1b.jpg"), "one_jpg.rf.1b.jpg", "a.json", "one_jpg.rf.1b.jpg"),
    (("frame.0001.png",), "frame.0001", "frame.0001.xml", "frame.0001.png"),
    (("a.jpg",), "", "a.json", None),
    (("a.jpg",), "///", "a.json", None),
])
def test_the_longest_common_end_decides(names: tuple[str, ...], named: str, source: str, found: str | None) -> None:
    split = "val" if "val" in source else "train" if "train" in source else ""
    assert PictureIndex(names).find(named, source, split) == found


@pytest.mark.parametrize("names, named, source", [
    (("a/x.jpg", "b/x.jpg"), "x.jpg", "labels.json"),
    (("x.jpg", "x.png"), "x", "x.xml"),
    (("a/x.JPG", "a/x.Jpg"), "x.jpg", "labels.json"),
    (("one/deep/x.jpg", "two/deep/x.jpg"), "deep/x.jpg", "labels.json"),
])
def test_where_two_are_equally_likely_both_are_named(names: tuple[str, str], named: str, source: str) -> None:
    with pytest.raises(AmbiguousPictureError, match=f"{names[0]} and {names[1]}"):
        PictureIndex(names).find(named, source, "")


def test_the_paths_in_the_annotation_decide_between_equals() -> None:
    index = PictureIndex(("a/x.jpg", "b/x.jpg"))
    assert index.find("xmls/x", "xmls/x.xml", "", ["b/x.jpg", "/home/me/a/x.jpg"]) == "b/x.jpg"


@pytest.mark.parametrize("name, named, told", [
    ("images/x.png", "x.jpg", "the suffix"), ("images/x.JPG", "x.jpg", "upper and lower case"),
    ("a b.png", "a%20b.png", "URL encoding"), ("images/x.png", "/old/pictures/x.png", "the folders"),
    ("val/x.png", "x.png", "the part"), ("images/x.png", "images/x.png", ""), ("images/x.png", "x.png", ""),
])
def test_what_differs_is_told(name: str, named: str, told: str) -> None:
    index = PictureIndex((name,))
    index.find(named, "labels.json", "train")
    assert [note for note in index.notes() if told and f"differ in {told}" in note] == index.notes()
    assert bool(index.notes()) == bool(told)


@pytest.mark.parametrize("name, source, told", [
    ("JPEGImages/bird/2.jpg", "Annotations/dog/2.xml", True), ("images/b/2.jpg", "xml/a/2.xml", True),
    ("set/pictures/b/2.jpg", "set/boxes/a/2.xml", True), ("JPEGImages/dog/2.jpg", "Annotations/dog/2.xml", False),
    ("images/2.jpg", "annotations/xmls/2.xml", False), ("photos/2.jpg", "labels_2026/2.xml", False),
])
def test_a_picture_in_another_folder_than_its_annotation_is_told(name: str, source: str, told: bool) -> None:
    index = PictureIndex((name,))
    index.find(source.removesuffix(".xml"), source, "")
    assert any("differ in the folders" in note for note in index.notes()) is told


def test_a_folder_without_annotated_pictures_contradicts_nothing() -> None:
    index = PictureIndex(("images/x.jpg", "labels/preview.png"), {"x"})
    assert index.find("labels/x", "labels/x.xml", "") == "images/x.jpg"
