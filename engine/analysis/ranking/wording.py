"""A ranking in sentences and as rows of a table, in English and Korean."""

from collections.abc import Callable, Sequence

from engine.analysis.judging.numbers import probability
from engine.analysis.phrases import Words, phrase
from engine.analysis.ranking.ranking import Ranked, Ranking
from engine.analysis.ranking.scores import FEWEST, Score
from engine.catalog.metrics import METRICS
from engine.words import DASH

_MOST, _LONGEST = 4, 280
_ROWS: Words = {
    "first": ("On these {sets} sets only ({names}), {found}.", "이 {sets}개 집합({names})에 한해서 {found}."),
    "none": ("no two recipes have results in the same two sets yet",
             "같은 두 집합에 결과가 있는 레시피가 아직 둘이 안 된다"),
    "provisional": ("{first} ranks first of {recipes} recipes so far; {awaited} planned runs are still to come, and "
                    "nothing is tested before",
                    "지금까지는 레시피 {recipes}개 가운데 {first}의 순위가 가장 높다. 계획한 실행 {awaited}개가 남아 "
                    "있어 아직 검정하지 않는다"),
    "too few": ("nothing can be significant: the least p that {sets} sets can give is {least}, and it must be below "
                "{alpha}, which takes {needed} sets. {first} has the best mean rank",
                "어떤 차이도 유의할 수 없다. 집합 {sets}개로 얻을 수 있는 가장 작은 p는 {least}인데 {alpha}보다 작아야 "
                "하며, 그러려면 집합 {needed}개가 필요하다. 평균 순위가 가장 높은 것은 {first}"),
    "equal": ("no difference between the {recipes} recipes is shown ({test} p {p})",
              "레시피 {recipes}개의 차이는 나타나지 않았다({test} p {p})"),
    "better": ("{first} is better than {worse} ({test} p {p})", "{worse}보다 나은 것은 {first} ({test} p {p})"),
    "far": ("{first} is better than {worse} ({test} p {p}; Nemenyi's critical difference {difference})",
            "{worse}보다 나은 것은 {first} ({test} p {p}, Nemenyi 임계 차이 {difference})"),
    "no pair": ("the {recipes} recipes differ ({test} p {p}), but Nemenyi's test tells no two of them apart",
                "레시피 {recipes}개에는 차이가 있으나({test} p {p}) Nemenyi 검정으로 구별되는 두 레시피는 없다"),
    "more": ("{names} and {more} more", "{names} 외 {more}개"),
    "not apart": ("Not told apart from {first}: {equal}.", "{first}, 그리고 이와 구별되지 않는 것: {equal}."),
    "left out": ("Left out, without a result in each of these sets: {names}.",
                 "이 집합들에 모두 결과가 있지는 않아 제외된 것: {names}."),
    "how": ("Ranks and tests take a recipe's mean over its seeds in each set, at {alpha}, as a family of their own. "
            "IQM and P take every run; their 95 % intervals need {fewest} runs in each cell.",
            "순위와 검정은 집합마다 시드 평균 하나를 쓰며, 가설과는 별도로 {alpha} 수준에서 검정한다. IQM과 P는 모든 "
            "실행을 쓰고, 95 % 구간에는 칸마다 실행 {fewest}개가 필요하다."),
    "chosen": ("The sets are the levels of {factor}, the factor that varies the data set; across: names another.",
               "집합은 데이터를 바꾸는 요인 {factor}의 수준이다. across:로 다른 요인을 정할 수 있다."),
    "wilcoxon": ("Wilcoxon signed-rank", "Wilcoxon 부호 순위"),
    "friedman": ("Friedman", "Friedman"),
    "title": ("Recipes over several sets", "여러 집합에 걸친 레시피 순위"),
    "recipe": ("Recipe", "레시피"),
    "mean rank": ("Mean rank", "평균 순위"),
    "iqm": ("IQM of {metric}", "{metric}의 IQM"),
    "beaten": ("P(first is better)", "P(1위가 나음)"),
    "p": ("p against the first", "1위와 비교한 p"),
}


def title(language: str = "en") -> str:
    """Return the heading of a ranking."""
    return phrase(_ROWS, "title", language)


