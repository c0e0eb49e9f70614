"""What stands behind a folder's name is one known choice each, or refused."""

from pathlib import Path

import pytest

from engine.data.reading import split_place
from engine.errors import ConfigError


def test_a_folder_and_how_it_is_read_are_told_apart(tmp_path: Path) -> None:
    assert split_place(Path("photos?test=val&links=skip")) == (Path("photos"), {"test": "val", "links": "skip"})
    assert split_place(Path("photos")) == (Path("photos"), {})
    (odd := tmp_path / "a?test=b").mkdir()
    assert split_place(odd) == (odd, {})


@pytest.mark.parametrize(("said", "words"), [
    ("bogus=1", "how a folder is read"), ("test=", "test=VALUE"), ("test", "test=VALUE"), ("links=x", "follow or skip"),
    ("train=a&train=b", "one train; it is given twice"), ("links=skip&links=follow", "one links; it is given twice"),
    ("test=a&parts=none&test=a", "one test; it is given twice")])
def test_what_is_unknown_empty_or_said_twice_is_refused(said: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        split_place(Path(f"photos?{said}"))
