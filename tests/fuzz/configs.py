"""Run configs, studies and options that are odd: valid ones, changed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import yaml

from engine.config import RunConfig
from engine.study.document import dump_study
from engine.study.templates import TEMPLATES, template
from tests.fuzz.damage import ODD, bombs
from tests.fuzz.kinds import OTHER, TRAINED

VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -2**63, 10**30, 10**400, 0.5, -0.0, 1e308, 5e-324, float("nan"),
    float("inf"),
    -float("inf"), "", " ", "yes", "none", "auto", "0,0005", "1,2,3", ",", "1e400", "nan", "é", "한국어", "e\u0301",
    "\u202eabc", "\x00",
    "\x1b[31m", "\ud800", "a\nb", "a" * 100_000, "/dev/zero", "/dev/null", "/proc/self/mem", "~nobody/x", "../" * 500,
    "/" + "a" * 300,
    "*", "**/*", "%s%n", "{0}", "$(touch executed)", "`id`", "__import__('os')", [], {}, [[]], [None], [1, 2, 3],
    ["a"] * 300,
    {"a": 1}, {"": ""}, {1: 2}, {None: None}, [{"a": [{"b": []}]}], [1e400], list(range(150)), "2001-13-45", "1:2:3",
    "0x10", "1_000",
    "lr", "Digits", "resnet18", "0.1 0.2", "٣", b"bytes", "<script>", "#", "&a", "!!x", "a: b", "- a", '"', "'", "\\",
    "resnet18,resnet18"]
_CONFIGS: list[dict[str, Any]] = [
    {"dataset": "Digits", "model": "tinyvgg_a", "epochs": 2, "lr": 0.1},
    {"dataset": "Digits", "model": "tinyvgg_a", "lr": [0.1, 0.01], "seed": "1,2"},
    {"dataset": "Shapes", "model": "tinyvgg_a", "schedule": "cosine", "augmentation": "strong", "device": "cpu"},
    {"dataset": "folder", "data_path": "files", "model": "resnet18", "weights": "file", "weights_path": "x.pth"}]


def odd_config(here: Path, chance: random.Random) -> tuple[str, list[str]]:
    """Write an odd config into the folder; returns what it is, and a command that reads it."""
    way = chance.choice((_run, _run, _study, _study, _options, _words))
    return way(here / "files", chance)


def _run(folder: Path, chance: random.Random) -> tuple[str, list[str]]:
    whole = RunConfig(model="tinyvgg_a").model_dump(mode="json")
    content = chance.choice((*_CONFIGS, whole, whole))
    file = _written(folder / chance.choice(("run.yaml", "run.json")), content, [*RunConfig.model_fields], chance)
    return "run", ["train", "--config", str(file), "--dry-run", *chance.choice(([], [], ["--json"], ["--yes"]))]


def _study(folder: Path, chance: random.Random) -> tuple[str, list[str]]:
    study = template(chance.choice(list(TEMPLATES)), scaled=chance.random() < 0.8, name_as="odd")
    content = yaml.safe_load(dump_study(study))
    if chance.random() < 0.3:
        (folder / "base.yaml").write_bytes(_text({"settings": {"lr": 0.1}}, chance))
        content["layers"] = ["base.yaml"]
    file = _written(folder / "study.yaml", content, ["layers", "only", "adjust", "tables", "hypotheses"], chance)
    return "study", ["study", "run", str(file), "--dry-run", *chance.choice(([], ["--json"], ["--yes"]))]


def _options(folder: Path, chance: random.Random) -> tuple[str, list[str]]:
    chosen = chance.sample([*RunConfig.model_fields], chance.choice((1, 1, 2, 4)))
    flags = [f"--{name.replace('_', '-')}={_word(chance)}" for name in chosen]
    return "options", [*chance.choice((["train", "--dry-run"], ["fit"])), *flags]


def _words(folder: Path, chance: random.Random) -> tuple[str, list[str]]:
    command = chance.choice((
        ["show"], ["runs", "--status"], ["models"], ["data"], ["data", "npy", "--data-path"], ["data", "folder",
                                                                                               "--data-path"],
        ["data", "yolo", "--data-path"], ["evaluate", OTHER, "--checkpoint"], ["evaluate", TRAINED, "--scales"],
        ["evaluate", TRAINED, "--dataset"], ["evaluate", TRAINED, "--data-path"], ["resume", TRAINED, "--epochs"],
        ["resume", TRAINED, "--more"], ["ensemble", OTHER, TRAINED, "--weights"], ["doctor", OTHER, "--acknowledge"],
        ["queue", "--cpu-slots"], ["backup"], ["restore"], ["try", TRAINED], ["export", TRAINED, "--output"],
        ["export", TRAINED, "--format"], ["study", "show"], ["study", "init"], ["study", "init", "a", "--template"],
        ["study", "table", "study", "--rows"], ["study", "table", "study", "--metrics"], ["study", "table", "study",
                                                                                          "--at"],
        ["study", "import"], ["study", "report", "study", "--output"], ["study", "layers", "--study", "study"],
        ["study", "import", "x.csv", "--name"], ["weights", "import"], ["fit", "--memory"], ["stop"], ["delete",
                                                                                                       "--yes"]))
    return "words", [*command, _word(chance), *chance.choice(([], [], ["--json"]))]


def _word(chance: random.Random) -> str:
    value = chance.choice(VALUES)
    return (value if isinstance(value, str) else str(value)[:4000]).replace("\0", "\udcff")


def _written(file: Path, content: Any, keys: list[str], chance: random.Random) -> Path:
    for _ in range(chance.choice((1, 1, 2, 4))):
        content = _changed(content, keys, chance)
    file.write_bytes(_text(content, chance))
    return file


def _changed(content: Any, keys: list[str], chance: random.Random) -> Any:
    """A value somewhere inside is another, gone, under another name, or below more of them."""
    if isinstance(content, dict) and content and chance.random() < 0.9:
        key = chance.choice(list(content))
        way = chance.randrange(6)
        if way == 0:
            return content | {chance.choice([*keys, *map(str, VALUES[17:40]), 1, None, True]): chance.choice(VALUES)}
        if way == 1:
            return {other: value for other, value in content.items() if other != key}
        if way == 2:
            return {chance.choice(keys) if other == key else other: value for other, value in content.items()}
        return content | {key: _changed(content[key], keys, chance)}
    if isinstance(content, list) and content and chance.random() < 0.8:
        place = chance.randrange(len(content))
        return [*content[:place], _changed(content[place], keys, chance), *content[place + chance.choice((0, 1)):]]
    return chance.choice((chance.choice(VALUES), chance.choice(VALUES), [content], {"a": content}, [content, content],
                          str(content)))


def _text(content: Any, chance: random.Random) -> bytes:
    """The content in YAML or JSON, sometimes damaged as a text."""
    try:
        text = json.dumps(content, default=str) if chance.random() < 0.3 else \
            yaml.safe_dump(content, sort_keys=False, allow_unicode=chance.random() < 0.5)
    except (TypeError, ValueError):
        text = str(content)
    written = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.3:
        at = chance.randrange(len(written) + 1)
        written = written[:at] + chance.choice((*ODD, *bombs()["yaml"],
                                                *bombs()["json"])) + chance.choice((written[at:], b""))
    return written

