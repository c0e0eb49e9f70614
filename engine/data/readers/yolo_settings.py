"""``YoloSettings``: what ``data.yaml`` says of a folder in YOLO's format: class names, parts, points of a pose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from engine.data.readers.box_listing import Findings
from engine.errors import ConfigError, UserError
from engine.files import read_text
from engine.yaml_text import read_yaml

_PREFERRED = ("data.yaml", "dataset.yaml", "data.yml")
_NAMES = ("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt")
PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class YoloSettings:
    """Attributes:
        file: where they come from; empty: nowhere.
        names: the classes by the numbers in the rows; empty: the numbers are their names.
        parts: folders or lists of each part, as written.
        pose: how many numbers the points of a pose take after the box; 0: none.
    """

    file: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pose: int = 0


def read_settings(findings: Findings) -> YoloSettings:
    """Return the settings of a folder, or the names that a file of names lists.

    Raises:
        ConfigError: there are several files with settings, or they cannot be used; names file and entry.
    """
    found = {file: content for suffix in (".yaml", ".yml") for file in findings.others(suffix)
             for content in [_content(findings.root, file)] if "names" in content}
    files = [file for file in found if PurePosixPath(file).name in _PREFERRED] or list(found)
    if len(files) > 1:
        raise ConfigError("data_path", str(findings.root), f"a folder with one data.yaml: there are {files[0]} and "
                                                           f"{files[1]}; remove one")
    if files:
        settings = _settings(files[0], found[files[0]])
        if found[files[0]].get("nc", len(settings.names)) != len(settings.names):
            findings.notes.append(f"{files[0]} says nc: {found[files[0]]['nc']}, but names {len(settings.names):,} "
                                  "classes, which count")
        return settings
    data = next((file for file in findings.others(".data") if "names" in _pairs(findings.root, file)), "")
    if data:
        return _darknet(findings, data)
    for file in (file for name in _NAMES for file in findings.files.others if PurePosixPath(file).name == name):
        return YoloSettings(file, _listed(findings.root, file))
    return YoloSettings()


def _darknet(findings: Findings, file: str) -> YoloSettings:
    """Return what darknet's settings, ``KEY = VALUE`` a line, say; paths may be of another machine."""
    pairs = _pairs(findings.root, file)
    names = next((each for each in findings.files.others
                  if PurePosixPath(each).name == PurePosixPath(pairs["names"]).name), "")
    parts = {part: (pairs[key],) for part, key in (("train", "train"), ("val", "valid"), ("test", "test"))
             if key in pairs}
    return YoloSettings(file, _listed(findings.root, names) if names else {}, parts)


def _pairs(root: Path, file: str) -> dict[str, str]:
    try:
        lines = read_text(root / file).splitlines()
    except (UserError, OSError):
        return {}
    return {key.strip(): value.strip() for key, sign, value in (line.partition("=") for line in lines)
            if sign and value.strip()}


def _listed(root: Path, file: str) -> Mapping[int, str]:
    lines = (line.strip() for line in read_text(root / file).splitlines())
    return _unique(file, dict(enumerate(filter(None, lines))))


def _content(root: Path, file: str) -> dict[Any, Any]:
    try:
        content = read_yaml(read_text(root / file))
    except (yaml.YAMLError, UserError, OSError) as error:
        if PurePosixPath(file).name in _PREFERRED:
            raise ConfigError("data_path", file, f"readable YAML ({' '.join(str(error).split())})") from error
        return {}
    return content if isinstance(content, dict) else {}


def _settings(file: str, content: Mapping[Any, Any]) -> YoloSettings:
    names, shape = content["names"], content.get("kpt_shape") or (0, 0)
    try:
        by_number = dict(enumerate(names)) if isinstance(names, list) else {int(key): names[key] for key in names}
        points, numbers = map(int, shape)
    except (TypeError, ValueError) as error:
        raise ConfigError("data_path", file, "a file whose names are a list, or a mapping of numbers to names, and "
                                             "whose kpt_shape, if any, is two numbers") from error
    parts = {part: tuple(_texts(content[part])) for part in PARTS if content.get(part)}
    return YoloSettings(file, _unique(file, {key: " ".join(str(name).split()) for key, name in by_number.items()}),
                        parts, points * numbers)


def _texts(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        yield str(each)


def _unique(file: str, names: Mapping[int, str]) -> Mapping[int, str]:
    numbers: dict[str, int] = {}
    for number, name in names.items():
        if numbers.setdefault(name, number) != number:
            raise ConfigError("data_path", file, f"a file whose names differ: {numbers[name]} and {number} are both "
                                                 f"{name}")
    return names
