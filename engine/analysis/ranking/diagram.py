"""The critical-difference diagram (Demšar, 2006) as SVG, with a row for each recipe, so that no labels can cross."""

from collections.abc import Iterator
from html import escape
from unicodedata import east_asian_width

from engine.analysis.phrases import Words, phrase
from engine.analysis.ranking.ranking import Ranking

WIDTH, _LABELS, _VALUES, _LANE = 640, 250, 44, 9
_ROW, _TOP, _SIZE = 24, 44, 13
_CHARACTER = 0.58
"""Width of a character over its height, at most on average; of Hangul and the like, 1."""
_MOST_TICKS = 11
_ACCENT = "#3a7bd0"
_ROWS: Words = {
    "difference": ("Critical difference {value}", "임계 차이 {value}"),
    "wider": ("Critical difference {value}, wider than the axis", "임계 차이 {value}, 축보다 넓음"),
    "rank": ("Mean rank", "평균 순위"),
    "bars": ("Upright bars join recipes that are not told apart.", "세로 막대: 구별되지 않는 레시피."),
}


def diagram(ranking: Ranking, language: str = "en", ink: str = "currentColor") -> str:
    """Return the diagram as an SVG in a colour, that of the text around it; empty with fewer than three recipes."""
    if len(ranking.recipes) < 3:
        return ""
    lanes = _lanes(ranking.groups)
    height = _TOP + _ROW * len(ranking.recipes) + (_ROW if ranking.groups else 8)
    axis = _Axis(len(ranking.recipes), WIDTH - _VALUES - _LANE * (len(lanes) + 1))
    parts = [*_scale(ranking, axis, language), *_recipes(ranking, axis), *_bars(lanes, axis)]
    if ranking.groups:
        parts.append(_text(phrase(_ROWS, "bars", language), 0, height - 6, "start", quiet=True))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" color="{ink}" '
            'fill="currentColor" '
            f'font-family="sans-serif" font-size="{_SIZE}" style="max-width:{WIDTH}px;width:100%">'
            f'{"".join(parts)}</svg>')


class _Axis:
    """Places of ranks between the labels and the values."""

    def __init__(self, recipes: int, end: float) -> None:
        self.recipes, self.start, self.end = recipes, _LABELS + 10, end - 10

    def at(self, rank: float) -> float:
        return self.start + (self.end - self.start) * (rank - 1) / (self.recipes - 1)


def _scale(ranking: Ranking, axis: _Axis, language: str) -> Iterator[str]:
    """Yield the axis of ranks and, above it, the critical difference from the first rank on."""
    if ranking.difference is not None:
        end = 1 + ranking.difference
        key = "difference" if end <= axis.recipes else "wider"
        yield _text(phrase(_ROWS, key, language, value=f"{ranking.difference:.2f}"), 0, 14, "start", quiet=True)
        if key == "difference":
            yield _line(axis.at(1), 10, axis.at(end), 10, 2.5)
    yield _text(phrase(_ROWS, "rank", language), 0, _TOP - 10, "start", quiet=True)
    step = -(-axis.recipes // _MOST_TICKS)
    for rank in range(1, axis.recipes + 1, step):
        yield _text(str(rank), axis.at(rank), _TOP - 10, "middle", quiet=True)
        yield _line(axis.at(rank), _TOP - 4, axis.at(rank), _TOP + _ROW * axis.recipes - 4, 0.6, faint=True)


def _recipes(ranking: Ranking, axis: _Axis) -> Iterator[str]:
    for place, one in enumerate(ranking.recipes):
        middle = _middle(place)
        yield f"<g><title>{escape(one.title)}</title>{_text(_shortened(one.title), 0, middle + 4, 'start')}</g>"
        yield _line(axis.start, middle, axis.at(one.mean), middle, 1, faint=True)
        yield f'<circle cx="{axis.at(one.mean):.1f}" cy="{middle}" r="5" fill="{_ACCENT}"/>'
        yield _text(f"{one.mean:.2f}", axis.end + _VALUES + 6, middle + 4, "end")


def _bars(lanes: list[list[tuple[int, int]]], axis: _Axis) -> Iterator[str]:
    for number, lane in enumerate(lanes):
        across = axis.end + _VALUES + 10 + _LANE * (number + 1)
        for first, last in lane:
            yield _line(across, _middle(first) - 6, across, _middle(last) + 6, 4)


def _lanes(groups: tuple[tuple[int, int], ...]) -> list[list[tuple[int, int]]]:
    """Place groups side by side where they overlap."""
    lanes: list[list[tuple[int, int]]] = []
    for group in groups:
        free = next((lane for lane in lanes if lane[-1][1] < group[0]), None)
        if free is None:
            lanes.append([group])
        else:
            free.append(group)
    return lanes


def _middle(place: int) -> float:
    return _TOP + _ROW * (place + 0.5)


def _shortened(text: str) -> str:
    """Cut a text that is wider than the column of labels."""
    left, kept = _LABELS / _SIZE - 1, ""
    for character in text:
        left -= 1 if east_asian_width(character) in "WF" else _CHARACTER
        if left < 0:
            return f"{kept.rstrip()}…"
        kept += character
    return text


def _text(text: str, across: float, down: float, anchor: str, *, quiet: bool = False) -> str:
    return (f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}" opacity="{0.65 if quiet else 1}">'
            f"{escape(text)}</text>")


def _line(x1: float, y1: float, x2: float, y2: float, width: float, *, faint: bool = False) -> str:
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" '
            f'stroke-width="{width}" opacity="{0.25 if faint else 1}"/>')
