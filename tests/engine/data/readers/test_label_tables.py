"""A user's folder with a table of labels: what is read, what is decided and said, and what is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.facts import data_facts
from engine.data.loading import load_dataset
from engine.errors import UserError
from engine.labels.targets import place_texts

pytestmark = pytest.mark.usefixtures("home", "read_here")

LABELS = ("cat|dog", "dog", "", "cat", "cat|bird", "bird", "dog|bird", "cat|dog|bird", "dog", "cat")


def folder(root: Path, *tables: tuple[str, str], pictures: int = 10, inside: str = "images") -> Path:
    """Make a folder of pictures a00.png … and of tables, of which ``{}`` is the number of a line."""
    (root / "set" / inside).mkdir(parents=True)
    for place in range(pictures):
        Image.fromarray(np.full((4, 4, 3), 20 * place, np.uint8)).save(root / "set" / inside / f"a{place:02}.png")
    for name, text in tables:
        (root / "set" / name).write_text(text)
    return root / "set"


def lists(labels: tuple[str, ...] = LABELS, title: str = "labels", sign: str = "|", **more: str) -> str:
    head = ",".join(("image", title, *more))
    return "\n".join([head, *(",".join((f"a{place:02}.png", each.replace("|", sign), *more.values()))
                              for place, each in enumerate(labels))])


def columns(names: tuple[str, ...] = ("bird", "cat", "dog"), words: tuple[str, str] = ("0", "1")) -> str:
    return "\n".join([",".join(("image", *names)), *(
        ",".join((f"a{place:02}.png", *(words[name in each.split("|")] for name in names)))
        for place, each in enumerate(LABELS))])


def labels_in(place: Path, said: str = "", name: str = "folder-labels") -> dict[str, str]:
    """The classes of each picture by its brightness, which is its number."""
    dataset = load_dataset(name, f"{place}{said}")
    found = {}
    for images, targets in ((dataset.train_images, dataset.train_targets), (dataset.test_images, dataset.test_targets)):
        texts = place_texts(targets, dataset.classes)
        found |= {f"a{int(image.max()) // 20:02}": text for image, text in zip(np.asarray(images), texts, strict=True)}
    return dict(sorted(found.items()))


EXPECTED = {f"a{place:02}": ", ".join(sorted(filter(None, each.split("|")))) or "no class"
            for place, each in enumerate(LABELS)}


def notes(place: Path, said: str = "") -> str:
    return " · ".join(load_dataset("folder-labels", f"{place}{said}").notes)


@pytest.mark.parametrize(("sign", "told"), [("|", "bar"), (";", "semicolon"), (" ", "space")])
def test_a_column_of_lists_is_divided_at_the_sign_that_is_told(tmp_path: Path, sign: str, told: str) -> None:
    place = folder(tmp_path, ("labels.csv", lists(sign=sign)))
    assert labels_in(place) == EXPECTED
    assert f"separated by the {told}, because" in notes(place) and "?separator=" in notes(place)
    assert "the column labels of labels.csv holds the labels, because of its title" in notes(place)


@pytest.mark.parametrize("table", [
    lists().replace(",", "\t"), lists().replace(",", ";"), columns(), columns().replace(",", "\t"),
    columns(words=("False", "True")), columns(words=("n", "y")), lists().replace(".png", ""),
    lists().replace("a0", "/elsewhere/images/a0"),
    "\n".join(f'a{place:02}.png,"{[*filter(None, each.split("|"))]}"' for place, each in enumerate(LABELS)),
    lists(title="Finding Labels", Age="58", Gender="M", View="PA"),
], ids=["tabs", "semicolons", "yes and no", "yes and no by tabs", "words", "letters", "no suffix", "paths",
        "lists of Python", "ChestX-ray14"])
def test_forms_of_a_table(tmp_path: Path, table: str) -> None:
    assert labels_in(folder(tmp_path, ("table.tsv" if "\t" in table else "table.csv", table))) == EXPECTED


def test_a_space_within_a_label_stays_where_nothing_speaks_for_dividing(tmp_path: Path) -> None:
    names = ("hot dog", "dog", "cat", "cat", "hot dog", "dog", "cat", "dog", "cat", "hot dog")
    place = folder(tmp_path, ("labels.csv", lists(names)))
    assert set(labels_in(place).values()) == {"hot dog", "dog", "cat"}
    assert "each cell of labels is one label" in notes(place)
    assert set(labels_in(place, "?separator=space").values()) == {"dog, hot", "dog", "cat"}


def test_columns_that_are_no_labels_are_told_and_the_user_may_say_others(tmp_path: Path) -> None:
    table = "\n".join(f"{line},{more}" for line, more in zip(columns().splitlines(), ["age", *map(str, range(30, 40))],
                                                              strict=True))
    place = folder(tmp_path, ("labels.csv", table))
    assert labels_in(place) == EXPECTED
    assert "what age says in labels.csv is no class, because it is not yes or no" in notes(place)
    assert set(labels_in(place, "?labels=cat,dog").values()) == {"cat, dog", "cat", "dog", "no class"}


@pytest.mark.parametrize(("table", "parts"), [
    (lists(is_valid="False").replace("a08.png,dog,False", "a08.png,dog,True").replace("a09.png,cat,False",
                                                                                     "a09.png,cat,True"), (8, 2)),
    (lists(split="train").replace("a08.png,dog,train", "a08.png,dog,test"), (9, 1))])
def test_a_column_says_the_parts(tmp_path: Path, table: str, parts: tuple[int, int]) -> None:
    place = folder(tmp_path, ("labels.csv", table))
    facts = data_facts("folder-labels", str(place))
    assert (facts.train, facts.test) == parts and "says the parts" in notes(place)


def test_tables_are_named_for_parts_and_a_fifth_is_held_out_without(tmp_path: Path) -> None:
    lines = lists().splitlines()
    place = folder(tmp_path, ("train.csv", "\n".join(lines[:8])), ("test.csv", "\n".join([lines[0], *lines[8:]])))
    facts = data_facts("folder-labels", str(place))
    assert (facts.train, facts.test) == (7, 3)
    one = folder(tmp_path / "one", ("labels.csv", lists()))
    facts = data_facts("folder-labels", str(one))
    assert facts.test == 2 and "held out" in notes(one)


@pytest.mark.parametrize(("tables", "said", "words"), [
    ([("a.csv", lists()), ("b.csv", lists())], "", "one table of labels: a.csv and b.csv both have some"),
    ([("a.csv", lists(sign=";").replace("cat;bird", '"cat,bird"'))], "", "a semicolon, 1 a comma"),
    ([("a.csv", lists(("red", "blue") * 5, title="colour", view="PA", side="left"))], "",
     "colour, view, side may all be meant"),
    ([("a.csv", "image,labels\na00.png,cat,dog")], "", "line 2: 3 cells, and the first line has 2"),
    ([("a.csv", lists())], "?labels=colour", "a column of a.csv: image, labels"),
    ([("a.csv", lists())], "?separator=dot", "separator=bar or semicolon or comma or space"),
    ([("a.csv", lists())], "?train=b.csv", "a table in"),
    ([("a.csv", lists(("cat",) * 10))], "", "two classes or more: every label is cat"),
    ([], "", "a folder of pictures with labels"),
    ([("a.csv", columns().replace("a03.png,0,1,0", "a03.png,0,1,-1"))], "?labels=bird,cat,dog", "-1 is neither yes"),
])
def test_doubt_and_mistakes_are_one_line(tmp_path: Path, tables: list[tuple[str, str]], said: str,
                                         words: str) -> None:
    place = folder(tmp_path, *tables)
    with pytest.raises(UserError) as refused:
        load_dataset("folder-labels", f"{place}{said}", unreadable="stop")
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_a_column_that_is_not_sure_is_left_out_and_told(tmp_path: Path) -> None:
    place = folder(tmp_path, ("labels.csv", columns().replace("a03.png,0,1,0", "a03.png,0,1,-1")))
    assert load_dataset("folder-labels", str(place)).classes == ("bird", "cat")
    assert "what dog says in labels.csv is no class, because it is not yes or no" in notes(place)


def test_rows_without_a_picture_are_named_and_pictures_without_a_row_counted(tmp_path: Path) -> None:
    place = folder(tmp_path, ("labels.csv", lists() + "\na77.png,cat"), pictures=12)
    found = load_dataset("folder-labels", str(place))
    assert found.skipped == ("labels.csv, line 12: no picture is called a77.png",)
    assert "2 a picture without an annotation that can be used" in dict(found.ledger.rows())["left out"]


def test_a_label_that_means_none_is_told_to_be_a_class(tmp_path: Path) -> None:
    place = folder(tmp_path, ("labels.csv", lists(tuple(each or "No Finding" for each in LABELS))))
    assert "the label No Finding is a class like the others" in notes(place)


def test_categories_of_coco_are_read_without_boxes(tmp_path: Path) -> None:
    ids = {"bird": 1, "cat": 2, "dog": 3}
    content = {
        "images": [{"id": place, "file_name": f"a{place:02}.png"} for place in range(10)],
        "categories": [{"id": number, "name": name} for name, number in ids.items()],
        "annotations": [{"id": 100 * place + ids[name], "image_id": place, "category_id": ids[name]}
                        for place, each in enumerate(LABELS) for name in filter(None, each.split("|"))]}
    assert labels_in(folder(tmp_path, ("all.json", json.dumps(content))), name="coco-labels") == EXPECTED


def test_arrays_of_rows_are_read_and_a_vector_of_classes_is_refused(tmp_path: Path) -> None:
    targets = np.array([[name in each.split("|") for name in ("bird", "cat", "dog")] for each in LABELS])
    images = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.full((1, 4, 4, 3), 20, np.uint8)
    (tmp_path / "set").mkdir()
    np.savez(tmp_path / "set" / "all.npz", x_train=images, y_train=targets)
    (tmp_path / "set" / "classes.txt").write_text("bird\ncat\ndog\n")
    assert labels_in(tmp_path / "set", name="npy-labels") == EXPECTED
    with pytest.raises(UserError, match="choose the data set npy-labels"):
        load_dataset("npy", str(tmp_path / "set"))
    np.savez(tmp_path / "set" / "all.npz", x_train=images, y_train=targets[:, 0])
    with pytest.raises(UserError, match="not a row of 0 and 1 for each picture"):
        load_dataset("npy-labels", str(tmp_path / "set"))
    np.savez(tmp_path / "set" / "all.npz", x_train=images, y_train=targets * 3)
    with pytest.raises(UserError, match="holds 3; a picture has a class, 1, or has not, 0"):
        load_dataset("npy-labels", str(tmp_path / "set"))
