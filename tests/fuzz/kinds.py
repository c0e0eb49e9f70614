"""Every kind of file that is read: a small valid original in a folder, and a command that reads it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.readers.cifar import CIFAR10, CIFAR100
from tests.engine.data import box_sources, sources
from tests.engine.imports.test_logs import FASTAI, KERAS, LIGHTNING, STATE, ULTRALYTICS

OTHER, TRAINED = "other", "trained"
"""The runs of the home that the commands work in; the second has checkpoints."""


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        make: writes originals into a folder.
        commands: each reads them; ``{}`` stands for the folder, ``{file}`` for the damaged one.
        files: a pattern of those that are damaged, below the folder; of the home if it begins with its folders.
        like: the suffix whose bombs are used, by default that of the file.
    """

    make: Callable[[Path], object]
    commands: Sequence[str]
    files: str = "**/*"
    like: str = ""

    @property
    def of_home(self) -> bool:
        return self.files.split("/")[0] in ("artifacts", "data", "snapshots", "runs.db*")


def _pictures(folder: Path) -> None:
    suffixes = ("png", "jpg", "gif", "bmp", "tiff", "webp", "pgm", "ppm", "tga", "ico", "jp2", "avif")
    for name in ("cats", "dogs"):
        (folder / name).mkdir()
        for place, suffix in enumerate(suffixes):
            try:
                sources.picture(16, seed=place + 50 * (name == "dogs"), colour=suffix != "pgm").save(
                    folder / name / f"{place}.{suffix}")
            except (KeyError, OSError):  # this Pillow cannot write it
                (folder / name / f"{place}.{suffix}").write_bytes(b"\0" * 99)
    Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 9).save(folder / "cats" / "deep.png")
    Image.fromarray(np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)).save(folder / "dogs" / "floats.tif")
    frames = [sources.picture(16, seed=each) for each in range(3)]
    frames[0].save(folder / "dogs" / "moving.gif", save_all=True, append_images=frames[1:])


def _npy(folder: Path) -> None:
    sources.arrays(folder)
    (folder / "classes.txt").write_text("".join(f"class {place}\n" for place in range(10)))


def _lists(folder: Path) -> None:
    sources.class_folder(folder, count=4)
    files = sorted(str(path.relative_to(folder)) for path in folder.glob("*/*.png"))
    (folder / "train.txt").write_text("\n".join(files[:8]))
    (folder / "test.txt").write_text("\n".join(files[8:]))


