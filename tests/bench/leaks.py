"""``python -m tests.bench.leaks NAME [FOLDER]``: how many changed copies of training pictures the audit finds."""

import io
import sys
from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.Image import Resampling, Transpose

from engine.data import load_dataset
from engine.data.audits.leaks import find_leaks, sketch
from engine.data.dataset import Pictures

COPIES, TESTED = 100, 2000
Change = Callable[[Image.Image], Image.Image]


def jpeg(quality: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=quality)
        return Image.open(content)

    return change


def resized(scale: float) -> Change:
    return lambda picture: picture.resize((round(picture.width * scale), round(picture.height * scale))).resize(
        picture.size)


def cropped(left: float, right: float) -> Change:
    """Leave out these shares of both sides' lengths, and resize to the old size."""
    return lambda picture: picture.resize(picture.size, Resampling.BICUBIC, box=(
        left * picture.width, left * picture.height, (1 - right) * picture.width, (1 - right) * picture.height))


def brighter(factor: float) -> Change:
    return lambda picture: picture.point(lambda value: min(255, int(factor * value)))


def mirrored(picture: Image.Image) -> Image.Image:
    return picture.transpose(Transpose.FLIP_LEFT_RIGHT)


KINDS: dict[str, Change] = {
    "JPEG, quality 50": jpeg(50), "JPEG, quality 90": jpeg(90), "half size and back": resized(0.5),
    "double size and back": resized(2), "mirrored": mirrored, "cropped by 5 %, centre": cropped(0.025, 0.025),
    "cropped by 5 %, corner": cropped(0.05, 0), "10 % brighter": brighter(1.1), "10 % darker": brighter(0.9),
    "mirrored, cropped, JPEG 75": lambda picture: jpeg(75)(cropped(0.05, 0)(mirrored(picture))),
}


def changed(picture: Pictures, change: Change) -> Pictures:
    """Change one picture, uint8 [H, W, C]."""
    channels = picture.shape[2]
    found = np.asarray(change(Image.fromarray(picture[..., 0] if channels == 1 else picture)))
    return found.reshape(*picture.shape[:2], channels)


def main(name: str, folder: str = "") -> None:
    dataset = load_dataset(name, folder)
    train, test = np.asarray(dataset.train_images), np.asarray(dataset.test_images[:TESTED])
    known = sketch(train)
    honest = {leak.test for leak in find_leaks(train, test, known, sketch(test))[0]}
    random = np.random.default_rng(0)
    print(f"| changed by | found in {name} | others reported |\n|---|---|---|")
    for kind, change in KINDS.items():
        planted, sources = test.copy(), random.choice(len(train), COPIES, replace=False)
        for place, source in enumerate(sources):
            planted[place] = changed(train[source], change)
        leaks, _ = find_leaks(train, planted, known, sketch(planted))
        found = {leak.test for leak in leaks if leak.test < COPIES}
        others = {leak.test for leak in leaks} - found - honest
        print(f"| {kind} | {len(found)} | {len(others)} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
