"""What a field of ``RunConfig`` says about itself beyond its type and bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Section(StrEnum):
    """The form's sections, in the order they are shown."""

    DATA = "Data"
    MODEL = "Model"
    AUGMENTATION = "Augmentation"
    OPTIMISATION = "Optimisation"
    TRAINING = "Training"
    EVALUATION = "Evaluation"
    RUN = "Run"


@dataclass(frozen=True)
class Option:
    """One option's presentation: everything the form, CLI, YAML and docs need that its type does not tell.

    Attributes:
        section: where the form shows it.
        help: one sentence for a person, with the unit where there is one.
        label: the form's label; by default the field's name with spaces.
        advanced: shown only when the user asks for more options.
        choices: returns the names a catalog offers; never a copy of them.
        offered: returns those of the choices that suit a task; None: all of them suit every task.
        free_choice: a value outside ``choices`` may still be valid (``cuda:3``); the field's own validator decides.
        applies: this option matters only while each named field has one of the given values, or of those that a
            catalog names.
        unless: this option does not matter while any named field has one of the given values.
        aliases: other CLI and YAML spellings, without dashes.
        grid: a comma list in this field makes a grid of runs.
        identity: part of what the run computes; names, tags and notes are not.
    """

    section: Section
    help: str
    label: str = ""
    advanced: bool = False
    choices: Callable[[], Sequence[str]] | None = None
    offered: Callable[[str], Sequence[str]] | None = None
    free_choice: bool = False
    applies: dict[str, tuple[str, ...] | Callable[[], tuple[str, ...]]] = field(default_factory=dict)
    unless: dict[str, tuple[str | float, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    grid: bool = True
    identity: bool = True

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """``applies`` with the names that the catalogs hold now."""
        return {other: values() if callable(values) else values for other, values in self.applies.items()}
