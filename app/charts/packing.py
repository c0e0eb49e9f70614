"""Numbers on their way to the browser: a JSON header, and numpy arrays as float32 behind it."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(header: dict[str, Any], arrays: list[NDArray[np.float32]]) -> bytes:
    """Encode: uint32 header length, header padded to four bytes, float32 arrays one after the other."""
    text = json.dumps(header, separators=(",", ":")).encode()
    encoded = text + b" " * (-len(text) % 4)
    return len(encoded).to_bytes(4, "little") + encoded + b"".join(array.tobytes() for array in arrays)


def without_arrays(trace: dict[str, Any], arrays: list[NDArray[np.float32]]) -> dict[str, Any]:
    """Replace each numpy array of a trace by its offset in the body, and append the arrays to ``arrays``."""
    light: dict[str, Any] = {}
    at = sum(array.size for array in arrays)
    for name, value in trace.items():
        if isinstance(value, np.ndarray):
            light[name] = {"at": at, "shape": list(value.shape)}
            arrays.append(np.ascontiguousarray(value, dtype=np.float32))
            at += value.size
        else:
            light[name] = value
    return light
