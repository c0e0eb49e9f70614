"""Test pictures that are among the training pictures, though not with equal pixels.

A copy may have been compressed, resized, mirrored, brightened or slightly cropped. Candidates are the nearest pictures
by the lowest frequencies of the discrete cosine transform, as in perceptual hashing (Zauner, 2010); mirroring changes
only signs. A candidate is aligned (Lucas and Kanade, 1981) and confirmed by the correlation of its details. What
correlation is surprising is measured on the set itself, as garments or digits resemble each other anyway.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Images, Pictures

Floats = NDArray[np.float32]

SMALLEST = 16
"""Shortest side in pixels; smaller pictures resemble each other too much, so only equal pixels count."""

ALIKE = 0.92
"""Least likeness of a copy; more where the pictures of a set resemble each other."""

_SIDE, _WAVES = 32, 8
_FLAT = 2.0  # standard deviation in grey levels, below which a picture shows nothing
_NEAR = 0.8  # cosine of the sketches of a candidate
_SPREADS = 5  # above the set's typical correlation of unlike pictures, on Fisher's scale
_SAMPLE = 1000
_BLOCK = 512
_STEPS = 4
_SHIFT, _SCALE = 3.0, 0.12  # largest shift in pixels and change of scale when aligning
_MIRROR = np.tile((-1.0) ** np.arange(_WAVES), _WAVES)[1:].astype(np.float32)


def limits(least_likeness: float) -> str:
    """Return what the search cannot find, as a sentence; empty if it finds all kinds of copies."""
    if least_likeness >= 1:
        return "Only equal pixels count here, as pictures this small resemble each other too much."
    if least_likeness <= ALIKE:
        return ""
    return (f"As the pictures of this set resemble each other, only pairs that are {least_likeness:.2%} alike count: "
            "mirrored copies are found, but hardly resized or cropped ones.")


@dataclass(frozen=True)
class Leak:
    """A test picture that shows the same as a training picture, by their positions."""

    test: int
    train: int
    mirrored: bool
    likeness: float


def sketch(images: Pictures) -> Floats:
    """Return the direction of the 63 lowest frequencies of each picture of uint8 [N, H, W, C], zero if it is flat."""
    thumbs = _thumbs(images)
    waves = np.cos(np.pi * np.outer(np.arange(_WAVES), np.arange(_SIDE) + 0.5) / _SIDE)
    waves = (waves / np.linalg.norm(waves, axis=1, keepdims=True)).astype(np.float32)
    found: Floats = (waves @ thumbs @ waves.T).reshape(len(thumbs), -1)[:, 1:]
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.where(length < _FLAT * _SIDE, 0, found / np.maximum(length, 1)).astype(np.float32)


def find_leaks(train: Images, test: Images, train_sketches: Floats, test_sketches: Floats,
               ) -> tuple[list[Leak], float]:
    """Find the test pictures that a training picture shows too, each with the most alike one.

    Args:
        train, test: uint8 [N, H, W, C].
        train_sketches, test_sketches: of all these pictures, from :func:`sketch`.

    Returns:
        The leaks, and the least likeness that counts; 1: only equal pixels do.
    """
    if min(train.shape[1:3]) < SMALLEST or not len(test_sketches) or not len(train_sketches):
        return [], 1.0
    candidates = [_nearest(test_sketches * sign, train_sketches) for sign in (np.ones_like(_MIRROR), _MIRROR)]
    surprising = _surprising(train, test, candidates)
    found: dict[int, Leak] = {}
    for mirrored, (places, cosines) in enumerate(candidates):
        asked = np.flatnonzero(cosines >= _NEAR)
        likeness = _compare(test, train, asked, places[asked], bool(mirrored))
        for place, alike in zip(asked.tolist(), likeness.tolist(), strict=True):
            if alike >= surprising and (place not in found or alike > found[place].likeness):
                found[place] = Leak(place, int(places[place]), bool(mirrored), round(alike, 4))
    return sorted(found.values(), key=lambda leak: leak.test), surprising


def _nearest(wanted: Floats, among: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the place and cosine of the nearest sketch, block by block, so that memory stays bounded."""
    places, cosines = np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.float32)
    for rows in _blocks(len(wanted)):
        products = wanted[rows] @ among.T
        places[rows] = products.argmax(axis=1)
        cosines[rows] = products.max(axis=1)
    return places, cosines


