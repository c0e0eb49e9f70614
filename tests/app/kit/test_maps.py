"""The overlay is bright where the map is high, and covers the part of the picture that was shown."""

from __future__ import annotations

import numpy as np
import pytest

from app.kit.maps import overlay

BLACK = np.zeros((8, 8, 3), np.uint8)


def lit(shown: tuple[float, float], cell: tuple[int, int], cells: int = 4) -> tuple[float, float]:
    """Where the light's centre is, as shares of the height and the width."""
    where = np.zeros((cells, cells))
    where[cell] = 1
    light = overlay(BLACK, where.tolist(), shown, 64).astype(float).sum(2)
    rows, columns = np.indices(light.shape)
    return float((light * rows).sum() / light.sum()) / 63, float((light * columns).sum() / light.sum()) / 63


@pytest.mark.parametrize(("shown", "cell", "expected"), [
    ((1.0, 1.0), (0, 3), (0.125, 0.875)), ((1.0, 1.0), (2, 1), (0.625, 0.375)),
    ((0.5, 0.5), (0, 3), (0.3125, 0.6875)), ((2.0, 2.0), (1, 2), (0.25, 0.75)),
    ((1.0, 0.5), (0, 3), (0.125, 0.6875)), ((0.5, 2.0), (3, 2), (0.6875, 0.75))])
def test_light_falls_where_the_map_says(shown: tuple[float, float], cell: tuple[int, int],
                                        expected: tuple[float, float]) -> None:
    assert lit(shown, cell) == pytest.approx(expected, abs=0.04)


def test_without_a_map_the_picture_is_only_grey() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 1), dtype=np.uint8)
    seen = overlay(pixels, [[0.0, 0.0], [0.0, 0.0]], (1.0, 1.0), 16)
    assert seen.shape == (16, 16, 3) and (seen[::2, ::2, 0] == pixels[..., 0]).all()
    assert (seen[..., 0] == seen[..., 2]).all()
