"""Findings and rules of the doctor."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.analysis.doctor.case import Case

_FIGURE = re.compile(r"\d[\d.,]*(?<![.,])")


@dataclass(frozen=True)
class Finding:
    """A finding of one rule in one run.

    Attributes:
        run: the run's id; None if it concerns a study as a whole.
        rule: the rule's name, used to acknowledge it.
        message: one line without a full stop.
        serious: the run is excluded from verdicts until this is acknowledged. Only evidence from the run itself or
            from its repeats is serious: excluding runs that contradict a hypothesis would bias its verdict.
        more: recommended number of further epochs, or 0.
    """

    run: int | None
    rule: str
    message: str
    serious: bool
    more: int = 0

    @property
    def kind(self) -> tuple[str, str, bool, int]:
        """What the findings of several runs have in common if they differ in their figures alone."""
        return self.rule, _FIGURE.sub("0", self.message), self.serious, self.more


@dataclass(frozen=True)
class Rule:
    """A rule of the doctor.

    Attributes:
        find: returns the message; None if there is no finding or the data are missing.
        threshold: describes the threshold.
        source: the paper, the definition or the measurement behind the rule.
        more: returns the recommended number of further epochs.
        sure: the epochs in a row that must show it before the doctor is sure of it in a run that still trains; 0: it
            is looked for at the end alone.
    """

    name: str
    find: Callable[[Case], str | None]
    threshold: str
    source: str
    serious: bool = False
    more: Callable[[Case], int] = lambda case: 0
    sure: int = 0