def sentences(ranking: Ranking, language: str = "en") -> list[str]:
    """Return the finding, which says first that it speaks of these sets only, then details."""
    # The fewer names, the shorter; with one it is as short as it can be.
    firsts = [_first(ranking, language, most) for most in range(_MOST, 0, -1)]
    first = next((line for line in firsts if len(line) <= _LONGEST), firsts[-1])
    return [first, *_details(ranking, language)]


def _first(ranking: Ranking, language: str, most: int) -> str:
    names = f"{ranking.factor} {_listed(ranking.sets, language, most)}" if ranking.sets else ranking.factor
    return phrase(_ROWS, "first", language, sets=len(ranking.sets), names=names,
                  found=_finding(ranking, language, most))


def _finding(ranking: Ranking, language: str, most: int) -> str:
    if not ranking.recipes:
        return phrase(_ROWS, "none", language)
    count, best = len(ranking.recipes), ranking.recipes[0].title
    if ranking.p is None:
        return phrase(_ROWS, "provisional", language, first=best, recipes=count, awaited=ranking.awaited)
    if ranking.least_p >= ranking.alpha:
        return phrase(_ROWS, "too few", language, first=best, sets=len(ranking.sets), alpha=f"{ranking.alpha:.3g}",
                      least=f"{ranking.least_p:.3g}", needed=ranking.sets_needed)
    test = phrase(_ROWS, "wilcoxon" if count == 2 else "friedman", language)
    worse = [one.title for one in ranking.recipes[_told_apart(ranking):]]
    key = "equal" if not ranking.differs else "better" if count == 2 else "far" if worse else "no pair"
    return phrase(_ROWS, key, language, first=best, recipes=count, test=test, p=probability(ranking.p),
                  worse=_listed(worse, language, most), difference=f"{ranking.difference or 0:.2f}")


def _details(ranking: Ranking, language: str) -> list[str]:
    found = []
    equal = [one.title for one in ranking.recipes[1:_told_apart(ranking)]]
    if ranking.differs and equal and len(equal) + 1 < len(ranking.recipes):
        first = ranking.recipes[0].title
        found.append(phrase(_ROWS, "not apart", language, first=first, equal=_listed(equal, language)))
    if ranking.left_out:
        found.append(phrase(_ROWS, "left out", language, names=_listed(ranking.left_out, language)))
    found.append(phrase(_ROWS, "how", language, alpha=f"{ranking.alpha:.3g}", fewest=FEWEST))
    if not ranking.chosen:
        found.append(phrase(_ROWS, "chosen", language, factor=ranking.factor))
    return found


def _listed(names: Sequence[str], language: str, most: int = _MOST) -> str:
    shown, more = ", ".join(names[:most]), len(names) - most
    return phrase(_ROWS, "more", language, names=shown, more=more) if more > 0 else shown


def _told_apart(ranking: Ranking) -> int:
    """Return the place of the best recipe that the first is better than; behind the last, if there is none."""
    return next((end + 1 for start, end in ranking.groups if start == 0), 1)


def header(ranking: Ranking, language: str = "en") -> tuple[str, ...]:
    """Return the headings of :func:`rows`, the sets' names at the end."""
    own = ("recipe", "mean rank", "iqm", "beaten", "p")
    return (*(phrase(_ROWS, key, language, metric=METRICS[ranking.metric].title) for key in own), *ranking.sets)


def rows(ranking: Ranking) -> list[tuple[str, ...]]:
    """Return a row for each recipe, the best first, with its rank in each set at the end."""
    return [_row(ranking, one) for one in ranking.recipes]


def _row(ranking: Ranking, one: Ranked) -> tuple[str, ...]:
    metric = METRICS[ranking.metric]
    return (one.title, f"{one.mean:.2f}", _score(one.iqm, metric.text),
            _score(one.beaten, lambda value: f"{value:.2f}") if one.beaten else DASH,
            DASH if one.p is None else probability(one.p).removeprefix("= "), *(f"{rank:g}" for rank in one.ranks))


def _score(score: Score, text: Callable[[float], str]) -> str:
    """``0.83 [0.70, 0.95]``."""
    value = text(score.value)
    return value if score.low is None or score.high is None else f"{value} [{text(score.low)}, {text(score.high)}]"
