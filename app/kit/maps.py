"""Where a model looked: asked once, remembered, and laid over the picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from app.kit.pictures import EXACT
from engine.launch.jobs import run_job

Answer = dict[str, Any]
Picture = NDArray[np.uint8]
_COLOURS = ((96, 12, 60), (206, 58, 34), (250, 150, 40), (255, 232, 130))
_STRONGEST = 0.8
_PALEST = 0.55


@st.cache_data(show_spinner="Looking …", max_entries=200)
def look_at_data(run: int, checkpoint: str, weights: str, split: str, ids: tuple[int, ...], label: int | None,
                 dataset: str = "", data_path: str = "") -> Answer:
    """The answer of the job ``look`` for pictures of the run's data, or of another data set.

    Args:
        weights: the folder that the checkpoint stands for; another one is another answer.

    Raises:
        UserError: what the job says.
    """
    return run_job("try", {"run": run, "checkpoint": checkpoint, "split": split, "ids": list(ids), "label": label,
                            "dataset": dataset, "data_path": data_path})


def overlaid(picture: Picture, where: Sequence[Sequence[float]], shown: float, side: int = 256) -> Picture:
    """The picture in grey, and over it, the brighter the more it mattered, where the model looked.

    Args:
        picture: uint8 [H, W, C], square.
        where: rows of numbers from 0 to 1.
        shown: side of the part in the middle that the map is of, as a share of the picture's; above 1: it is wider.
        side: of the result, in pixels.

    Returns:
        uint8 [side, side, 3].
    """
    drawn = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).convert("L")
    way = Image.Resampling.NEAREST if max(drawn.size) <= EXACT else Image.Resampling.BILINEAR
    grey = np.asarray(drawn.resize((side, side), way), dtype=np.float32)[..., None]
    heat = _spread(np.asarray(where, dtype=np.float32), shown, side)[..., None]
    stops = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack([np.interp(heat[..., 0], stops, channel) for channel in zip(*_COLOURS, strict=True)], axis=-1)
    alpha = _STRONGEST * heat
    mixed = (1 - alpha) * (1 - _PALEST * heat) * grey + alpha * colours
    found: Picture = mixed.clip(0, 255).astype(np.uint8)
    return found


def _spread(where: NDArray[np.float32], shown: float, side: int) -> NDArray[np.float32]:
    """float32 [side, side], 0 to 1: the map over its part of the picture, smooth between its cells."""
    covered = max(round(side * shown), 1)
    fine = np.asarray(Image.fromarray(where).resize((covered, covered), Image.Resampling.BICUBIC)).clip(0, 1)
    if covered >= side:
        start = (covered - side) // 2
        return fine[start:start + side, start:start + side]
    canvas = np.zeros((side, side), np.float32)
    start = (side - covered) // 2
    canvas[start:start + covered, start:start + covered] = fine
    return canvas
