"""Small folders of pictures with boxes, written as VOC and COCO tools write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Shown = Sequence[tuple[str, tuple[float, float, float, float]]]
"""The boxes of a picture: class and corners."""


def picture_file(file: Path, *, width: int = 40, height: int = 30, seed: int = 0) -> None:
    """A random picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.RandomState(seed).randint(0, 256, (height, width, 3), np.uint8)).save(file)


def voc_xml(file: Path, shown: Shown, *, filename: str, width: int = 40, height: int = 30,
            difficult: int | str = 0) -> None:
    """An annotation: line 1 opens it, line 3 tells the size, and each object takes the five lines from 4 on."""
    file.parent.mkdir(parents=True, exist_ok=True)
    objects = "".join(
        f"<object>\n<name>{name}</name>\n<difficult>{difficult}</difficult>\n<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin>"
        f"<xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>\n</object>\n" for name, (x1, y1, x2, y2) in shown)
    file.write_text(f"<annotation>\n<filename>{filename}</filename>\n<size><width>{width}</width><height>{height}"
                    f"</height><depth>3</depth></size>\n{objects}</annotation>\n")


def voc(root: Path, pictures: Mapping[str, Shown], lists: Mapping[str, Sequence[str]] | None = None) -> Path:
    """A folder as of VOC2012; ``lists`` by their names in ImageSets/Main."""
    for seed, (name, shown) in enumerate(pictures.items()):
        picture_file(root / "JPEGImages" / f"{name}.jpg", seed=seed)
        voc_xml(root / "Annotations" / f"{name}.xml", shown, filename=f"{name}.jpg")
    for name, names in (lists or {}).items():
        file = root / "ImageSets" / "Main" / f"{name}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{each}\n" for each in names))
    return root


def many(count: int = 20) -> dict[str, Shown]:
    """Pictures ``p00`` and so on, by turns of a cat, of a dog, and of both; every tenth is empty."""
    cat, dog = ("cat", (2, 3, 12, 23)), ("dog", (20, 5, 38, 15))
    return {f"p{place:02}": [] if place % 10 == 9 else ([cat], [dog], [cat, dog])[place % 3] for place in range(count)}


def coco(root: Path, pictures: Mapping[str, Shown], *, file: str = "annotations/instances_train.json",
         folder: str = "train", **changes: Any) -> Path:
    """A JSON file and its pictures; ``changes`` replace its parts. Annotations are numbered from 1, categories too."""
    names = sorted({name for shown in pictures.values() for name, _ in shown})
    images, annotations = [], []
    for number, (name, shown) in enumerate(pictures.items(), 1):
        picture_file(root / folder / f"{name}.png", seed=number)
        images.append({"id": number, "file_name": f"{name}.png", "width": 40, "height": 30})
        for label, (x1, y1, x2, y2) in shown:
            annotations.append({"id": len(annotations) + 1, "image_id": number, "category_id": names.index(label) + 1,
                                "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": 0})
    categories = [{"id": place + 1, "name": name} for place, name in enumerate(names)]
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}
                                        | changes))
    return root
