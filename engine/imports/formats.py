"""The logs that known programs write, one row each, and the files of settings that lie beside them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engine.errors import UserError
from engine.files import read_text
from engine.imports.columns import option_of_column, options_of, plain, texts_of
from engine.yaml_text import read_yaml


@dataclass(frozen=True)
class Format:
    """A program's log.

    Attributes:
        header: patterns, each of which matches a title.
        file: a pattern of the file's name.
        in_order: whether the titles after the first are sorted.
        bare: the part whose figures have no part in their title.
        words: what it calls the parts, besides the usual words.
        metrics: by title, what it means by it.
        percent: whether it writes shares as 0 to 100.
        clocks: whether ``01:30`` is a minute and a half.
        phases: whether epochs that begin again are the next phase of the same training.
    """

    title: str
    header: tuple[str, ...] = ()
    file: str = ".*"
    in_order: bool = False
    bare: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    percent: bool = False
    clocks: bool = False
    phases: bool = False

    def fits(self, header: Sequence[str], file: str) -> bool:
        """Return whether a file is of this format."""
        titles = [title.lower() for title in header]
        return (re.fullmatch(self.file, file, re.IGNORECASE) is not None
                and all(any(re.fullmatch(pattern, title) for title in titles) for pattern in self.header)
                and (not self.in_order or (titles[0] == "epoch" and titles[1:] == sorted(titles[1:]))))


FORMATS = (
    # YOLOv5 judges classifiers by the test part where there is one.
    Format("YOLOv5", ("epoch", "train/loss", "test/loss", "metrics/.+"), words={"metrics": "test"}),
    Format("Ultralytics", ("epoch", "train/.+", "metrics/.+"), words={"metrics": "val"}, metrics={"time": "seconds"}),
    Format("timm", ("epoch", "train_loss", "eval_loss", "eval_top1"), percent=True),
    Format("fastai", ("epoch", "train_loss", "valid_loss", "time"), bare="val", clocks=True,
           phases=True),
    Format("Hugging Face", ("step", "loss|eval_loss"), r"trainer_state\.json", bare="train"),
    Format("Lightning", ("epoch", "step"), r"metrics.*\.csv"),
    Format("Keras", ("epoch", "loss"), in_order=True, bare="train"),
)
SETTINGS = ("args.yaml", "hparams.yaml", "opt.yaml", "config.yaml", ".hydra/config.yaml", "args.yml", "config.yml",
            "args.json", "config.json")
"""Files that hold a run's options, beside its log."""


def format_of(header: Sequence[str], file: str) -> Format | None:
    """Return the format of a log, None if it is of no known program."""
    return next((row for row in FORMATS if row.fits(header, file)), None)


def settings_beside(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Return the options in the files beside a log, as text by column, and what was read or left out."""
    settings: dict[str, str] = {}
    notes = []
    for file in (folder / name for name in SETTINGS):
        if not file.is_file():
            continue
        try:
            # Programs write tuples and namespaces with their Python type, which is never made.
            content = read_yaml(re.sub(r"!!python/[^\s\[{]+", "", read_text(file)))
        except (yaml.YAMLError, OSError, UserError) as error:
            reason = " ".join(str(error).split())
            notes.append(f"{file.name} is left out: {reason[:200]}.")
            continue
        found = {key: plain(text) for key, text in _flat(content).items() if option_of_column(key) != "name"
                 and (options_of(key, text) or option_of_column(key) in ("model", "dataset"))}
        settings = found | settings
        if found:
            notes.append(f"{file.name}: {len(found)} of {len(_flat(content))} values are options of Darkroom.")
    return settings, notes


def _flat(content: Any) -> dict[str, str]:
    """Return the scalars of a mapping, and of the mappings in it, as text."""
    if not isinstance(content, dict):
        return {}
    nested = {f"{title}_{key}": value for title, inner in content.items() if isinstance(inner, dict)
              for key, value in inner.items()}
    return texts_of((nested | content).items())
