"""What a killed writer leaves is removed by the next, and nothing else."""

from __future__ import annotations

import contextlib
import io
import random
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.array_files import read_arrays
from engine.errors import UserError
from engine.files import decoded, read_json, read_text, replace_file, sweep, write_atomically


def test_the_temporaries_of_a_killed_writer_go_with_the_next_write(tmp_path: Path) -> None:
    code = "import os; from engine.files import replace_file\n" \
           f"with replace_file(__import__('pathlib').Path({str(tmp_path / 'a.json')!r})): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    write_atomically(tmp_path / "other.json", b"")
    assert left.exists()
    write_atomically(tmp_path / "a.json", b"{}")
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "other.json"}


def test_the_temporary_of_a_living_writer_stays(tmp_path: Path) -> None:
    with replace_file(tmp_path / "a.json") as temporary:
        temporary.write_bytes(b"first")
        sweep(tmp_path)
        write_atomically(tmp_path / "a.json", b"second")
    assert (tmp_path / "a.json").read_bytes() == b"first"


@pytest.mark.parametrize(("name", "gone"), [
    (".exit.json.4711", True), (".index.json.a_0z9b1c", True), (".run.json.abcdefgh-wal", True),
    (".writing-abcdefgh", True), (".hidden", False), (".a.json.backup", False), ("journal-1.log", False)])
def test_only_temporaries_are_swept(tmp_path: Path, name: str, gone: bool) -> None:
    (tmp_path / name).mkdir() if "writing" in name else (tmp_path / name).touch()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ([] if gone else [name])


@pytest.mark.parametrize(("text", "encoding"), [
    ("Größe; Müßig", "cp1252"), ("café", "latin-1"), ("94.5 ± 0.3, 20°C", "cp1252"), ("l’été à la “carte”", "cp1252"),
    ("é", "cp1252"), ("개", "utf-8"), ("개", "utf-8-sig"), ("猫", "utf-16"), ("кошка", "utf-8")])
def test_text_is_read_in_the_encodings_that_are_certain(text: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_bytes(text.encode(encoding))
    assert read_text(file) == text


@pytest.mark.parametrize(("text", "encoding"), [
    ("개", "cp949"), ("고양이\n강아지", "cp949"), ("狗", "gbk"), ("red 蓝", "gbk"), ("犬", "shift_jis"),
    ("ねこ", "euc_jp"), ("貓", "big5"), ("кошка", "cp1251"), ("кошка", "koi8-r"), ("γάτα", "cp1253"),
    ("cat\0dog", "ascii")])
def test_text_whose_encoding_would_be_a_guess_is_refused(text: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_bytes(text.encode(encoding))
    with pytest.raises(UserError, match="save it as UTF-8"):
        read_text(file)


@settings(max_examples=100)
@given(st.sampled_from([
    ("cp1252", "àâçéèêëîïôùûœ"), ("cp1252", "åäöøæ"), ("cp1252", "ñáéíóú"), ("cp1250", "áčďéěíňóřšťúůýž"),
    ("cp1250", "ąćęłńóśźż"), ("cp1250", "áéíóöőúüű")]),
    st.lists(st.text("abcdefgh", min_size=1, max_size=3), min_size=1), st.data())
def test_text_of_two_encodings_is_never_read_as_the_other(written: tuple[str, str], words: list[str],
                                                          data: st.DataObject) -> None:
    encoding, letters = written
    text = " ".join(f"{word}{data.draw(st.sampled_from(letters))}{word}" for word in words)
    with contextlib.suppress(ValueError):
        assert decoded(text.encode(encoding))[0] == text


@pytest.mark.parametrize("content", [b"", b"[]", b"3", b'"text"', b"{", b"[" * 100_000, b"\xff\xfe"])
def test_damaged_json_is_one_kind_of_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "index.json"
    file.write_bytes(content)
    with pytest.raises(ValueError):
        read_json(file)


def _forged(values: int) -> bytes:
    """An ``.npy`` of one number whose header states ``values``."""
    buffer = io.BytesIO()
    npy.write_array_header_1_0(buffer, {"shape": (values,), "fortran_order": False, "descr": "<f4"})
    return buffer.getvalue() + b"\0" * 4


@pytest.mark.parametrize("values", [1000, 10**9, 10**13])
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_arrays_that_state_more_than_they_hold_take_no_memory(values: int, packing: int, tmp_path: Path) -> None:
    file = tmp_path / "predictions.npz"
    with zipfile.ZipFile(file, "w", packing) as archive:
        archive.writestr("ids.npy", _forged(values))
    with pytest.raises(ValueError, match=f"ids.npy states {values:,} values and holds fewer"):
        read_arrays(file, {})


def test_arrays_that_unpack_without_end(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", ids=np.zeros(300 << 20, np.int8))
    with pytest.raises(ValueError, match=r"unpacks to 314,572,\d\d\d bytes"):
        read_arrays(tmp_path / "a.npz", {})


@pytest.mark.parametrize(("ids", "boxes", "said"), [
    (np.arange(3), np.zeros((2, 4), np.float32), r"boxes are float32 \[2, 4\]"),
    (np.arange(3), np.zeros((3, 3), np.float32), r"boxes are float32 \[3, 3\]"),
    (np.arange(3), np.zeros(3, np.float32), r"boxes are float32 \[3\]"),
    (np.arange(3), np.zeros((3, 4), np.int64), r"boxes are int64"),
    (np.arange(3.0), np.zeros((3, 4)), "ids are float64"), (np.array(3), np.zeros((3, 4)), r"ids are int64 \[\]"),
    (np.array([0, -1, 2]), np.zeros((3, 4)), "ids hold -1"), (np.array(["a"] * 3), np.zeros((3, 4)), "ids are <U1"),
])
def test_arrays_that_do_not_fit_each_other(ids: NDArray[Any], boxes: NDArray[Any], said: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", ids=ids, boxes=boxes)
    with pytest.raises(ValueError, match=said):
        read_arrays(tmp_path / "a.npz", {"ids": "iN", "boxes": "fN4"})
    with pytest.raises(ValueError, match="has no scores"):
        read_arrays(tmp_path / "a.npz", {"scores": "fN"})


def test_damaged_arrays_are_one_kind_of_error(tmp_path: Path) -> None:
    sound = tmp_path / "sound.npz"
    np.savez_compressed(sound, a=np.arange(50), b=np.ones((3, 4), np.float32))
    assert {name: array.tolist() for name, array in read_arrays(sound, {}).items()} == {
        "a": list(range(50)), "b": np.ones((3, 4)).tolist()}
    content, file = sound.read_bytes(), tmp_path / "damaged.npz"
    draw = random.Random(0)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(draw.randint(1, 5)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        file.write_bytes(bytes(damaged[:draw.randint(1, len(damaged))]))
        with contextlib.suppress(ValueError):
            read_arrays(file, {})
    np.savez(file, a=np.array([{}], object))
    with pytest.raises(ValueError):
        read_arrays(file, {})
