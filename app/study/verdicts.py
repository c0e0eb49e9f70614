"""The verdicts: a card per hypothesis, with its verdict across seeds, a sentence and confidence intervals."""

import math
from collections import Counter
from html import escape

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.guard import guarded
from app.kit.writing import write_button
from app.study.choice import start
from app.study.forest import Bar, difference_axis, forest, ratio_axis
from app.study.hypotheses import hypothesis_in_words
from engine.analysis.judging import (
    Estimate,
    JudgedContrast,
    JudgedPart,
    Judgement,
    Verdict,
    details,
    need_text,
    note_text,
    sentence,
)
from engine.analysis.judging.numbers import bare, difference, ratio
from engine.analysis.reading import Reading
from engine.catalog.metrics import METRICS
from engine.study.matrix import Matrix, State
from engine.study.study import Study

_COLOURS = {Verdict.SUPPORTED: "green", Verdict.REFUTED: "red", Verdict.INCONCLUSIVE: "gray",
            Verdict.WITHHELD: "gray"}
_MOST = 50


def verdicts(reading: Reading) -> None:
    """Draw a card for each hypothesis, below a line on the kind of evidence."""
    judgements = reading.judgements
    if not judgements:
        st.caption("No hypotheses are declared: add what you expect under **Declare**.")
        return
    counted = Counter(judgement.verdict for judgement in judgements)
    summary = " · ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict if counted[verdict])
    st.caption(f"**{summary}** · Recipes, compared across seeds: two-sided tests with Holm's correction over all "
               "tests of the study, at 4 % once all planned seeds are in; the rest of 5 % is kept for added seeds.")
    for note in reading.notes:
        st.caption(f":orange[:material/history:] {words.plain(note_text(note))}")
    for place, judgement in enumerate(judgements):
        with st.container(border=True, key=f"verdict_{place}", gap="small"):
            _card(reading.matrix, judgement)


def _card(shown: Matrix, judgement: Judgement) -> None:
    study, claim = shown.study, judgement.hypothesis
    st.html(f'<div class="dr-head"><span class="dr-name">{escape(claim.name)}</span>'
            f'<span class="dr-badge dr-{_COLOURS[judgement.verdict]} dr-verdict">{judgement.verdict.value}</span>'
            f'<span class="dr-claim">{escape(claim.claim or hypothesis_in_words(claim.model_dump()))}</span></div>')
    if judgement.scales_disagree:
        st.warning(f"Difference and ratio disagree: {_disagreement(judgement)}.", icon=":material/balance:")
    with st.container(key=f"sentence_{claim.name}"):
        st.markdown(words.plain(sentence(judgement)))
        for need in judgement.needs:
            st.caption(words.plain(need_text(need)))
    _forests(study, judgement)
    add_seeds_button(shown, judgement)
    with st.expander("Tests, other choices and numbers"):
        st.markdown("\n".join(f"- {words.plain(line)}" for line in _lines(judgement)))
        st.dataframe(_numbers(study, judgement), hide_index=True, placeholder=words.DASH)


def _lines(judgement: Judgement) -> list[str]:
    return [*details(judgement), *map(note_text, judgement.notes)]


def _disagreement(judgement: Judgement) -> str:
    if judgement.verdict is judgement.relative_verdict or judgement.relative_verdict is None:
        return "the difference points one way, the ratio the other"
    return f"{judgement.verdict.value} as a difference, {judgement.relative_verdict.value} as a ratio"


def _forests(study: Study, judgement: Judgement) -> None:
    """Draw the contrasts as differences and, beside them, as ratios."""
    metric, unit = judgement.metric, METRICS[judgement.metric].as_unit
    pairs = [(part, contrast) for part in judgement.parts for contrast in part.contrasts]
    titles = {contrast.contrast.title for _, contrast in pairs}
    shared = next(iter(titles)) if len(titles) == 1 and all(part.levels for part in judgement.parts) else ""
    log_margin = math.log(judgement.ratio_margin)
    absolute = [_bar(study, part, contrast, contrast.absolute, judgement, judgement.margin, shared)
                for part, contrast in pairs if contrast.absolute]
    relative = [_bar(study, part, contrast, _log_estimate(contrast.relative), judgement, log_margin, shared)
                for part, contrast in pairs if contrast.relative and 0 < contrast.relative.value < math.inf]
    if not absolute:
        st.caption("Nothing to compare yet: a cell of this hypothesis has no usable run.")
        return
    digits = max(contrast.digits for _, contrast in pairs)
    differences = difference_axis(lambda value: bare(value, METRICS[metric], digits), unit.scale)
    in_unit = f", {unit.difference_suffix.strip()}" if unit.difference_suffix.strip() else ""
    with st.grid(2, min_column_width=460, gap=("small", "large")):
        st.html(forest(absolute, differences, margin=judgement.margin,
                       title=f"Difference in {words.title_of(metric)}{in_unit}{shared and f': {shared}'}"))
        if relative:
            st.html(forest(relative, ratio_axis(ratio), margin=log_margin,
                           title=f"As a ratio{shared and f': {shared}'}"))