def _surprising(train: Images, test: Images, candidates: Sequence[tuple[NDArray[np.int64], Floats]]) -> float:
    """Return the least likeness of a copy: far above that of the worse of both candidates of a test picture.

    A picture that leaks does so upright or mirrored, hardly both, so the worse one tells how alike honest ones are.
    """
    count = len(candidates[0][0])
    asked = np.random.default_rng(0).permutation(count)[:_SAMPLE]
    honest = np.minimum(*(_compare(test, train, asked, places[asked], bool(mirrored))
                          for mirrored, (places, _) in enumerate(candidates)))
    middle, upper = np.quantile(np.arctanh(np.clip(honest, -0.999, 0.999)), (0.5, 0.75))
    return max(ALIKE, float(np.tanh(middle + _SPREADS * (upper - middle) / 0.6745)))


def _compare(test: Images, train: Images, tested: NDArray[np.int64], trained: NDArray[np.int64],
             mirrored: bool) -> Floats:
    """Return how well the details of pairs agree once aligned, from -1 to 1."""
    found = np.zeros(len(tested), np.float32)
    for rows in _blocks(len(tested)):
        wanted, known = _thumbs(np.asarray(test[tested[rows]])), _thumbs(np.asarray(train[trained[rows]]))
        wanted = wanted[:, :, ::-1] if mirrored else wanted
        found[rows] = (_details(wanted) * _details(_align(wanted, known))).mean(axis=(1, 2))
    return found


def _align(wanted: Floats, known: Floats) -> Floats:
    """Shift and scale ``known`` until it fits ``wanted``, both [N, side, side]."""
    grid = (np.arange(_SIDE) - (_SIDE - 1) / 2).astype(np.float32)
    limits = np.array([_SHIFT, _SCALE, _SHIFT, _SCALE], np.float32)
    damping = np.diag([0.3, 9, 0.3, 9]).astype(np.float32)
    moves, goal = np.zeros((len(wanted), 4), np.float32), _standardise(wanted)
    for _ in range(_STEPS):
        moved = _standardise(_warp(known, moves, grid))
        down, right = np.gradient(moved, axis=(1, 2))
        slopes = np.stack([right, right * grid, down, down * grid[:, None]], axis=-1).reshape(len(known), -1, 4)
        turned = slopes.transpose(0, 2, 1)
        missing = (goal - moved).reshape(len(known), -1, 1)
        moves += np.linalg.solve(turned @ slopes + damping, turned @ missing)[..., 0]
        moves = np.clip(moves, -limits, limits)
    return _warp(known, moves, grid)


def _warp(thumbs: Floats, moves: Floats, grid: Floats) -> Floats:
    """Read each thumb at shifted and scaled places, linearly: ``moves`` are shift and scale across, then down."""
    places = [np.clip(grid * (1 + moves[:, at + 1, None]) + moves[:, at, None] + (_SIDE - 1) / 2, 0, _SIDE - 1)
              for at in (0, 2)]
    across, down = (np.maximum(0, 1 - np.abs(np.arange(_SIDE) - place[..., None])) for place in places)
    found: Floats = (down @ thumbs @ across.transpose(0, 2, 1)).astype(np.float32)
    return found


def _details(thumbs: Floats) -> Floats:
    """Return what lies between coarse shapes and the noise of compression, standardised and without its edge."""
    from scipy.ndimage import gaussian_filter  # takes a second to import, which only a search is worth

    band = gaussian_filter(thumbs, (0, 1, 1)) - gaussian_filter(thumbs, (0, 2, 2))
    return _standardise(band[:, 2:-2, 2:-2])


def _standardise(thumbs: Floats) -> Floats:
    centred = thumbs - thumbs.mean(axis=(1, 2), keepdims=True)
    found: Floats = centred / np.maximum(centred.std(axis=(1, 2), keepdims=True), 1e-6)
    return found


def _thumbs(images: Pictures) -> Floats:
    """Return the pictures grey and resized, float32 [N, side, side], smoothed before they are shrunk."""
    grey = images.mean(axis=3, dtype=np.float32)
    found: Floats = _resizing(grey.shape[1]) @ grey @ _resizing(grey.shape[2]).T
    return found


def _resizing(pixels: int) -> Floats:
    centres = (np.arange(_SIDE) + 0.5) * pixels / _SIDE - 0.5
    weights = np.maximum(0, 1 - np.abs(np.arange(pixels) - centres[:, None]) / max(1, pixels / _SIDE))
    found: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return found


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
