"""Saliency maps: requested once, cached, and drawn over the picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from app.kit.pictures import EXACT
from engine.launch.jobs import job_folder, run_job

Answer = dict[str, Any]
Picture = NDArray[np.uint8]
_COLOURS = ((96, 12, 60), (206, 58, 34), (250, 150, 40), (255, 232, 130))
_STRONGEST = 0.8
_PALEST = 0.55


@st.cache_data(show_spinner="Computing …", max_entries=200)
def explain_data(run: int, checkpoint: str, weights: str, split: str, ids: tuple[int, ...], label: int | None,
                 dataset: str = "", data_path: str = "") -> Answer:
    """Run the job ``try`` on pictures of the run's data, or of another data set, and return its answer.

    Args:
        weights: the checkpoint's folder, part of the cache key.

    Raises:
        UserError: the job failed.
    """
    return run_job("try", {"run": run, "checkpoint": checkpoint, "split": split, "ids": list(ids), "label": label,
                            "dataset": dataset, "data_path": data_path})


@st.cache_data(show_spinner="Computing …", max_entries=200)
def explain_file(run: int, checkpoint: str, weights: str, content: bytes, **options: Any) -> Answer:
    """As :func:`explain_data`, but for an uploaded picture file; ``options`` are further fields of the request."""
    with job_folder() as folder:
        file = folder / "picture"
        file.write_bytes(content)
        return run_job("try", {"run": run, "checkpoint": checkpoint, "file": str(file), **options})


def overlay(
    picture: Picture, saliency: Sequence[Sequence[float]], covered: Sequence[float], side: int = 256,
) -> Picture:
    """Draw a saliency map over the picture in grey.

    Args:
        picture: uint8 [H, W, C], made square.
        saliency: rows of numbers from 0 to 1.
        covered: height and width of the centre crop that the map covers, relative to the picture; above 1 if it is
            padded.
        side: of the result, in pixels.

    Returns:
        uint8 [side, side, 3].
    """
    image = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).convert("L")
    way = Image.Resampling.NEAREST if max(image.size) <= EXACT else Image.Resampling.BILINEAR
    grey = np.asarray(image.resize((side, side), way), dtype=np.float32)[..., None]
    heat = _resize_map(np.asarray(saliency, dtype=np.float32), covered, side)[..., None]
    stops = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack([np.interp(heat[..., 0], stops, channel) for channel in zip(*_COLOURS, strict=True)], axis=-1)
    alpha = _STRONGEST * heat
    mixed = (1 - alpha) * (1 - _PALEST * heat) * grey + alpha * colours
    found: Picture = mixed.clip(0, 255).astype(np.uint8)
    return found


def _resize_map(saliency: NDArray[np.float32], covered: Sequence[float], side: int) -> NDArray[np.float32]:
    """Interpolate the map over its crop of the picture: float32 [side, side], 0 to 1."""
    height, width = (max(round(side * share), 1) for share in covered)
    fine = np.asarray(Image.fromarray(saliency).resize((width, height), Image.Resampling.BICUBIC)).clip(0, 1)
    canvas = np.zeros((side, side), np.float32)
    (on_rows, of_rows), (on_columns, of_columns) = _centred(side, height), _centred(side, width)
    canvas[on_rows, on_columns] = fine[of_rows, of_columns]
    return canvas


def _centred(side: int, length: int) -> tuple[slice, slice]:
    """Return where a stretch lies on a side with the same centre, and which part of it does."""
    common = min(side, length)
    on, of = (side - common) // 2, (length - common) // 2
    return slice(on, on + common), slice(of, of + common)
