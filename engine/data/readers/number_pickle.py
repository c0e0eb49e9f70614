"""Pickles of dictionaries, lists, texts and arrays of numbers, read without NumPy's or anybody's own unpickling.

A pickle names functions and classes, and sets the state of what they return. Even an allow-list of NumPy's is not safe:
``numpy.dtype.__setstate__`` takes forged flags that make pointers of plain bytes. So every name a pickle may use stands
for something of this module, which takes plain numbers only.
"""

import codecs
import math
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

_PLAIN = frozenset(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)) | {"f2", "f4", "f8", "b1"}


class NumberType:
    """Stands for a ``numpy.dtype`` of plain numbers, such as ``u1``."""

    def __init__(self, code: object, *_: object) -> None:
        code = code.decode("ascii") if isinstance(code, bytes) else code
        if code not in _PLAIN:
            raise pickle.UnpicklingError(f"it holds an array of kind {str(code)[:20]!r}, not of plain numbers")
        self._code, self._order = str(code), "<"

    def __setstate__(self, state: object) -> None:
        """Only the byte order is taken; NumPy's flags and fields are not looked at."""
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else ""
        order = order.decode("ascii") if isinstance(order, bytes) else order
        if order not in ("<", ">", "=", "|"):
            raise pickle.UnpicklingError(f"it holds an array of byte order {str(order)[:20]!r}")
        self._order = ">" if order == ">" else "<"

    @property
    def numpy(self) -> np.dtype[Any]:
        return np.dtype(f"{self._order}{self._code}")


class NumberArray:
    """Stands for a ``numpy.ndarray``: ``array`` is one made of the pickle's bytes."""

    def __init__(self) -> None:
        self.array: NDArray[Any] = np.empty(0)

    def __setstate__(self, state: object) -> None:
        _, shape, kind, by_column, content = state if isinstance(state, tuple) and len(state) == 5 else (None,) * 5
        self.array = _array(content, kind, shape, "F" if by_column else "C")


def _array(content: object, kind: object, shape: object, order: object) -> NDArray[Any]:
    content = content.encode("latin1") if isinstance(content, str) else content
    if not (isinstance(content, bytes | bytearray) and isinstance(kind, NumberType) and isinstance(shape, tuple)
            and all(type(side) is int and side >= 0 for side in shape)):
        raise pickle.UnpicklingError("it holds an array that is none of plain numbers")
    if math.prod(shape) * kind.numpy.itemsize != len(content):
        raise pickle.UnpicklingError(f"it holds an array of {len(content):,} bytes for the shape {shape}"[:200])
    return np.frombuffer(content, kind.numpy).reshape(shape, order="F" if order == "F" else "C")


def _reconstructed(*_: object) -> NumberArray:
    return NumberArray()


def _from_buffer(content: object, kind: object, shape: object, order: object, *_: object) -> NumberArray:
    found = NumberArray()
    found.array = _array(content, kind, shape, order)
    return found


def _scalar(kind: object, content: object = b"") -> object:
    return _array(content, kind, (1,), "C")[0].item()


def _encoded(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1", "ascii", "utf-8"):
        raise pickle.UnpicklingError("it encodes something that is no text")
    return codecs.encode(text, str(encoding))


def _no_bytes() -> bytes:
    """What pickles of Python 2 call for an empty text."""
    return b""


_STAND_INS: dict[str, Any] = {
    "multiarray._reconstruct": _reconstructed, "multiarray.scalar": _scalar, "numeric._frombuffer": _from_buffer,
    "__builtin__.bytes": _no_bytes, "builtins.bytes": _no_bytes,
    "numpy.ndarray": NumberArray, "numpy.dtype": NumberType, "_codecs.encode": _encoded}


class NumbersUnpickler(pickle._Unpickler):
    """Unpickles with stand-ins alone. Python's own unpickler is used because C's reserves memory a file asks for.

    Arrays become :class:`NumberArray`.
    """

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)

    def load_bytearray8(self) -> None:
        """Read no more than there is, where Python's reserves what the file asks for."""
        size = int.from_bytes(self.read(8), "little")  # type: ignore[attr-defined]
        content = self.read(size)  # type: ignore[attr-defined]
        if len(content) < size:
            raise pickle.UnpicklingError(f"it ends within {size:,} bytes")
        self.append(bytearray(content))  # type: ignore[attr-defined]

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        inner = module.startswith(("numpy.core.", "numpy._core."))
        found = _STAND_INS.get(f"{module.rpartition('.')[2] if inner else module}.{name}")
        if found is None or (inner and found in (NumberArray, NumberType)):
            raise pickle.UnpicklingError(f"it names {module}.{name}"[:200])
        return found  # type: ignore[no-any-return]
