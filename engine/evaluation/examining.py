"""What evaluating checkpoints needs to know of a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.store import Conditions, Run
from engine.tasks import TASKS, located


@dataclass(frozen=True)
class Examining:
    """How pictures and models of a task are looked at, and what is made of it.

    Attributes:
        own: the pictures of a split as the run knew them, given the data set if it is loaded and where it is now.
        other: the test pictures of another data set, labelled as the run labels the classes it names.
        restored: the architecture that a run trained, without its weights.
        predict: what a model says of pictures under conditions.
        save, load: keep that in a file, and read it again.
        summary: its figures, for the run it is of.
    """

    own: Callable[[Run, str, Any, str], Any]
    other: Callable[[Run, str, str, Sequence[str]], Any]
    restored: Callable[[Run, torch.device], nn.Module]
    predict: Callable[[Run, nn.Module, Any, Conditions, torch.device], Any]
    save: Callable[[Path, Any], str]
    load: Callable[[Path], Any]
    summary: Callable[[Run, Any], dict[str, float]]


def examining(run: Run) -> Examining:
    """How a run's checkpoints are evaluated."""
    found: Examining = located(TASKS[run.task].examining)
    return found
