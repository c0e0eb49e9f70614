"""Arrays of numbers come out of pickles; nothing else does, and nothing runs."""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.readers.number_pickle import NumberArray, NumbersUnpickler


def read(content: bytes) -> Any:
    return NumbersUnpickler(io.BytesIO(content), encoding="latin1").load()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("array", [
    np.arange(12, dtype=np.uint8).reshape(3, 4), np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    np.arange(4, dtype=">i4"), np.zeros((0, 3), np.float32),
    np.array([True, False])], ids=lambda array: str(array.dtype))
def test_arrays_are_read_as_numpy_reads_them(array: np.ndarray[Any, Any], protocol: int) -> None:
    found = read(pickle.dumps({"data": array, "labels": [1, 2], "one": array.dtype.type(1)}, protocol))
    assert isinstance(found["data"], NumberArray) and found["labels"] == [1, 2] and found["one"] == 1
    assert found["data"].array.dtype == array.dtype and np.array_equal(found["data"].array, array)


class _Calls:
    def __init__(self, *call: Any) -> None:
        self._call = call

    def __reduce__(self) -> Any:
        return self._call


def _with_state(array: np.ndarray[Any, Any], state: Any) -> bytes:
    """A pickle of an array whose dtype is given another state, as an attack does."""
    made = array.__reduce__()
    kind = _Calls(np.dtype, ("u1", False, True), state)
    return pickle.dumps(_Calls(made[0], made[1], (1, (8,), kind, False, b"\x41" * 64)))


OBJECT_FLAGS = (3, "|", None, None, None, -1, -1, 63)


@pytest.mark.parametrize("content", [
    _with_state(np.zeros(8, np.uint8), OBJECT_FLAGS),
    _with_state(np.zeros(8, np.uint8), (3, "|", ("O", (1,)), ("f",), {"f": ("O", 0)}, 8, 8, 63)),
    pickle.dumps(np.array([object], dtype=object)), pickle.dumps(np.zeros(2, [("a", "u1")])),
    pickle.dumps(np.array(["text"])), pickle.dumps(np.zeros(2, "M8[s]")),
    pickle.dumps(_Calls(np.dtype, ("O8", False, True))), pickle.dumps(_Calls(os.system, ("touch hacked",))),
    pickle.dumps(_Calls(eval, ("1",))), pickle.dumps(_Calls(np.load, ("x",))), pickle.dumps(Path("x")),
    b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", b"cnumpy\nndarray\n(K\x05tR.", b"\x80\x02]r\xff\xff\xff\x7f.",
    b"\x80\x04\x96\xff\xff\xff\xff\xff\xff\xff\x0f.", b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x0f.",
    b"", b".", b"\x80"])
def test_what_is_no_array_of_plain_numbers_is_refused(content: bytes, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        found = read(content)
    except Exception as error:
        assert not isinstance(error, MemoryError)
    else:
        assert isinstance(found, list | NumberArray)  # inert: bytes as they lie, or what an opcode made
        assert not isinstance(found, NumberArray) or found.array.dtype.kind in "iufb"
    assert not list(tmp_path.iterdir())


def test_forged_flags_change_nothing() -> None:
    with pytest.raises(pickle.UnpicklingError, match="64 bytes for the shape"):
        read(_with_state(np.zeros(8, np.uint8), OBJECT_FLAGS))
