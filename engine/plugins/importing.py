"""Imports plug-ins, only in processes that allow it: trainers, jobs and commands.

Pages, the dispatcher and the process that forks trainers never do, so that a plug-in cannot break or block them.
"""

import pkgutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from engine.catalog.models import ModelRow
from engine.errors import PLUGINS, UserError, describe_error
from engine.plugins.declaration import Rows, collecting
from engine.plugins.files import PluginFile, plugin_files


class _Loader(SourceFileLoader):
    """Imports one file; errors become one line."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile without a bytecode cache, which would miss a change within the same second."""
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        try:
            super().exec_module(module)
        except SyntaxError as error:
            line = error.lineno if error.filename == self.path else None
            raise UserError(f"plug-in {Path(self.path).name}{f', line {line}' if line else ''}: "
                            f"{type(error).__name__}: {error.msg}") from error
        except (Exception, SystemExit) as error:
            raise UserError(describe_error(error)) from error


class _Finder(MetaPathFinder):
    """Finds plug-ins by module name, so that ``module:name`` texts can refer to them."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
                  ) -> ModuleSpec | None:
        if fullname == PLUGINS:
            return ModuleSpec(PLUGINS, None, is_package=True)
        if not fullname.startswith(f"{PLUGINS}."):
            return None
        file = next((file.path for file in plugin_files() if file.module == fullname), None)
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, str(file))) if file else None


_FINDER = _Finder()


def allow_imports() -> None:
    """Allow this process to import plug-ins."""
    if not imports_allowed():
        sys.meta_path.insert(0, _FINDER)


def imports_allowed() -> bool:
    return _FINDER in sys.meta_path


def import_rows(file: PluginFile) -> Rows:
    """Import a plug-in in this process and return what it declares.

    Raises:
        UserError: what is wrong with it, in one line with file and line.
    """
    forget_module(file)
    with collecting() as rows:
        import_module(file.module)
    rows.models = {name: _count_parameters(row) for name, row in rows.models.items()}
    return rows


def forget_module(file: PluginFile) -> None:
    """Remove the module, so that the file is imported again."""
    sys.modules.pop(file.module, None)


def _count_parameters(row: ModelRow) -> ModelRow:
    """Add the parameter count, unless the model cannot be built for colour pictures or on the meta device."""
    import torch

    build: Callable[..., Any] = pkgutil.resolve_name(row.builder)
    with suppress(Exception), torch.device("meta"):
        network = build(num_classes=10, in_chans=3)
        return replace(row, parameters=sum(parameter.numel() for parameter in network.parameters()))
    return row
