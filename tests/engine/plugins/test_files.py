"""Which files are plug-ins, and what a run keeps of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.plugins.files import PluginFile, add_files, changes, plugin_files, remember


def _write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _found() -> list[Path]:
    return [file.path for file in plugin_files()]


def test_only_files_of_the_homes_folder_and_named_ones_are_plugins(home: Path, tmp_path_factory: pytest.TempPathFactory
                                                                   ) -> None:
    mine = _write(home / "plugins" / "mine.py")
    for other in ("plugins/_help.py", "plugins/.hidden.py", "plugins/notes.txt", "plugins/deeper/x.py", "loose.py"):
        _write(home / other)
    assert _found() == [mine]
    named = _write(tmp_path_factory.mktemp("elsewhere") / "named.py")
    assert add_files([str(named)]) == [named] and _found() == [mine, named]


@pytest.mark.parametrize("name", ["absent.py", "folder", "notes.txt"])
def test_what_is_named_must_be_a_python_file(home: Path, name: str) -> None:
    _write(home / "notes.txt")
    (home / "folder").mkdir()
    with pytest.raises(UserError, match=f"plugin: .*{name} is not an existing Python file"):
        add_files([str(home / name)])


@pytest.mark.parametrize(("name", "module"), [("mine.py", "mine"), ("my-net v2.py", "my_net_v2"), ("3d.py", "_3d")])
def test_any_file_name_makes_a_modules_name(home: Path, name: str, module: str) -> None:
    assert PluginFile.at(_write(home / "plugins" / name)).module == f"darkroom_plugins.{module}"


def test_a_run_names_files_so_that_its_home_can_be_moved(home: Path) -> None:
    inside, outside = _write(home / "plugins" / "a.py"), _write(home / "b.py")
    assert (PluginFile.at(inside).key, PluginFile.at(outside).key) == ("a.py", str(outside))


def test_files_outside_that_runs_use_are_known_to_every_process_of_the_home(home: Path) -> None:
    first, second = _write(home / "one" / "net.py"), _write(home / "two" / "net.py")
    remember(["in_home.py", str(first)])
    assert _found() == [first]
    remember([str(second)])
    assert _found() == [second]


def test_a_changed_file_is_told_and_a_missing_one_refused(home: Path) -> None:
    file = _write(home / "plugins" / "net.py", "a = 1")
    kept = {"net.py": PluginFile.at(file).sha256}
    assert changes(kept) == changes({}) == []
    _write(file, "a = 22")
    [line] = changes(kept)
    assert "net.py changed since this run was created" in line and kept["net.py"][:12] in line and "\n" not in line
    file.unlink()
    with pytest.raises(UserError, match=r"net\.py is missing"):
        changes(kept)
