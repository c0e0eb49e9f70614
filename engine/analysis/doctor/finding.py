"""What the doctor says of a run, and what a rule of it is."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.analysis.doctor.case import Case


@dataclass(frozen=True)
class Finding:
    """What one rule found.

    Attributes:
        run: the run's id; None for what concerns a study as a whole.
        rule: the rule's name, by which it is acknowledged.
        message: one line without a full stop.
        serious: the run is kept out of conclusions until this is acknowledged. Only what the run says of itself, or
            what repeats of it say, can be: leaving runs out because they do not fit a hypothesis would decide it.
        more: epochs for which it would help to train on; 0: it would not.
    """

    run: int | None
    rule: str
    message: str
    serious: bool
    more: int = 0


@dataclass(frozen=True)
class Rule:
    """A row of the doctor's.

    Attributes:
        find: the message, or None where there is nothing to find or it cannot be told.
        threshold: why the line is drawn where it is.
        more: epochs for which it would help to train on.
    """

    name: str
    find: Callable[[Case], str | None]
    threshold: str
    serious: bool = False
    more: Callable[[Case], int] = lambda case: 0
