"""What the runs say of each hypothesis, across seeds: a card each, with the verdict, its sentence and its intervals."""

import math
from collections import Counter
from html import escape

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.guard import guarded
from app.study.choice import start
from app.study.forest import Bar, difference_axis, forest, ratio_axis
from app.study.hypotheses import hypothesis_in_words
from engine.analysis.judging import (
    Estimate,
    JudgedContrast,
    JudgedPart,
    Judgement,
    Verdict,
    note_text,
    sentence,
)
from engine.analysis.judging.numbers import bare, difference, ratio
from engine.analysis.reading import Reading
from engine.catalog.metrics import METRICS
from engine.study.matrix import Matrix, State
from engine.study.study import Study

_COLOURS = {Verdict.SUPPORTED: "green", Verdict.REFUTED: "red", Verdict.INCONCLUSIVE: "gray"}
_MOST = 50


def verdicts(reading: Reading) -> None:
    """All of a study's cards, under a line that says what kind of evidence this is."""
    judgements = reading.judgements
    if not judgements:
        st.caption("No hypothesis was declared, so there is nothing to judge: say under **Declare** what you expect.")
        return
    counted = Counter(judgement.verdict for judgement in judgements)
    told = " · ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict if counted[verdict])
    st.caption(f"**{told}** · These recipes, trained again: tests across seeds, two-sided at 5 %, corrected by Holm "
               "over all that the study tests.")
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
        st.warning(f"As a difference and as a ratio the runs say different things of this: {_disagreement(judgement)}.",
                   icon=":material/balance:")
    _forests(study, judgement)
    with st.container(key=f"sentence_{claim.name}"):
        st.markdown(words.plain(sentence(judgement)))
        for note in judgement.notes:
            st.caption(words.plain(note_text(note)))
    more_seeds(shown, judgement)
    with st.expander("Tests and numbers"):
        st.dataframe(_numbers(study, judgement), hide_index=True, placeholder=words.DASH)


def _disagreement(judgement: Judgement) -> str:
    if judgement.verdict is judgement.relative_verdict:
        return "the difference points one way, the ratio the other"
    return f"{judgement.verdict.value} as a difference, {judgement.relative_verdict.value} as a ratio"


def _forests(study: Study, judgement: Judgement) -> None:
    """The contrasts as differences and, beside them, as ratios."""
    metric, unit = judgement.metric, METRICS[judgement.metric].as_unit
    pairs = [(part, contrast) for part in judgement.parts for contrast in part.contrasts]
    titles = {contrast.contrast.title for _, contrast in pairs}
    shared = next(iter(titles)) if len(titles) == 1 and all(part.levels for part in judgement.parts) else ""
    absolute = [_bar(study, part, contrast, contrast.absolute, judgement, judgement.margin, shared)
                for part, contrast in pairs if contrast.absolute]
    relative = [_bar(study, part, contrast, _logarithms(contrast.relative), judgement, 0.0, shared)
                for part, contrast in pairs if contrast.relative and 0 < contrast.relative.value < math.inf]
    if not absolute:
        st.caption("Nothing to compare yet: a cell that this needs has no run that counts.")
        return
    digits = max(contrast.digits for _, contrast in pairs)
    differences = difference_axis(lambda value: bare(value, METRICS[metric], digits), unit.scale)
    in_unit = f", {unit.difference_suffix.strip()}" if unit.difference_suffix.strip() else ""
    with st.grid(2, min_column_width=460, gap=("small", "large")):
        st.html(forest(absolute, differences, margin=judgement.margin,
                       title=f"Difference in {words.title_of(metric)}{in_unit}{shared and f': {shared}'}"))
        if relative:
            st.html(forest(relative, ratio_axis(ratio), title=f"As a ratio{shared and f': {shared}'}"))


def _bar(study: Study, part: JudgedPart, contrast: JudgedContrast, estimate: Estimate, judgement: Judgement,
         margin: float, shared: str) -> Bar:
    """``shared`` is what all bars have in their titles, and is told above them."""
    title = _title(study, part, "" if shared else contrast.contrast.title)
    return Bar(title, estimate.value, estimate.low, estimate.high,
               _tone(judgement.hypothesis.expect, estimate, margin), _runs(contrast))


def _title(study: Study, part: JudgedPart, contrast: str) -> str:
    where = [label if study.factor(factor).tells_itself(label) else f"{factor} {label}"
             for factor, label in part.levels.items()]
    return " · ".join(filter(None, [*where, contrast]))


def _tone(expect: str, estimate: Estimate, margin: float) -> str:
    """Which side of the expectation the interval is wholly on."""
    if estimate.low is None or estimate.high is None:
        return "open"
    above, below = estimate.low > margin, estimate.high < -margin
    inside = estimate.low > -margin and estimate.high < margin
    favoured = {"higher": above, "lower": below, "none": inside}[expect]
    against = {"higher": estimate.high < margin, "lower": estimate.low > -margin, "none": above or below}[expect]
    return "for" if favoured else "against" if against else "open"


def _logarithms(ratio: Estimate) -> Estimate:
    """A ratio on the axis on which halves and doubles are as far from one."""
    low, high = (None if end is None or end <= 0 else math.log(end) for end in (ratio.low, ratio.high))
    return Estimate(math.log(ratio.value), low, high, ratio.p, ratio.p_holm)


def _runs(contrast: JudgedContrast) -> str:
    return "; ".join(f"{' · '.join(cell)}: {count} runs" for cell, count in contrast.runs.items())


def _numbers(study: Study, judgement: Judgement) -> pd.DataFrame:
    """One row a contrast."""
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
                "Runs": ", ".join(str(count) for count in contrast.runs.values())})
    return pd.DataFrame(rows)


def _p(value: float | None) -> str | None:
    return None if value is None else "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def more_seeds(shown: Matrix, judgement: Judgement) -> None:
    """The button, where more seeds are needed than the study has still to run, and another few would do."""
    study, lacking = shown.study, seeds_lacking(shown, judgement)
    if any(need.reason == "kept out" for need in judgement.needs):
        st.caption(":red[:material/error:] Look at what was found in the runs that are kept out, under **Matrix**: "
                   "what is meant to be so can be acknowledged there.")
    if not 0 < lacking <= _MOST or not study.seeds:
        return
    wider = with_more_seeds(study, lacking)
    added = wider.seeds[len(study.seeds):]
    runs = len(added) * len(study.cells)
    name = f"seed {added[0]}" if len(added) == 1 else f"seeds {added[0]} to {added[-1]}"
    if st.button(f"Add {name}: {runs} runs", icon=":material/add:", key=f"study_seeds_{judgement.hypothesis.name}",
                 help="Every cell is trained with these too, so that all are compared on the same seeds."):
        with guarded():
            start(wider)


def seeds_lacking(shown: Matrix, judgement: Judgement) -> int:
    """How many seeds a hypothesis needs beyond those that the study declares and has not finished.

    Where all runs of a cell are kept out, more like them would be too: somebody has to look at them first.
    """
    return max((need.seeds - min(_unfinished(shown, cell) for cell in need.cells)
                for need in judgement.needs if need.seeds and need.cells and need.reason != "kept out"), default=0)


def with_more_seeds(study: Study, more: int) -> Study:
    """The study with so many further seeds, the next whole numbers."""
    start_at = max(study.seeds) + 1
    return Study.model_validate({**study.model_dump(), "seeds": (*study.seeds, *range(start_at, start_at + more))})


def _unfinished(shown: Matrix, cell: tuple[str, ...]) -> int:
    return sum(entry.state is not State.DONE for entry in shown.by_cell[cell])
