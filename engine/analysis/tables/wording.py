"""Formatting of numbers and headings in tables."""

import math

from engine.analysis.compare import label as option_label
from engine.analysis.tables.figures import Figure
from engine.analysis.tables.layout import Pick
from engine.catalog.metric import Unit
from engine.catalog.metrics import METRICS
from engine.config import RunConfig
from engine.study.study import Study, TableSpec

PLUS, MINUS = "+", "−"
_EXTRA_DIGITS = 2  # of a fraction over those of the same in %


def factor_title(name: str) -> str:
    """Return a factor's title."""
    return option_label(name) if name in RunConfig.model_fields else name.replace("_", " ").capitalize()


def level_title(study: Study, factor: str, label: str) -> str:
    """Return a level's title; a number or a yes is prefixed with the factor."""
    return label if study.factor(factor).is_clear(label) else f"{factor_title(factor)} {label}"


def unit_of(metric: str, spec: TableSpec, *, difference: bool) -> Unit:
    """Return the unit in which this table prints the metric."""
    shown = METRICS[metric]
    if shown.unit == "share" and spec.as_fractions and not difference:
        return Unit()
    return shown.as_unit


def metric_title(metric: str, spec: TableSpec) -> str:
    """``Top-1 (%)``."""
    unit = unit_of(metric, spec, difference=False).suffix.strip()
    return f"{METRICS[metric].title} ({unit})" if unit else METRICS[metric].title


def difference_title(study: Study, metric: str, pick: Pick) -> str:
    """``Δ (a − b), points``."""
    a, b = level_title(study, pick.factor, pick.a), level_title(study, pick.factor, pick.b)
    unit = f"% of {b}" if pick.relative else METRICS[metric].as_unit.difference_suffix.strip()
    both = f"{a} {MINUS} {b if study.factor(pick.factor).is_clear(pick.b) else pick.b}"
    return f"Δ ({both})" + (f", {unit}" if unit else "")


def digits_of(metric: str, spec: TableSpec, *, difference: bool) -> int:
    """Return the decimals of this table; differences in points have as many as values in %."""
    own = METRICS[metric]
    extra = _EXTRA_DIGITS if own.unit == "share" and spec.as_fractions else 0
    if spec.digits is None:
        return own.digits + (0 if difference else extra)
    return max(spec.digits - extra, 0) if difference else spec.digits


def figure_text(figure: Figure, unit: Unit, digits: int, *, signed: bool, with_n: bool) -> str:
    """``45.88``, ``45.88 ± 0.31 (3)``, or a signed difference, with no more digits than the inputs have."""
    digits = min(digits, decimals_of(unit.scale * figure.coarsest))
    text = number(unit.scale * figure.value, digits, signed=signed)
    if figure.sd is not None:
        return f"{text} ± {number(unit.scale * figure.sd, digits)} ({figure.n})"
    return f"{text} ({figure.n})" if with_n and figure.n else text


def decimals_of(half_width: float) -> int:
    """Return the decimals of a number rounded by up to ``half_width``; 99 if it was not rounded."""
    return 99 if half_width <= 0 else max(math.floor(-math.log10(2 * half_width) + 1e-6), 0)


def number(value: float, digits: int, *, signed: bool = False) -> str:
    """Format a number with a true minus sign, and no sign before zero."""
    text = f"{value:,.{digits}f}" if abs(value) >= 10_000 else f"{value:.{digits}f}"
    bare = text.lstrip("-")
    if not bare.strip("0.,"):
        return bare
    return MINUS + bare if value < 0 else (PLUS if signed else "") + bare


def join_levels(study: Study, levels: dict[str, str]) -> str:
    """Join a combination of levels: ``resnet50 + cutmix + pretrained``; levels ``no`` are omitted."""
    titles = [_short_title(study, factor, label) for factor, label in levels.items()]
    return " + ".join(filter(None, titles)) or ", ".join(levels.values())


def _short_title(study: Study, factor: str, label: str) -> str:
    if label.lower() == "no":
        return ""
    return factor_title(factor).lower() if label.lower() == "yes" else level_title(study, factor, label)
