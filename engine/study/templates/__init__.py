"""Templates of studies, one YAML file each: as published, or scaled to a machine with two cores."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.study.document import study_of
from engine.study.factors import label_of
from engine.study.hypothesis import changes_of
from engine.study.study import Study
from engine.yaml_text import read_yaml

TEMPLATES: dict[str, str] = {
    "augmentation-architecture": "Does augmentation help a CNN and a ViT alike?",
    "low-res-survey": "Which architectures and settings handle small pictures within limited compute?",
    "pretraining-robustness": "How robust are a CNN and a ViT, pretrained or not, to less data and more classes?",
    "npy-ten-class": "Does pretraining help on ten classes of one's own arrays?",
    "npy-fine-tuning": "The same arrays: pretrained or not, all weights or the classifier only, augmented or not.",
    "mix-augmentation": "Do MixUp and CutMix help a CNN and a ViT differently, with and without pretraining?",
    "tiny-vgg": "Which depth and which training scale suit a VGG with an eighth of the channels?",
    "train-fraction": "How does accuracy fall with less data, and does augmentation soften the fall?",
    "pretrain-architecture": "Does pretraining help one architecture more than another?",
    "difficulty": "Does a harder data set cost a larger network less?",
    "diatom": "Which detector finds and names small objects best: head alone, all weights, or two learning rates?",
    "memory-limits": "Which batch and precision fit, and what does each cost in speed?",
}
"""The templates with their questions."""

_FOLDER = Path(__file__).parent
_PATTERNS = ("only", "leave_out")


def template(name: str, *, scaled: bool = False, name_as: str = "") -> Study:
    """Return the study of a template.

    Args:
        scaled: use data, models and epochs that fit two cores without a GPU.
        name_as: the study's name; by default the template's.

    Raises:
        ConfigError: there is no such template.
        UserError: the name is invalid.
    """
    if name not in TEMPLATES:
        raise ConfigError("template", name, f"one of {', '.join(TEMPLATES)}")
    declared = read_yaml((_FOLDER / f"{name}.yaml").read_text())
    smaller = declared.pop("scaled")
    if scaled:
        declared = _scaled(study_of({"name": name, **declared}).model_dump(mode="json"), smaller)
    return study_of({**declared, "name": name_as or name})


def _scaled(declared: dict[str, Any], smaller: Mapping[str, Any]) -> dict[str, Any]:
    """Override levels, settings and other keys with those of the ``scaled`` part.

    ``levels`` maps factor and label to a new level; every reference to the old label is renamed.
    """
    renamed: dict[str, dict[str, str]] = {}
    for factor, places in smaller.get("levels", {}).items():
        anew = {label_of(old): new for old, new in places.items()}
        renamed[factor] = {old: next(iter(new)) for old, new in anew.items()}
        declared["factors"][factor] = dict(_replaced(declared["factors"][factor], anew))
    _rename(declared, renamed)
    declared["settings"] = declared["settings"] | smaller.get("settings", {})
    return declared | {key: value for key, value in smaller.items() if key not in ("levels", "settings")}


def _replaced(levels: Mapping[str, Any], anew: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, Any]]:
    for label, options in levels.items():
        yield next(iter(anew[label].items())) if label in anew else (label, options)


def _rename(declared: Mapping[str, Any], renamed: Mapping[str, Mapping[str, str]]) -> None:
    """Rename levels in all patterns of cells."""
    patterns = [pattern for key in _PATTERNS for pattern in declared[key]]
    patterns += [adjustment["when"] for adjustment in declared["adjust"]]
    patterns += [one[key] for one in declared["hypotheses"] for key in ("between", "order", "best", "at")]
    patterns += [change for one in declared["hypotheses"] for change in changes_of(one)]
    patterns += [table[key] for table in declared["tables"] for key in ("at", "delta")]
    for pattern in patterns:
        for factor in pattern.keys() & renamed.keys():
            names = renamed[factor]
            labels = pattern[factor]
            pattern[factor] = names.get(labels, labels) if isinstance(labels, str) else \
                [names.get(label, label) for label in labels]
