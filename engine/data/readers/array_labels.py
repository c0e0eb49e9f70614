"""One label a picture, from an array of numbers, names, columns or one-hot rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Targets
from engine.data.ledger import Decision
from engine.data.readers.array_pictures import shape_text
from engine.errors import UserError

_MOST = 1_000_000


def labels_of(name: str, array: NDArray[Any]) -> tuple[NDArray[Any], list[Decision]]:
    """Return the labels in an array, int64 or str [N], and what was decided of its form.

    Raises:
        UserError: they are no labels of one class each; names the array.
    """
    flat, decisions = _flat(name, array)
    if flat.dtype.kind in "US":
        return _text(name, flat), [*decisions, Decision(f"the labels in {name} are class names")]
    if flat.dtype.kind == "b":
        return flat.astype(np.int64), [*decisions, Decision(f"in {name} false is class 0 and true is class 1")]
    if flat.dtype.kind == "f" and np.isfinite(flat).all() and not (flat % 1).any():
        decisions = [*decisions, Decision(f"the labels in {name} are whole numbers, stored as {flat.dtype}")]
    elif flat.dtype.kind not in "iu":
        raise UserError(f"{name}: holds {flat.dtype} values; labels must be whole numbers from 0, or names")
    if flat.min() < 0 or flat.max() >= len(flat) + _MOST:
        raise UserError(f"{name}: label {flat.min() if flat.min() < 0 else flat.max()} is out of range; labels count "
                        "from 0")
    return flat.astype(np.int64), decisions


def several_of(name: str, array: NDArray[Any]) -> tuple[Targets, list[Decision]]:
    """Return which classes each picture has, int64 [N, K] of 0 and 1, and what was decided of the array's form.

    Raises:
        UserError: it is none; names the array.
    """
    if array.ndim != 2 or array.shape[1] < 2 or not len(array):
        raise UserError(f"{name}: shape {shape_text(array)} is not a row of 0 and 1 for each picture, [N, K]")
    if array.dtype.kind not in "biuf" or not ((array == 0) | (array == 1)).all():
        odd = "text" if array.dtype.kind not in "biuf" else f"{array[(array != 0) & (array != 1)][0]}"
        raise UserError(f"{name}: holds {odd}; a picture has a class, 1, or has not, 0")
    return array.astype(np.int64), [
        Decision(f"each row of {name} says which of {array.shape[1]} classes a picture has")]


def numbered(name: str, labels: NDArray[Any], classes: tuple[str, ...]) -> Targets:
    """Return the place of each name among the classes; numbers as they are.

    Raises:
        UserError: a name is none of them.
    """
    if labels.dtype.kind != "U":
        return labels
    places = {each: place for place, each in enumerate(classes)}
    unknown = next((each for each in labels.tolist() if each not in places), None)
    if unknown is not None:
        raise UserError(f"{name}: {unknown!r} is none of the {len(classes)} classes of training")
    return np.array([places[each] for each in labels.tolist()], np.int64)


def _flat(name: str, array: NDArray[Any]) -> tuple[NDArray[Any], list[Decision]]:
    if not array.size:
        raise UserError(f"{name}: shape {shape_text(array)} holds no label")
    if array.ndim == 1:
        return array, []
    if array.ndim == 2 and 1 in array.shape:
        return array.reshape(-1), [Decision(f"the labels in {name} are a {'column' if array.shape[1] == 1 else 'row'}")]
    if array.ndim == 2 and array.dtype.kind in "biuf" and ((array == 0) | (array == 1)).all() and \
            (array.sum(axis=1) == 1).all():
        return array.argmax(axis=1), [Decision(f"the labels in {name} are one-hot: the column of the 1 is the class")]
    raise UserError(f"{name}: shape {shape_text(array)} is not one label a picture, [N], nor a row with one 1 for each"
                    "; for any number of classes per picture, [N, K] of 0 and 1, choose the data set npy-labels")


def _text(name: str, labels: NDArray[Any]) -> NDArray[Any]:
    try:
        text = np.char.decode(labels, "utf-8") if labels.dtype.kind == "S" else labels
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: a label is not text in UTF-8") from error
    stripped: NDArray[Any] = np.char.strip(text)
    if not stripped.astype(bool).all():
        raise UserError(f"{name}: label {int((stripped == '').argmax())} is empty")
    return stripped
