"""The critical-difference diagram: no two of its texts overlap, and everything lies where its rank is."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import ImageFont

from engine.analysis.judging.looks import Look
from engine.analysis.ranking import Ranking, diagram
from engine.study.outcomes import Outcome
from engine.study.study import Study
from tests.engine.analysis.ranking.made import outcomes, study
from tests.engine.analysis.ranking.test_ranking import APART, ranked

SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]


def parts(drawn: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawn).iter(f"{SVG}{tag}"))


def boxes(drawn: str) -> list[Box]:
    """Left, top, right and bottom of every text, in a font as wide as those of browsers."""
    font = ImageFont.load_default(13)
    found = []
    for text in parts(drawn, "text"):
        wide = sum(13.0 if character > "ᄀ" else font.getlength(character) for character in text.text or "")
        left = float(text.get("x", 0)) - {"start": 0.0, "middle": wide / 2, "end": wide}[text.get("text-anchor", "")]
        base = float(text.get("y", 0))
        found.append((left, base - 10, left + wide, base + 3))
    return found


def many(sets: int, recipes: int, names: str = "{}") -> Ranking:
    """Recipes with long names, whose scores are close."""
    labels = [names.format(number) for number in range(recipes)]
    made = Study.model_validate({"name": "many", "across": "set", "factors": {
        "set": {f"s{number}": {"dataset": f"s{number}"} for number in range(sets)},
        "model": {label: {"model": label} for label in labels}}})
    random = np.random.default_rng(recipes)
    return ranked(made, [Outcome(cell, 0, 0, {"top1": random.normal(labels.index(cell[1]) / 10, 1)})
                         for cell in made.cells])


CASES = {
    "three": ranked(study(8, 3), outcomes(APART[:, :3])), "four": ranked(study(8, 4), outcomes(APART)),
    "alike": ranked(study(8, 4), outcomes(np.full((8, 4), 0.5))),
    "provisional": ranked(study(8, 4), outcomes(APART), Look(1, 3, {("s1", "a"): 2})),
    "two sets": many(2, 5), "forty": many(12, 40),
    "long names": many(8, 6, "vit_small_patch16_224 · randaugment-{} · AdamW"),
    "Korean names": many(8, 6, "아주 긴 이름을 가진 사전 학습된 트랜스포머 {}"),
    "wide letters": many(8, 5, "WMWM" * 20 + "{}"),
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("case", CASES)
def test_no_two_texts_cross_and_none_leaves_the_picture(case: str, language: str) -> None:
    drawn = diagram(CASES[case], language)
    _, _, width, height = map(float, re.findall(r'viewBox="([^"]+)"', drawn)[0].split())
    for one, other in combinations(boxes(drawn), 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1], (one, other)
    for left, top, right, bottom in boxes(drawn):
        assert left >= 0 and top >= 0 and right <= width and bottom <= height


@pytest.mark.parametrize("case", CASES)
def test_dots_lie_on_their_rank_and_nothing_crosses_a_text(case: str) -> None:
    found, drawn = CASES[case], diagram(CASES[case])
    dots = [float(dot.get("cx", 0)) for dot in parts(drawn, "circle")]
    ticks = {int(text.text or 0): float(text.get("x", 0)) for text in parts(drawn, "text")
             if text.get("text-anchor") == "middle"}
    assert dots == pytest.approx(np.interp([one.mean for one in found.recipes], [*ticks], [*ticks.values()]), abs=0.2)
    bars = [line for line in parts(drawn, "line") if line.get("stroke-width") == "4"]
    assert len(bars) == len(found.groups)
    for bar in bars:
        assert all(float(bar.get("x1", 0)) - 2 > box[2] for box in boxes(drawn) if box[1] > 44 and box[3] < float(
            bar.get("y2", 0)))


def test_the_critical_difference_is_as_long_as_ranks_that_far_apart() -> None:
    found, drawn = CASES["four"], diagram(CASES["four"])
    [line] = [line for line in parts(drawn, "line") if line.get("stroke-width") == "2.5"]
    dots = [float(dot.get("cx", 0)) for dot in parts(drawn, "circle")]
    length = float(line.get("x2", 0)) - float(line.get("x1", 0))
    assert length == pytest.approx((found.difference or 0) * (dots[1] - dots[0]), abs=0.2)
    assert "wider than the axis" in diagram(CASES["two sets"])


def test_two_recipes_need_no_diagram_and_names_are_text() -> None:
    assert diagram(ranked(study(8, 2), outcomes(APART[:, :2]))) == ""
    assert "<script>" not in diagram(many(8, 3, "<script>{}</script>"))