def _bar(study: Study, part: JudgedPart, contrast: JudgedContrast, estimate: Estimate, judgement: Judgement,
         margin: float, shared: str) -> Bar:
    """``shared`` is the part that all titles have in common; it is drawn once above the bars."""
    title = _title(study, part, "" if shared else contrast.contrast.title)
    return Bar(title, estimate.value, estimate.low, estimate.high,
               _tone(judgement.hypothesis.expect, estimate, margin), _runs(contrast))


def _title(study: Study, part: JudgedPart, contrast: str) -> str:
    where = [label if study.factor(factor).is_clear(label) else f"{factor} {label}"
             for factor, label in part.levels.items()]
    return " · ".join(filter(None, [*where, contrast]))


def _tone(expect: str, estimate: Estimate, margin: float) -> str:
    """Return whether the whole interval agrees with the expectation, contradicts it, or neither."""
    if estimate.low is None or estimate.high is None:
        return "open"
    above, below = estimate.low > margin, estimate.high < -margin
    inside = estimate.low > -margin and estimate.high < margin
    favoured = {"higher": above, "lower": below, "none": inside}[expect]
    against = {"higher": estimate.high < margin, "lower": estimate.low > -margin, "none": above or below}[expect]
    return "for" if favoured else "against" if against else "open"


def _log_estimate(ratio: Estimate) -> Estimate:
    """Return the logarithm of a ratio and of its interval."""
    low, high = (None if end is None or end <= 0 else math.log(end) for end in (ratio.low, ratio.high))
    return Estimate(math.log(ratio.value), low, high, ratio.p, ratio.p_holm)


def _runs(contrast: JudgedContrast) -> str:
    return "; ".join(f"{' · '.join(cell)}: {words.counted(count, 'run')}" for cell, count in contrast.runs.items())


def _numbers(study: Study, judgement: Judgement) -> pd.DataFrame:
    """Return one row per contrast."""
    rows = []
    for part in judgement.parts:
        for contrast in part.contrasts:
            absolute, relative = contrast.absolute, contrast.relative
            rows.append({
                "Contrast": _title(study, part, contrast.contrast.title),
                "Difference": difference(absolute.value, judgement.metric, contrast.digits) if absolute else None,
                "Ratio": ratio(relative.value) if relative else None,
                "p": _p(absolute.p if absolute else None), "p (Holm)": _p(absolute.p_holm if absolute else None),
                "p of ratio (Holm)": _p(relative.p_holm if relative else None),
                "Effect size g": None if contrast.effect is None else f"{contrast.effect:.2f}",
                "Test": contrast.test or None, "df": None if contrast.df is None else f"{contrast.df:.3g}",
                "Runs": ", ".join(str(count) for count in contrast.runs.values()),
                "Variance by pictures": f"{contrast.picture_share:.0%}" if contrast.pictures else None})
    return pd.DataFrame(rows)


def _p(value: float | None) -> str | None:
    return None if value is None else "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def add_seeds_button(shown: Matrix, judgement: Judgement) -> None:
    """Draw the button that adds seeds, if a verdict needs more than are still to run and few enough would do."""
    study, missing = shown.study, missing_seeds(shown, judgement)
    if any(need.reason == "excluded" for need in judgement.needs):
        st.caption(":red[:material/error:] Some runs are excluded by serious findings. Check them under **Matrix** and "
                   "acknowledge those that are intended.")
    if not 0 < missing <= _MOST or not study.seeds:
        return
    wider = with_more_seeds(study, missing)
    added = wider.seeds[len(study.seeds):]
    runs = len(added) * len(study.cells)
    name = f"seed {added[0]}" if len(added) == 1 else f"seeds {added[0]} to {added[-1]}"
    if write_button(f"Add {name}: {words.counted(runs, 'run')}", icon=":material/add:",
                    key=f"study_seeds_{judgement.hypothesis.name}",
                    help="Trains every cell with these seeds, so that all cells share their seeds."):
        with guarded():
            start(wider)


def missing_seeds(shown: Matrix, judgement: Judgement) -> int:
    """Count the seeds that a hypothesis needs beyond those that are declared and not finished.

    Cells whose runs are all excluded do not count: more runs of the same kind would be excluded too.
    """
    return max((need.seeds - min(_unfinished(shown, cell) for cell in need.cells)
                for need in judgement.needs if need.seeds and need.cells and need.reason != "excluded"), default=0)


def with_more_seeds(study: Study, more: int) -> Study:
    """Return the study with ``more`` further seeds, the next integers."""
    start_at = max(study.seeds) + 1
    return Study.model_validate({**study.model_dump(), "seeds": (*study.seeds, *range(start_at, start_at + more))})


def _unfinished(shown: Matrix, cell: tuple[str, ...]) -> int:
    return sum(entry.state is not State.DONE for entry in shown.by_cell[cell])
