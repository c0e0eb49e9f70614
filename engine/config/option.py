"""``Option``: how an option of a run is presented, and the sections of the form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_MANY = 40


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
    """How one option is presented: what the form, CLI, YAML and docs need besides its type.

    Attributes:
        section: the section of the form.
        help: one sentence for the user, with the unit if any.
        label: the form's label; by default the field's name with spaces.
        advanced: shown only when the user asks for more options.
        choices: returns the catalog it is chosen from, by name; a row is its meaning, or has it as ``help``.
        offered: returns the choices that suit a task; None: all choices suit every task.
        spell: returns a value in the catalog's spelling, or raises ValueError with what is expected; None: the value
        must be one of ``choices``, if any, ignoring case.
        applies: the option applies only while each named field has one of these values, given or returned by a catalog.
        unless: the option does not apply while a named field has one of these values.
        aliases: other CLI and YAML spellings, without dashes.
        grid: a comma-separated list makes a grid of runs.
        identity: it affects what the run computes; names, tags and notes do not.
    """

    section: Section
    help: str
    label: str = ""
    advanced: bool = False
    choices: Callable[[], Mapping[str, Any]] | None = None
    offered: Callable[[str], Sequence[str]] | None = None
    spell: Callable[[str], str] | None = None
    applies: dict[str, tuple[str | float, ...] | Callable[[], tuple[str, ...]]] = field(default_factory=dict)
    unless: dict[str, tuple[str | float, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    grid: bool = True
    identity: bool = True

    @property
    def meanings(self) -> dict[str, str]:
        """What each choice means, in a sentence; empty if there are too many to be read."""
        rows = self.choices() if self.choices else {}
        found = {name: row if isinstance(row, str) else row.help for name, row in rows.items()}
        return found if len(found) <= _MANY else {}

    @property
    def explanation(self) -> str:
        """``help``, and below it each choice with its meaning."""
        return "\n- ".join([self.help, *(f"{name}: {meaning}" for name, meaning in self.meanings.items())])

    @property
    def needs(self) -> dict[str, tuple[str | float, ...]]:
        """``applies`` with the names currently in the catalogs."""
        return {other: values() if callable(values) else values for other, values in self.applies.items()}