def _yolo(folder: Path) -> None:
    for split, count in (("train", 8), ("val", 4)):
        for place in range(count):
            box_sources.picture_file(folder / "images" / split / f"{place}.jpg", seed=place)
            label = folder / "labels" / split / f"{place}.txt"
            label.parent.mkdir(parents=True, exist_ok=True)
            label.write_text(f"{place % 2} 0.5 0.5 0.2 0.3\n1 0.25 0.25 0.1 0.1\n")
    (folder / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnc: 2\nnames: [cat, dog]\n")


def _coco(folder: Path) -> None:
    box_sources.coco(folder, box_sources.many(8))
    box_sources.coco(folder, box_sources.many(4), file="annotations/instances_val.json", folder="val")


def _voc(folder: Path) -> None:
    box_sources.voc(folder, box_sources.many(8), {"trainval": [f"p{n:02}" for n in range(6)], "test": ["p06", "p07"]})


def _logs(folder: Path) -> None:
    for name, text in {"training.log": KERAS, "keras.csv": KERAS, "lightning/metrics.csv": LIGHTNING,
                       "history.csv": FASTAI,
                       "results.csv": ULTRALYTICS, "trainer_state.json": json.dumps(STATE),
                       "lightning/hparams.yaml": "lr: 0.1\nmodel: resnet18\noptimizer:\n  name: sgd\nsize: [1, 2]\n",
                       "args.yaml": "lr: 0.1\nmodel: resnet18\n", "chart.csv":
                       "Step,a - val_acc,b - val_acc\n1,0.4,20\n2,0.5,41.3\n"}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def _tables(folder: Path) -> None:
    row = {"model": "resnet18", "loss": 0.345, "accuracy": 94.5, "seed": 1}
    for name, text in {"table.csv": "model;loss;accuracy;seed\nresnet18;0,345;94,5;1\nvit;0,512;91,2;2\n",
                       "table.tsv": "model\tval_acc\tval_loss\nresnet18\t0.9\t1e-3\n", "table.json": json.dumps([row,
                                                                                                                 row]),
                       "table.jsonl": f"{json.dumps(row)}\n{json.dumps(row)}\n"}.items():
        (folder / name).write_text(text)


def _events(folder: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    for name in ("a", "b"):
        with SummaryWriter(str(folder / name)) as writer:
            for step in range(5):
                writer.add_scalar("val/acc", 0.5, step)
            writer.add_hparams({"lr": 0.1, "model": "resnet18"}, {"hparam/test_acc": 0.5})


def _weights(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    from engine.models.build import build_model

    tensors = {name: tensor.contiguous() for name, tensor in
               build_model("tinyvgg_a", classes=10, channels=3, size=32).state_dict().items()}
    save_file(tensors, folder / "a.safetensors", {"mean": "[0.5, 0.5, 0.5]", "std": "[0.2, 0.2, 0.2]"})
    torch.save(tensors, folder / "a.pth")
    torch.save({"state_dict": tensors, "optimizer": {"lr": 0.1}}, folder / "b.pth")
    torch.save(tensors, folder / "c.pth", _use_new_zipfile_serialization=False)


def _one_picture(folder: Path) -> None:
    for suffix in ("png", "jpg", "gif", "bmp", "tiff", "webp", "pgm"):
        sources.picture(24, colour=suffix != "pgm").save(folder / f"picture.{suffix}")


def _configs(folder: Path) -> None:
    (folder / "run.yaml").write_text("dataset: Digits\nmodel: tinyvgg_a\nepochs: 2\nlr: 0.1\n")
    (folder / "run.json").write_text(json.dumps({"dataset": "Digits", "model": "tinyvgg_a", "epochs": 2}))
    (folder / "base.yaml").write_text("settings: {dataset: Digits}\n")
    (folder / "study.yaml").write_text("name: s\nlayers: [base.yaml]\nfactors: {lr: [0.1, 0.01]}\nseeds: [1]\n")


def _plugins(folder: Path) -> None:
    from engine.home import ROOT

    shutil.copy(ROOT / "docs/examples/plugins/residual.py", folder / "residual.py")


def _sound(folder: Path) -> None:
    """Nothing of its own."""


_DATA = ("data {kind} --data-path {{}}", "data {kind} --data-path {{}} --unreadable skip",
         "train --dataset {kind} --data-path {{}} --dry-run --model tinyvgg_a --device cpu")


def _data(kind: str, *, model: str = "tinyvgg_a") -> tuple[str, ...]:
    return tuple(words.format(kind=kind).replace("tinyvgg_a", model) for words in _DATA)


_DETECTOR = "fasterrcnn_mobilenet_v3_large_320_fpn"
_IMPORTS = ("study import {} --name s", "study import {} --name s --dry-run", "study import {file} --name s")
_HOME = ("runs", f"show {TRAINED}", "repair", "doctor", "study list", f"evaluate {OTHER}",
         f"ensemble {OTHER} {TRAINED}",
         f"resume {TRAINED} --more 1", "queue", f"delete {TRAINED} --yes", "restore")
_MODEL = (f"evaluate {TRAINED} --checkpoint last", f"evaluate {TRAINED}", f"export {TRAINED} --yes",
          f"try {TRAINED} {{}}/picture.png",
          f"go-on {TRAINED}")

KINDS: dict[str, Kind] = {
    "class folders": Kind(_pictures, _data("folder"), "*/*"),
    "lists of parts": Kind(_lists, _data("folder"), "*.txt"),
    "npy": Kind(_npy, _data("npy")),
    "idx": Kind(lambda folder: sources.fashion(folder, zipped=False), _data("FashionMNIST")[:2]),
    "idx.gz": Kind(sources.fashion, _data("FashionMNIST")[:2]),
    "mat": Kind(sources.svhn, _data("SVHN")[:2]),
    "CIFAR-10": Kind(lambda folder: sources.cifar(folder, CIFAR10), _data("CIFAR10")[:2], like="pth"),
    "CIFAR-100": Kind(lambda folder: sources.cifar(folder, CIFAR100, classes=100, count=100), _data("CIFAR100")[:2],
                      like="pth"),
    "Tiny ImageNet": Kind(sources.tiny_imagenet, _data("TinyImagenet")[:2]),
    "COCO": Kind(_coco, _data("coco", model=_DETECTOR), "annotations/*"),
    "COCO pictures": Kind(_coco, _data("coco", model=_DETECTOR), "*/*.png"),
    "VOC": Kind(_voc, _data("voc", model=_DETECTOR), "A*/*"),
    "VOC lists": Kind(_voc, _data("voc", model=_DETECTOR), "ImageSets/*/*"),
    "YOLO": Kind(_yolo, _data("yolo", model=_DETECTOR), "labels/*/*"),
    "data.yaml": Kind(_yolo, _data("yolo", model=_DETECTOR), "data.yaml"),
    "logs": Kind(_logs, _IMPORTS),
    "tables": Kind(_tables, _IMPORTS[2:]),
    "event files": Kind(_events, _IMPORTS),
    "weights": Kind(_weights, ("weights import {file} --as tinyvgg_a",
                               "first-step --dataset Digits --weights file --weights-path {file} --model tinyvgg_a")),
    "picture to try": Kind(_one_picture, (f"try {TRAINED} {{file}}", f"try {TRAINED} {{file}} --invert")),
    "configs": Kind(_configs, ("train --config {}/run.yaml --dry-run", "train --config {}/run.json --dry-run",
                               "study run {}/study.yaml --dry-run")),
    "plug-ins": Kind(_plugins, ("models --plugin {}/residual.py", "train --plugin {}/residual.py --dry-run")),
    "checkpoints": Kind(_one_picture, _MODEL, "artifacts/runs/000002/checkpoints/*/*"),
    "checkpoint index": Kind(_one_picture, _MODEL, "artifacts/runs/000002/checkpoints/index.json"),
    "predictions": Kind(_one_picture, (*_HOME[5:7], f"doctor {OTHER}", f"show {OTHER}", f"evaluate {TRAINED}"),
                        "artifacts/runs/*/*.npz", like="npz"),
    "run.json": Kind(_sound, _HOME, "artifacts/runs/*/run.json"),
    "journals": Kind(_sound, _HOME, "artifacts/runs/*/journal-*.log"),
    "home.json": Kind(_sound, _HOME, "artifacts/home.json"),
    "runs.db": Kind(_sound, _HOME, "runs.db*", like="db"),
    "snapshots": Kind(_sound, ("restore {file}", "restore"), "snapshots/*", like="db"),
    "caches": Kind(_sound, ("data Digits", f"evaluate {TRAINED} --checkpoint last", "train --dry-run"), "data/**/*"),
}
