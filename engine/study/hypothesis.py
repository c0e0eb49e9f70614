"""Hypotheses about a study's cells, in a testable form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from engine.study.factors import Label, Labels, Pair


@dataclass(frozen=True)
class Kind:
    """A kind of hypothesis: a description, and the fields it needs and may have besides ``at`` and ``each``."""

    help: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "difference": Kind("One level minus another.", ("between",)),
    "interaction": Kind("A difference minus the same difference at another level, to any order.",
                        ("between", "change")),
    "trend": Kind("The slope over a numeric factor, optionally of a difference of two levels.",
                  ("over",), ("between", "scale")),
    "ordering": Kind("Each level of a sequence is beyond the next.", ("order",)),
    "best": Kind("One level is beyond every other.", ("best",)),
}

EXPECTATIONS: dict[str, str] = {
    "higher": "The contrast is above zero.",
    "lower": "The contrast is below zero.",
    "none": "The contrast is within the margin of zero.",
}


def _changes(value: object) -> object:
    """Take one change for a list of one."""
    return (value,) if isinstance(value, Mapping) and value else value or ()


def _shortest(changes: tuple[dict[str, Pair], ...]) -> Any:
    """Write a list of one as it is usually declared, without the list."""
    return dict(changes[0]) if len(changes) == 1 else list(changes)


def changes_of(declared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the changes of a hypothesis that is a mapping, in order."""
    changes = declared.get("change") or ()
    return [changes] if isinstance(changes, dict) else list(changes)


Changes = Annotated[tuple[dict[str, Pair], ...], BeforeValidator(_changes), PlainSerializer(_shortest)]


class Hypothesis(BaseModel):
    """A hypothesis; its kind decides which fields it has.

    Attributes:
        name: short, such as ``H1``.
        claim: the hypothesis in the author's words, for readers only.
        between: ``{factor: (a, b)}``: a minus b.
        change: ``{factor: (c, d)}``: the difference at c minus that at d. Of a list, each takes the difference of the
            one before: ``[{model: (c, d)}, {weights: (e, f)}]`` asks whether the change from d to c differs at e and f.
        over, scale: a factor with numeric levels, and its axis, ``linear`` or ``log``.
        order: ``{factor: (a, b, c)}``: a beyond b beyond c.
        best: ``{factor: a}``, for one factor or several: the cell beyond all others.
        at: fixed levels of other factors; several are averaged with equal weights.
        each: factors judged level by level; all must agree. Factors that are not named are averaged over.
        expect: a key of :data:`EXPECTATIONS`; for an ordering or best, whether beyond means higher or lower.
        metric: a metric of the study; empty: the study's own.
        margin: the smallest difference that matters, in the metric's own unit; None: the study's own.
        ratio_margin: the smallest ratio that matters, such as 1.05; None: the study's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=40)
    claim: str = Field("", max_length=1000)
    kind: str
    between: dict[str, Pair] = {}
    change: Changes = ()
    over: str = ""
    scale: str = "linear"
    order: dict[str, Labels] = {}
    best: dict[str, Label] = {}
    at: dict[str, Labels] = {}
    each: tuple[str, ...] = ()
    expect: str = "higher"
    metric: str = ""
    margin: float | None = Field(None, ge=0)
    ratio_margin: float | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Check that it has the fields that its kind needs, and no others."""
        if self.kind not in KINDS:
            raise ValueError(f"kind: {self.kind!r} is not one of {', '.join(KINDS)}")
        if self.expect not in EXPECTATIONS:
            raise ValueError(f"expect: {self.expect!r} is not one of {', '.join(EXPECTATIONS)}")
        if self.scale not in ("linear", "log"):
            raise ValueError(f"scale: {self.scale!r} is not one of linear, log")
        kind = KINDS[self.kind]
        for field in ("between", "change", "over", "order", "best"):
            if field in kind.needs and not getattr(self, field):
                raise ValueError(f"{field}: is missing; a hypothesis of kind {self.kind} needs it")
            if field not in (*kind.needs, *kind.may) and getattr(self, field):
                raise ValueError(f"{field}: has no effect in a hypothesis of kind {self.kind}; remove it")
        return self
