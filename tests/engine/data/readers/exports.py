"""Exports of annotation tools in their real form, of twelve drawn pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from tests.engine.data.box_sources import voc_xml

COLOURS = {"cat": (220, 40, 40), "traffic light": (40, 60, 220)}
NAMES = tuple(COLOURS)
GREY = (128, 128, 128)


class Drawing(NamedTuple):
    """A grey picture with a rectangle in the colour of each object."""

    name: str
    size: tuple[int, int]
    shown: tuple[tuple[str, tuple[int, int, int, int]], ...]


def drawings(count: int = 12) -> list[Drawing]:
    """Pictures of several sizes with one or two objects, no two alike."""
    found = []
    for place in range(count):
        x, y = 3 + place % 5, 2 + place % 7
        shown = [(NAMES[place % 2], (x, y, x + 14, y + 11)), (NAMES[1], (30, 20 + place % 3, 41, 32))]
        found.append(Drawing(f"pic {place:02}.png" if place == 3 else f"pic_{place:02}.png", (56 + place, 40),
                             tuple(shown[:1 + place % 3 % 2])))
    return found


def draw(file: Path, drawing: Drawing) -> None:
    image = Image.new("RGB", drawing.size, GREY)
    for name, corners in drawing.shown:
        image.paste(COLOURS[name], corners)
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file)


def write(file: Path, text: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text if isinstance(text, str) else json.dumps(text))


def coco_json(shown: Sequence[Drawing], *, prefix: str = "", first: int = 1, extra: int = 0) -> dict[str, Any]:
    images, annotations = [], []
    for number, each in enumerate(shown, first):
        images.append({"id": number, "file_name": prefix + each.name, "width": each.size[0], "height": each.size[1]})
        annotations += [{"id": 10 * number + place, "image_id": number, "iscrowd": 0, "segmentation": [],
                         "category_id": NAMES.index(name) + first + extra, "bbox": [x1, y1, x2 - x1, y2 - y1],
                         "area": (x2 - x1) * (y2 - y1)} for place, (name, (x1, y1, x2, y2)) in enumerate(each.shown)]
    groups = [{"id": first, "name": "animals-lights", "supercategory": "none"}][:extra]
    return {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": groups + [
        {"id": place + first + extra, "name": name, "supercategory": ""} for place, name in enumerate(NAMES)]}


def yolo_rows(drawing: Drawing) -> str:
    width, height = drawing.size
    return "".join(f"{NAMES.index(name)} {(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f} "
                   f"{(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}\n" for name, (x1, y1, x2, y2) in drawing.shown)


def xml(file: Path, drawing: Drawing, filename: str = "", difficult: int | str = 0) -> None:
    voc_xml(file, drawing.shown, filename=filename or drawing.name, width=drawing.size[0], height=drawing.size[1],
            difficult=difficult)


def halves() -> dict[str, list[Drawing]]:
    return {"train": drawings()[:8], "valid": drawings()[8:]}


def cvat_coco(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / "default" / each.name, each)
    write(root / "annotations" / "instances_default.json", coco_json(drawings()))


def cvat_voc(root: Path) -> None:
    for each in drawings():
        draw(root / "JPEGImages" / each.name, each)
        xml(root / "Annotations" / f"{Path(each.name).stem}.xml", each)
    for name, them in (("Train", drawings()[:8]), ("Validation", []), ("Test", drawings()[8:])):
        write(root / "ImageSets" / "Main" / f"{name}.txt", "".join(f"{Path(each.name).stem}\n" for each in them))
    write(root / "labelmap.txt", "# label:color_rgb:parts:actions\ncat:250,50,83::\n")


def cvat_yolo(root: Path) -> None:
    for part, them in halves().items():
        for each in them:
            draw(root / f"obj_{part}_data" / each.name, each)
            write(root / f"obj_{part}_data" / f"{Path(each.name).stem}.txt", yolo_rows(each))
        write(root / f"{part}.txt", "".join(f"data/obj_{part}_data/{each.name}\n" for each in them))
    write(root / "obj.names", "\n".join(NAMES))
    write(root / "obj.data", "classes = 2\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\n"
                             "backup = backup/\n")


def cvat_ultralytics(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / "train" / each.name, each)
        write(root / "labels" / "train" / f"{Path(each.name).stem}.txt", yolo_rows(each))
    write(root / "train.txt", "".join(f"data/images/train/{each.name}\n" for each in drawings()))
    write(root / "data.yaml", "names:\n  0: cat\n  1: traffic light\npath: .\ntrain: train.txt\n")


def label_studio_coco(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / f"cb0618f6-{each.name}", each)
    write(root / "result.json", coco_json(drawings(), prefix=r"..\..\label-studio\media\upload\4\cb0618f6-", first=0))


def label_studio_yolo(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / f"0a1b2c3d-{each.name}", each)
        write(root / "labels" / f"0a1b2c3d-{Path(each.name).stem}.txt", yolo_rows(each))
    write(root / "classes.txt", "\n".join(NAMES))
    write(root / "notes.json", {"categories": [{"id": 0, "name": "cat"}], "info": {"contributor": "Label Studio"}})


def label_studio_voc(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / each.name, each)
        xml(root / "Annotations" / f"{Path(each.name).stem}.xml", each, Path(each.name).stem)


def roboflow_coco(root: Path) -> None:
    for part, them in halves().items():
        for each in them:
            draw(root / part / each.name, each)
        write(root / part / "_annotations.coco.json", coco_json(them, first=0, extra=1))
    write(root / "README.roboflow.txt", "exported via roboflow.com")


def roboflow_voc(root: Path) -> None:
    for part, them in halves().items():
        for each in them:
            draw(root / part / each.name, each)
            xml(root / part / f"{Path(each.name).stem}.xml", each)
    write(root / "README.dataset.txt", "words")


def roboflow_yolo(root: Path) -> None:
    for part, them in halves().items():
        for each in them:
            draw(root / part / "images" / each.name, each)
            write(root / part / "labels" / f"{Path(each.name).stem}.txt", yolo_rows(each))
    write(root / "data.yaml", "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 2\n"
                              "names: ['cat', 'traffic light']\nroboflow:\n  workspace: me\n  version: 1\n")


def roboflow_darknet(root: Path) -> None:
    for part, them in halves().items():
        for each in them:
            draw(root / part / each.name, each)
            write(root / part / f"{Path(each.name).stem}.txt", yolo_rows(each))
        write(root / part / "_darknet.labels", "\n".join(NAMES))


def vott_voc(root: Path) -> None:
    place = root / "pets-PascalVOC-export"
    for each in drawings():
        draw(place / "JPEGImages" / each.name, each)
        xml(place / "Annotations" / f"{Path(each.name).stem}.xml", each)
    for name in NAMES:
        for part, them in (("train", drawings()[:8]), ("val", drawings()[8:])):
            write(place / "ImageSets" / "Main" / f"{name}_{part}.txt",
                  "".join(f"{each.name} {1 if name in dict(each.shown) else -1}\n" for each in them))
    write(place / "pascal_label_map.pbtxt", "item {\n id: 1\n name: 'cat'\n}\n")


def via_coco(root: Path) -> None:
    content = coco_json(drawings())
    for image in content["images"]:
        image |= {"license": 0, "coco_url": image["file_name"], "date_captured": ""}
    for each in content["annotations"]:
        x, y, width, height = each["bbox"]
        each["segmentation"] = [[x, y, x + width, y, x + width, y + height, x, y + height]]
    for each in drawings():
        draw(root / each.name, each)
    write(root / "via_project_29Nov2026_10h20m_coco.json", content)


def labelimg_yolo(root: Path) -> None:
    for each in drawings():
        draw(root / each.name, each)
        write(root / f"{Path(each.name).stem}.txt", yolo_rows(each))
    write(root / "classes.txt", "\n".join(NAMES) + "\n")


def labelimg_voc(root: Path) -> None:
    for each in drawings():
        draw(root / each.name, each)
        xml(root / f"{Path(each.name).stem}.xml", each)


def makesense_yolo(root: Path) -> None:
    for each in drawings():
        draw(root / "photos" / each.name, each)
        write(root / "labels_my-project-name_2026-11-30-10-20-30" / f"{Path(each.name).stem}.txt", yolo_rows(each))
    write(root / "classes.txt", "\n".join(NAMES))  # which the tool does not write


def makesense_coco(root: Path) -> None:
    content = coco_json(drawings())
    for each in drawings():
        draw(root / "photos" / each.name, each)
    write(root / "labels_my-project-name_2026-11-30-10-20-30.json", {
        "info": {"description": "my-project-name"}, "images": content["images"], "categories": content["categories"],
        "annotations": [each | {"id": place} for place, each in enumerate(content["annotations"])]})


def makesense_voc(root: Path) -> None:
    for each in drawings():
        draw(root / "photos" / each.name, each)
        xml(root / "labels_my-project-name_2026-11-30" / f"{Path(each.name).stem}.xml", each, difficult="Unspecified")


def ultralytics(names: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for part, them in halves().items():
            for each in them:
                draw(root / "images" / part / each.name, each)
                write(root / "labels" / part / f"{Path(each.name).stem}.txt", yolo_rows(each))
        write(root / "coco8.yaml", "path: ../datasets/coco8\ntrain: images/train\nval:\n  - images/valid\ntest:\n"
                                   f"{names}\ndownload: https://example.com/coco8.zip\n")
    return make


def fiftyone_coco(root: Path) -> None:
    for each in drawings():
        draw(root / "data" / each.name, each)
    write(root / "labels.json", coco_json(drawings()))


def fiftyone_voc(root: Path) -> None:
    for each in drawings():
        draw(root / "data" / each.name, each)
        xml(root / "labels" / f"{Path(each.name).stem}.xml", each)


def fiftyone_yolo(root: Path) -> None:
    ultralytics("")(root)
    (root / "coco8.yaml").unlink()
    write(root / "dataset.yaml", "names:\n  0: cat\n  1: traffic light\npath: /home/me/export\n"
                                 "train: ./images/train/\nval: ./images/valid/\n")


def fiftyone_darknet(root: Path) -> None:
    for each in drawings():
        draw(root / "data" / each.name, each)
        write(root / "data" / f"{Path(each.name).stem}.txt", yolo_rows(each))
    write(root / "obj.names", "\n".join(NAMES))
    write(root / "images.txt", "".join(f"data/{each.name}\n" for each in drawings()))


TOOLS: dict[str, tuple[str, Callable[[Path], None], bool]] = {
    "CVAT COCO 1.0": ("coco", cvat_coco, False), "CVAT PASCAL VOC 1.1": ("voc", cvat_voc, True),
    "CVAT YOLO 1.1": ("yolo", cvat_yolo, True), "CVAT Ultralytics": ("yolo", cvat_ultralytics, False),
    "Label Studio COCO": ("coco", label_studio_coco, False), "Label Studio YOLO": ("yolo", label_studio_yolo, False),
    "Label Studio VOC": ("voc", label_studio_voc, False), "Roboflow COCO": ("coco", roboflow_coco, True),
    "Roboflow VOC": ("voc", roboflow_voc, True), "Roboflow YOLO": ("yolo", roboflow_yolo, True),
    "Roboflow darknet": ("yolo", roboflow_darknet, True), "VoTT VOC": ("voc", vott_voc, True),
    "VIA COCO": ("coco", via_coco, False), "labelImg YOLO": ("yolo", labelimg_yolo, False),
    "labelImg VOC": ("voc", labelimg_voc, False), "makesense.ai YOLO": ("yolo", makesense_yolo, False),
    "makesense.ai VOC": ("voc", makesense_voc, False), "makesense.ai COCO": ("coco", makesense_coco, False),
    "Ultralytics, list": ("yolo", ultralytics("names: [cat, traffic light]"), True),
    "Ultralytics, dict": ("yolo", ultralytics("names:\n  0: cat\n  1: traffic light"), True),
    "FiftyOne COCO": ("coco", fiftyone_coco, False), "FiftyOne VOC": ("voc", fiftyone_voc, False),
    "FiftyOne YOLO": ("yolo", fiftyone_yolo, True), "FiftyOne darknet": ("yolo", fiftyone_darknet, False),
}
"""The data set that reads an export, what makes one, and whether it names a second part."""
