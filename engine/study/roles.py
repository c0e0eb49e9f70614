"""Whether what a hypothesis names is there: each factor known, with those levels, and in one role alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.errors import UserError, nearest
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study


def check_roles(study: Study, hypothesis: Hypothesis) -> None:
    """Each factor it names is one of the study's, has those levels, and is named once.

    Raises:
        UserError: in one line, which is not.
    """
    seen: dict[str, str] = {}
    for field, factor, labels in _named(hypothesis):
        where = f"hypotheses: {hypothesis.name}: {field}"
        if factor not in study.factors:
            raise UserError(f"{where}: {factor!r} is not a factor of this study{_instead(factor, list(study.factors))}")
        if factor in seen:
            raise UserError(f"{where}: {factor} is named in {seen[factor]} already")
        seen[factor] = field
        for label in labels:
            if label not in study.factors[factor]:
                raise UserError(f"{where}: {factor} has no level {label!r}"
                                f"{_instead(label, study.factor(factor).labels)}")
        if len(set(labels)) < len(labels):
            raise UserError(f"{where}: {factor} names a level twice")
    if len({len(labels) for labels in hypothesis.order.values()}) > 1:
        raise UserError(f"hypotheses: {hypothesis.name}: order: factors have rows of different lengths")
    if any(len(labels) < 2 for labels in hypothesis.order.values()):
        raise UserError(f"hypotheses: {hypothesis.name}: order: needs two levels or more")


def _named(hypothesis: Hypothesis) -> Iterator[tuple[str, str, Sequence[str]]]:
    """(field, factor, levels) of every factor that is named."""
    for field in ("between", "change", "order", "at"):
        for factor, labels in getattr(hypothesis, field).items():
            yield field, factor, labels
    for factor, label in hypothesis.best.items():
        yield "best", factor, (label,)
    for factor in (*hypothesis.each, *([hypothesis.over] if hypothesis.over else [])):
        yield ("over" if factor == hypothesis.over else "each"), factor, ()


def _instead(word: str, choices: Sequence[str]) -> str:
    close = nearest(word, choices, 1)
    return f"; did you mean {close[0]}?" if close else f" ({', '.join(choices)})"
