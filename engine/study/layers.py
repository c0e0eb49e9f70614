"""Options in make_layers YAML files, where later files override earlier ones: defaults, data set, model, optimizer."""

import re
import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from engine.config import RunConfig, Section, applies, load_yaml, option_of, with_name
from engine.errors import ConfigError, UserError
from engine.files import write_atomically
from engine.study.factors import label_of

_PLACE = re.compile(r"\{([^{}]*)\}")
_UNFIT = re.compile(r"[^\w.+-]+")

FOLDERS: dict[str, Section] = {
    "dataset": Section.DATA, "model": Section.MODEL, "optimizer": Section.OPTIMISATION}
"""The folders of layers, each for a section of options, named after the section's first option."""

Options = dict[str, Any]


def merge_layers(declared: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Merge the files of ``layers`` into a declared study.

    A file without a factor in its name holds settings. A file such as ``model/{model}.yaml`` is read once for each
    level of that factor, with the level's value or label in its name, and holds that level's options.

    Raises:
        UserError: a file is missing or invalid, its name has two factors or an unknown one, or files set an option in
            another order than the factors.
    """
    rest = {key: value for key, value in declared.items() if key != "layers"}
    names = declared.get("layers") or []
    if not names:
        return rest
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError("layers: must be a list of files, such as [defaults.yaml, 'model/{model}.yaml']")
    for key in ("factors", "settings"):
        if not isinstance(rest.get(key) or {}, Mapping):
            raise ConfigError(key, rest[key], "a mapping, with lines such as `lr: 0.1`")
    factors: dict[str, Any] = dict(rest.get("factors") or {})
    settings, levels = _read(names, factors, folder)
    for factor, by_label in levels.items():
        typed = factors[factor] if isinstance(factors[factor], Mapping) else {}
        typed = {label_of(label): value for label, value in typed.items()}
        factors[factor] = {label: options | (typed[label] if isinstance(typed.get(label), Mapping) else {})
                           for label, options in by_label.items()}
    return {**rest, "factors": factors, "settings": settings | dict(rest.get("settings") or {})}


def make_layers(configs: Sequence[RunConfig]) -> dict[str, str]:
    """Return make_layers files that make these configs: text by path.

    ``defaults.yaml`` has the shared options, each file of :data:`FOLDERS` a section's options, and ``runs.sh`` a
    command for each run, with its files and remaining flags.
    """
    configs = [with_name(config) for config in configs]
    others = [field for field in RunConfig.model_fields if option_of(field).section not in FOLDERS.values()]
    shared = [field for field in others if field != "name" and len({str(getattr(one, field)) for one in configs}) == 1]
    files = {"defaults.yaml": _text(_changed_options(configs[0], shared))}
    commands = []
    for config in configs:
        layers = ["defaults.yaml"]
        for folder, section in FOLDERS.items():
            name = f"{folder}/{_file_name(folder, section, config, configs)}.yaml"
            files[name] = _text(_changed_options(config, _fields(section)))
            layers.append(name)
        left = _changed_options(config, [field for field in others if field not in shared])
        commands.append(_command(layers, left))
    return {**files, "runs.sh": "\n".join(['#!/bin/sh', "# Queues every run; call it in Darkroom's folder.",
                                           'here=$(cd "$(dirname "$0")" && pwd)', *commands, ""])}


def write_layers(configs: Sequence[RunConfig], folder: Path, others: Mapping[str, str] | None = None) -> list[Path]:
    """Write the files of :func:`make_layers`, and others, into a folder.

    Returns:
        The paths of the files.

    Raises:
        UserError: the folder cannot be written.
    """
    written = []
    for name, text in {**make_layers(configs), **(others or {})}.items():
        path = folder / name
        try:
            write_atomically(path, text.encode())
            if path.suffix == ".sh":
                path.chmod(0o755)
        except OSError as error:
            raise UserError(f"layers: cannot write {path}: {error.strerror}") from None
        written.append(path)
    return written


def _read(names: Sequence[str], factors: Mapping[str, Any],
          folder: Path) -> tuple[Options, dict[str, dict[str, Options]]]:
    """Read the settings and the options of each level; later files override earlier ones."""
    settings: Options = {}
    levels: dict[str, dict[str, Options]] = {}
    order = list(factors)
    for name in names:
        factor = _factor_in(name, factors)
        if factor is None:
            content = load_yaml(folder / name)
            settings |= content
            for options in (options for by_label in levels.values() for options in by_label.values()):
                for key in content.keys() & options.keys():
                    del options[key]
            continue
        spoken = _level_names(factors[factor])
        mine = levels.setdefault(factor, {label: {} for label in spoken})
        for label, value in spoken.items():
            mine[label] |= load_yaml(folder / name.replace(f"{{{factor}}}", value))
        for later in (other for other in levels if order.index(other) > order.index(factor)):
            _refuse_shared(name, mine, later, levels[later])
    return settings, levels


def _factor_in(name: str, factors: Mapping[str, Any]) -> str | None:
    found = set(_PLACE.findall(name))
    if len(found) > 1 or not found <= factors.keys():
        raise UserError(f"layers: {name}: a name may hold one factor in braces, of {', '.join(factors) or 'none'}")
    return found.pop() if found else None


def _level_names(levels: Any) -> dict[str, str]:
    """Return the text of each level in a file's name, by label."""
    if isinstance(levels, Mapping):
        return {label_of(label): label_of(label) if isinstance(value, Mapping) else label_of(value)
                for label, value in levels.items()}
    return {label_of(value): label_of(value) for value in levels or ()}


def _refuse_shared(name: str, mine: Mapping[str, Options], later: str, theirs: Mapping[str, Options]) -> None:
    """Refuse an option that the files of a later factor set too: the order of overrides would be ambiguous."""
    shared = {key for options in mine.values() for key in options} & {key for one in theirs.values() for key in one}
    if shared:
        raise UserError(f"layers: {name}: {min(shared)} is also set by the files of {later}; list files in the order "
                        "of the factors")


def _fields(section: Section) -> list[str]:
    return [field for field in RunConfig.model_fields if option_of(field).section == section]


def _changed_options(config: RunConfig, fields: Sequence[str]) -> Options:
    """Return the options that differ from their defaults, as YAML values."""
    values = config.model_dump(mode="json", include=set(fields))
    return {field: values[field] for field in fields
            if applies(field, config) and getattr(config, field) != RunConfig.model_fields[field].default}


def _text(options: Options) -> str:
    return yaml.safe_dump(options, sort_keys=False, allow_unicode=True)


def _file_name(folder: str, section: Section, config: RunConfig, configs: Sequence[RunConfig]) -> str:
    """Return a file name from the first option and those that distinguish configs with it: ``resnet50_pretrained``."""
    first = getattr(config, folder)
    values: defaultdict[str, set[str]] = defaultdict(set)
    for other in configs:
        if getattr(other, folder) == first:
            for field in _fields(section):
                values[field].add(str(getattr(other, field)))
    differing = {field: getattr(config, field) for field in values if len(values[field]) > 1}
    parts = [value if isinstance(value, str) else f"{field.replace('_', '-')}{label_of(value)}"
             for field, value in differing.items()]
    return _UNFIT.sub("-", "_".join([str(first).lower(), *parts]))


def _command(layers: Sequence[str], left: Options) -> str:
    words = [f'--config "$here"/{shlex.quote(layer)}' for layer in layers]
    flags = [f"--{field.replace('_', '-')} {shlex.quote(_flag(value))}" for field, value in left.items()]
    return " ".join(["python -m engine train --detach", *words, *flags])


def _flag(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else label_of(value)
