"""What importing a plug-in gives, and every way in which it goes wrong: one line with the file and its line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from engine.errors import UserError, describe_error
from engine.plugins.files import PluginFile
from engine.plugins.importing import allow_imports, import_rows
from engine.plugins.listing import import_and_list, load_listing
from tests.plugin_files import write


def _listed(file: Path) -> str:
    import_and_list([PluginFile.at(file)])
    found = load_listing(PluginFile.at(file))
    assert found is not None
    return found.error


@pytest.mark.parametrize(("code", "line"), [
    ("def broken(:\n", "net.py, line 4: SyntaxError: "),
    ("\n1 / 0\n", "net.py, line 5: ZeroDivisionError: division by zero"),
    ("import no_such_package\n", "net.py, line 4: ModuleNotFoundError: No module named 'no_such_package'"),
    ("def f():\n    raise ValueError('a\\nb')\nf()\n", "net.py, line 5: ValueError: a"),
    ("import sys\nsys.exit(3)\n", "net.py, line 5: SystemExit: 3"),
    ("@model(sise=3)\ndef f(num_classes, in_chans): ...\n", "net.py, line 4: TypeError: "),
    ("augmentation('x', Augmentation('.'))\naugmentation('x', Augmentation('.'))\n", "net.py, line 5: ValueError: two"),
])
def test_an_error_names_file_and_line_and_declares_nothing(home: Path, code: str, line: str) -> None:
    error = _listed(write(home, "net.py", code))
    assert error.startswith(f"plug-in {line}") and "\n" not in error
    found = load_listing(PluginFile.at(home / "plugins" / "net.py"))
    assert found is not None and not found.rows.augmentations and not found.rows.models


def test_a_change_within_the_same_second_and_size_is_seen(home: Path) -> None:
    file = write(home, "net.py", "augmentation('aa', Augmentation('.'))\n")
    allow_imports()
    assert list(import_rows(PluginFile.at(file)).augmentations) == ["aa"]
    file.write_text(file.read_text().replace("aa", "bb"))
    assert list(import_rows(PluginFile.at(file)).augmentations) == ["bb"]
    assert not (file.parent / "__pycache__").exists()


def test_parameters_are_counted_where_the_model_can_be_built_on_shapes(home: Path) -> None:
    file = write(home, "net.py", """
@model(size=8)
def counted(num_classes, in_chans):
    return nn.Linear(in_chans, num_classes)

@model(size=8)
def grey(num_classes, in_chans):
    assert in_chans == 1
""")
    allow_imports()
    rows = import_rows(PluginFile.at(file)).models
    assert rows["counted"].parameters == 40 and rows["grey"].parameters is None


def test_nothing_is_imported_where_that_was_not_allowed(home: Path) -> None:
    write(home, "net.py", "")
    with pytest.raises(ModuleNotFoundError):
        import_module("darkroom_plugins.net")
    allow_imports()
    assert import_module("darkroom_plugins.net").__file__ == str(home / "plugins" / "net.py")


def test_what_a_plugins_function_raises_later_names_its_innermost_line(home: Path) -> None:
    file = write(home, "net.py", "def f():\n    g()\n\ndef g():\n    np.zeros(3).reshape(2, 2)\n")
    allow_imports()
    import_and_list([PluginFile.at(file)])
    with pytest.raises(ValueError, match="reshape") as caught:
        import_module("darkroom_plugins.net").f()
    assert describe_error(caught.value).startswith("plug-in net.py, line 8: ValueError: cannot reshape")


def test_the_error_of_a_module_that_is_imported_when_it_is_needed_is_the_same_line(home: Path) -> None:
    write(home, "net.py", "raise RuntimeError('not today')\n")
    allow_imports()
    with pytest.raises(UserError, match=r"plug-in net\.py, line 4: RuntimeError: not today"):
        import_module("darkroom_plugins.net")
