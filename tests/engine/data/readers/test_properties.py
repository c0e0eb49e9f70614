"""Properties of what is read from names and numbers, whatever they are."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.readers.box_convention import with_corners
from engine.data.readers.box_listing import AnnotatedPicture, Box
from engine.data.readers.picture_index import AmbiguousPictureError, PictureIndex
from engine.data.readers.split_words import SPLITS, part_of
from engine.data.reading import BOXES
from engine.errors import ConfigError

few = settings(max_examples=150, deadline=None)
# Neither split words nor of one another in another case.
FOLDERS = st.sampled_from(["north", "süd", "östlich", "a b", "deep"])
NAMES = st.sampled_from(["1.jpg", "2.jpg", "é.png", "scan 3.jpg"])
PATHS = st.lists(st.tuples(st.lists(FOLDERS, max_size=3), NAMES).map(lambda path: "/".join([*path[0], path[1]])),
                 min_size=1, max_size=8, unique=True)
WRITTEN = {"as it is": str, "absolute": lambda path: f"/home/other/set/{path}",
           "Windows": lambda path: "D:\\other\\" + path.replace("/", "\\"), "quoted": quote,
           "decomposed": lambda path: unicodedata.normalize("NFD", path), "capital": str.upper}


@few
@given(PATHS, st.sampled_from(sorted(WRITTEN)), st.data())
def test_a_path_means_its_own_picture_or_is_asked_about(names: list[str], written: str, data: st.DataObject) -> None:
    meant = data.draw(st.sampled_from(names))
    try:
        found = PictureIndex(names).find(WRITTEN[written](meant), "labels.json", "train")
    except AmbiguousPictureError:
        same = [name for name in names if name.rpartition("/")[2] == meant.rpartition("/")[2]]
        assert len(same) > 1
        return
    assert found == meant or (found is None and written == "capital")


@few
@given(st.sampled_from(sorted(SPLITS)), st.sampled_from([str.lower, str.upper, str.title]),
       st.sampled_from(["", "images", "set", "data"]), st.sampled_from(["_", "-", " ", "."]), st.booleans(),
       st.sampled_from(["", "2", "2007"]))
def test_a_split_word_is_known_in_any_dress(word: str, case: object, beside: str, between: str, first: bool,
                                            number: str) -> None:
    assert callable(case)
    parts = [part for part in ((word, beside) if first else (beside, word)) if part]
    assert part_of(case(between.join(parts)) + number) == SPLITS[word]


@few
@given(st.text(alphabet="bcdfghjkmopqu ", min_size=1, max_size=12))
def test_names_without_a_split_word_are_no_part(name: str) -> None:
    assert part_of(name) == ""


def _numbers(box: tuple[int, int, int, int], convention: str) -> tuple[float, float, float, float]:
    x, y, width, height = box
    across, down = (100, 80) if convention.endswith("-shares") else (1, 1)
    a, b, c, d = {"xywh": (x, y, width, height), "xyxy": (x, y, x + width, y + height),
                  "cxcywh": (x + width / 2, y + height / 2, width, height)}[convention.removesuffix("-shares")]
    return a / across, b / down, c / across, d / down


BOX = st.tuples(st.integers(2, 60), st.integers(2, 50), st.integers(2, 38), st.integers(2, 28))


@few
@given(st.lists(BOX, min_size=1, max_size=12), st.sampled_from(sorted(BOXES)), st.sampled_from(sorted(BOXES)))
def test_boxes_are_read_as_written_or_asked_about(boxes: list[tuple[int, int, int, int]], written: str,
                                                  usual: str) -> None:
    rows = tuple(Box(_numbers(box, written), "cat", False, place) for place, box in enumerate(boxes, 1))
    pictures = [AnnotatedPicture("1.jpg", "labels.json", (80, 100), rows)]
    [said], problems = with_corners(pictures, usual, {"boxes": written}, "annotation")
    across, down = (100, 80) if said.shares else (1, 1)
    assert not problems
    for row, (x, y, width, height) in zip(said.boxes, boxes, strict=True):
        x1, y1, x2, y2 = row.corners
        assert (x1 * across, y1 * down, x2 * across, y2 * down) == pytest.approx((x, y, x + width, y + height))
    if written == usual:  # what is right is never asked about
        assert with_corners(pictures, usual, {}, "annotation")[0] == [said]
    elif written.endswith("-shares") and not usual.endswith("-shares"):
        with pytest.raises(ConfigError, match="like shares of the picture"):
            with_corners(pictures, usual, {}, "annotation")
