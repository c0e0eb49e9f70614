"""Phrases of judgements in English and Korean, one row each; values are filled in by name."""

Words = dict[str, dict[str, str]]

LANGUAGES = ("en", "ko")

VERDICTS: Words = {
    "supported": {"en": "supported", "ko": "지지됨"},
    "refuted": {"en": "refuted", "ko": "반박됨"},
    "inconclusive": {"en": "inconclusive", "ko": "판단 유보"},
    "withheld": {"en": "withheld", "ko": "결과 대기"},
}

OBSERVED: Words = {
    "agrees": {"en": "the results so far agree with it", "ko": "지금까지의 결과는 가설과 같은 방향이다"},
    "against": {"en": "the results so far contradict it", "ko": "지금까지의 결과는 가설과 반대 방향이다"},
    "equal": {"en": "the results so far show no relevant difference",
              "ko": "지금까지의 결과에는 의미 있는 차이가 없다"},
    "unknown": {"en": "a compared cell has no usable result",
                "ko": "비교할 칸 가운데 쓸 수 있는 결과가 없는 칸이 있다"},
}

FIGURES: Words = {
    "above": {"en": "{first} is {value} above {second}", "ko": "{first}: {second}보다 {value} 높다"},
    "below": {"en": "{first} is {value} below {second}", "ko": "{first}: {second}보다 {value} 낮다"},
    "same": {"en": "{first} and {second} differ by {value}", "ko": "{first}: {second}와의 차이가 {value}"},
    "above at": {"en": "{first} at {second} is {value} above that at {third}",
                 "ko": "{first}: {second}에서 {third}보다 {value} 높다"},
    "below at": {"en": "{first} at {second} is {value} below that at {third}",
                 "ko": "{first}: {second}에서 {third}보다 {value} 낮다"},
    "same at": {"en": "{first} at {second} and at {third} differ by {value}",
                "ko": "{first}: {second}와 {third}의 차이가 {value}"},
    "change": {"en": "over {title} it changes by {value}", "ko": "{title}에 걸쳐 {value} 변한다"},
    "none": {"en": "{title} has no value", "ko": "{title}: 값 없음"},
}
"""What a contrast says, after the name of the metric."""

TESTED: Words = {
    "paired": {"en": "paired t over {runs} seeds{pictures}", "ko": "시드 {runs}개{pictures}의 대응표본 t 검정"},
    "mixed": {"en": "mixed model over {runs} seeds per cell{pictures}",
              "ko": "칸마다 시드 {runs}개{pictures}의 혼합 모형"},
    "welch": {"en": "Welch's t over {runs} runs per cell{pictures}",
              "ko": "칸마다 실행 {runs}개{pictures}의 Welch t 검정"},
}

TEST_PICTURES: Words = {
    "counted": {"en": " and {count:,} test pictures", "ko": "와 테스트 이미지 {count:,}장"},
    "fixed": {"en": ", on these test pictures", "ko": "(이 테스트 이미지에 한함)"},
}

UNTESTED: Words = {
    "missing": {"en": "{cells} has no result", "ko": "{cells}에 결과가 없다"},
    "excluded": {"en": "every run of {cells} is excluded by a serious finding",
                 "ko": "{cells}의 모든 실행이 심각한 문제로 제외되었다"},
    "one run": {"en": "a cell has one run, so its spread over seeds is unknown",
                "ko": "실행이 한 번뿐인 칸이 있어 시드에 따른 산포를 알 수 없다"},
    "few shared": {"en": "the cells share too few seeds", "ko": "칸들이 함께 가진 시드가 너무 적다"},
    "no spread": {"en": "all repeats gave the same value, so there is no spread to test with",
                  "ko": "반복한 값이 모두 같아 검정할 산포가 없다"},
}

NEEDS: Words = {
    "no run": {"en": "Needs {seeds} in {cells} without a result.", "ko": "결과가 없는 {cells}에 {seeds}가 필요하다."},
    "excluded": {"en": "Needs {seeds} in {cells} whose runs are all excluded.",
                 "ko": "실행이 모두 제외된 {cells}에 {seeds}가 필요하다."},
    "three": {"en": "Needs {seeds} in {cells}, to have three in each.",
              "ko": "칸마다 세 개가 되도록 {cells}에 {seeds}가 더 필요하다."},
    "shared": {"en": "Needs {seeds} in {cells}, the same ones in every cell.",
               "ko": "모든 칸이 같은 시드를 갖도록 {cells}에 {seeds}가 더 필요하다."},
    "power": {"en": "Needs {seeds} in {cells}: they decide it four times in five if the true contrast is zero, or "
                    "twice the margin.",
              "ko": "{cells}에 {seeds}가 더 필요하다. 실제 차이가 0이거나 한계의 두 배일 때 다섯 번에 네 번 결론이 "
                    "나는 수이다."},
    "equivalence": {"en": "Needs {seeds} in {cells}: they decide it four times in five if there is no difference.",
                    "ko": "{cells}에 {seeds}가 더 필요하다. 실제로 차이가 없을 때 다섯 번에 네 번 결론이 나는 수이다."},
    "no margin": {"en": "Declare a margin, the smallest difference that matters, to learn how many seeds decide it. "
                        "Without one, nothing is promised by {seeds} in {cells}, twice as many as now.",
                  "ko": "몇 개의 시드로 결론이 나는지 알려면 의미 있는 최소 차이를 정해야 한다. 정하지 않고 {cells}에 "
                        "{seeds}를 더해 지금의 두 배로 늘려도 결론이 보장되지는 않는다."},
    "pictures": {"en": "Seeds cannot decide {cells}: the test pictures alone leave more than the margin open.",
                 "ko": "테스트 이미지만으로도 한계보다 큰 오차가 남아, 시드를 더해도 {cells}에서 결론이 나지 않는다."},
    "too many": {"en": "Needs more than a thousand seeds in {cells}: the margin is small compared with the spread.",
                 "ko": "산포에 비해 한계가 작아 {cells}에 시드가 천 개 넘게 필요하다."},
}

VARIANTS: Words = {
    "excluded": {"en": "With the excluded runs ({count}) counted as a property of their recipes: {verdict}.",
                 "ko": "제외된 실행 {count}개도 레시피의 성질로 보고 모두 넣으면: {verdict}."},
    "half": {"en": "At half the margin: {verdict}.", "ko": "한계를 절반으로 하면: {verdict}."},
    "double": {"en": "At twice the margin: {verdict}.", "ko": "한계를 두 배로 하면: {verdict}."},
    "any seed": {"en": "Leaving out any one seed: {verdict}.", "ko": "어느 시드 하나를 빼도: {verdict}."},
    "seed": {"en": "Leaving out one of the seeds {seeds}: {verdict}.", "ko": "시드 {seeds} 중 하나를 빼면: {verdict}."},
}
"""A verdict under other choices."""

COUNTS: Words = {
    "seeds": {"en": "{count} more seeds", "ko": "시드 {count}개"},
    "one seed": {"en": "1 more seed", "ko": "시드 1개"},
    "cells": {"en": "each of {count} cells", "ko": "{count}개 칸 각각"},
    "one cell": {"en": "one cell", "ko": "한 칸"},
}

NOTES: Words = {
    "kept out": {"en": "Runs excluded from the comparison: {count}.", "ko": "비교에서 제외된 실행: {count}개."},
    "bent": {"en": "The means turn back along the axis, so a slope does not describe them well: {count}.",
             "ko": "평균이 축을 따라가다 방향을 바꾸므로 기울기 하나로는 잘 나타나지 않는다: {count}개."},
    "unmeasured": {"en": "Runs without a finite value of this metric: {count}. Predictions are missing, or it is "
                         "undefined; python -m engine evaluate RUN measures it again.",
                   "ko": "이 값이 없는 완료된 실행: {count}개. 저장된 예측이 없거나 "
                         "그 예측에서는 정의되지 않는 값이다. python -m engine evaluate RUN이 다시 측정한다."},
    "unmatched": {"en": "Averaged over combinations whose cells all exist; combinations left out: {count}.",
                  "ko": "비교할 칸이 모두 있는 조합만 평균했다. 제외된 조합: {count}개."},
    "no margin": {"en": "Without a margin, equality can be refuted but not supported: declare the smallest difference "
                        "that matters.",
                  "ko": "허용 한계가 없으면 차이가 없다는 가설은 반박할 수는 있어도 지지할 수 없다. "
                        "의미 있는 최소 차이를 정해야 한다."},
    "rounding": {"en": "A contrast is not larger than the rounding of the printed values.",
                 "ko": "인쇄된 자릿수에 가려질 만큼 작은 차이가 있다."},
    "no ratio": {"en": "There is no ratio, because a value is not positive.",
                 "ko": "0 이하인 값이 있어 비율을 낼 수 없다."},
    "no spread": {"en": "All repeats of a contrast gave the same value: check that the seed has an effect.",
                  "ko": "반복한 값이 모두 같다. 시드가 실제로 쓰이는지 확인해야 한다."},
    "at bound": {"en": "Values at 0 % or 100 %: {count}. Their spread is compressed, so intervals are approximate.",
                 "ko": "0 %나 100 %에 닿은 값: {count}개. 산포가 눌려 있어 구간은 근사이다."},
    "unequal spread": {"en": "Spreads of cells differ by more than a factor of three, but the mixed model assumes one "
                             "spread: give every cell the same seeds.",
                       "ko": "칸마다 산포가 세 배 넘게 다른데 혼합 모형은 하나로 본다. "
                             "모든 칸에 같은 시드를 쓰는 것이 좋다."},
    "uncorrected": {"en": "Significant before but not after the correction for multiple tests: {count}.",
                    "ko": "단독으로는 유의하지만 여러 검정을 함께 고려하면 유의하지 않은 비교: {count}개."},
    "imported": {"en": "Declared after the imported results existed: {names}.",
                 "ko": "다른 곳에서 가져온 결과는 여기서 가설을 세우기 전에 이미 있었다: {names}."},
    "declared late": {"en": "Declared or changed after the first run was launched: {names}. It may have been chosen to "
                            "fit the results.",
                      "ko": "첫 결과가 시작된 뒤에 세우거나 바꾼 가설: {names}. 결과를 보고 고른 가설일 수 있다."},
    "older runs": {"en": "Results from runs that are older than the study: {count} of {total}.",
                   "ko": "결과 {total}개 가운데 {count}개는 이 연구보다 먼저 만든 실행의 것이다."},
    "shared": {"en": "Results that are also those of {names}: {count}. Looks at them there are not counted here.",
               "ko": "다른 연구({names})의 결과이기도 한 것: {count}개. 그곳에서 본 횟수는 여기에 포함되지 않는다."},
    "seeds changed": {"en": "Seeds were changed after results were seen. This is look {look} at them, and tests at "
                            "{percent}, so that all looks together claim a difference by chance in at most "
                            "5 %.",
                      "ko": "결과가 나온 뒤에 시드를 바꾸었다. 이번이 {look}번째 판독이므로 {percent} 수준에서 "
                            "검정한다. 그래야 모든 판독을 합해 없는 차이를 찾을 확률이 5 %를 넘지 않는다."},
    "pictures": {"en": "Test pictures give {percent} of the variance of an open comparison: a larger test set helps "
                       "more than further seeds.",
                 "ko": "아직 판단할 수 없는 비교에서 분산의 {percent}가 테스트 이미지에서 온다. "
                       "시드를 더하기보다 테스트 이미지를 늘리는 것이 도움이 된다."},
    "one scale": {"en": "Decisive on one scale, inconclusive on the other: {count}.",
                  "ko": "차이와 비율 가운데 한쪽에서만 결론이 난 비교: {count}개."},
}

PHRASES: Words = {
    "verdict": {"en": "{name} is {verdict}: ", "ko": "{name} {verdict}: "},
    "turned": {"en": "{name} is {verdict} only without the excluded runs ({count}); with them it is {other}. ",
               "ko": "{name} {verdict}, 실행 {count}개를 제외했을 때만 그렇고 모두 넣으면 {other}. "},
    "withheld": {"en": "{seeds_in} of {planned} planned seeds are in; it is read when all are, and these figures are "
                       "provisional",
                 "ko": "계획한 시드 {planned}개 가운데 {seeds_in}개의 결과가 있고 모두 갖추어지면 판단한다. "
                       "아래는 잠정 수치이다"},
    "tested parts": {"en": "{supported} of {count} parts supported, {refuted} refuted",
                     "ko": "{count}개 부분 가운데 {supported}개 지지, {refuted}개 반박"},
    "open parts": {"en": "so far {agree} of {count} parts agree, {against} contradict",
                   "ko": "지금까지 {count}개 부분 가운데 {agree}개 일치, {against}개 반대"},
    "weakest": {"en": "least favourable of {count}: ", "ko": "{count}개 비교 중 가장 불리한 것: "},
    "interval": {"en": "{level} interval {low} to {high}", "ko": "{level} 구간 {low} ~ {high}"},
    "inside": {"en": "within ±{margin} with probability {percent}", "ko": "±{margin} 안에 있을 확률 {percent}"},
    "rounded": {"en": "±{half} by rounding", "ko": "반올림 오차 ±{half}"},
    "decided": {"en": "p {p}{against}, {sign} {alpha}", "ko": "p {p}{against}, {sign} {alpha}"},
    "p against margin": {"en": " against the margin of {margin}", "ko": "(한계 {margin} 기준)"},
    "p of equivalence": {"en": " by two one-sided tests", "ko": "(단측 검정 두 개)"},
    "below": {"en": "below", "ko": "기준 미만:"},
    "not below": {"en": "not below", "ko": "기준 이상:"},
    "scope": {"en": "On these test pictures", "ko": "이 테스트 이미지에 한함"},
    "test": {"en": "{test}; {corrections}", "ko": "{test}, {corrections}"},
    "holm": {"en": "Holm's correction over {tested}", "ko": "{tested}에 대한 Holm 보정"},
    "bonferroni": {"en": "Bonferroni's over {count} comparisons, {holm}",
                   "ko": "비교 {count}개에 대한 Bonferroni 보정, {holm}"},
    "untested": {"en": "not tested: {why}", "ko": "검정하지 않은 이유: {why}"},
    "ratio": {"en": "As a {ratio}: {value}.", "ko": "{ratio}: {value}."},
    "ratio tested": {"en": "As a {ratio}: {value} ({level} interval {low} to {high}), {verdict}.",
                     "ko": "{ratio}: {value}({level} 구간 {low} ~ {high}), {verdict}."},
    "no verdict": {"en": "no verdict, because ratios have no margin of their own (ratio_margin)",
                   "ko": "비율에는 따로 정한 한계(ratio_margin)가 없어 판정하지 않는다"},
    "of levels": {"en": "ratio", "ko": "비율"},
    "of differences": {"en": "ratio of ratios", "ko": "비의 비"},
    "disagree": {"en": "The scales disagree: difference and ratio point to opposite sides.",
                 "ko": "두 척도가 엇갈린다. 차이와 비율의 방향이 서로 다르다."},
    "margin": {"en": "Differences up to {margin} do not count.", "ko": "{margin}보다 큰 차이만 의미 있는 것으로 본다."},
    "ratio margin": {"en": "Ratios up to {margin} do not count.",
                     "ko": "{margin}보다 큰 비율만 의미 있는 것으로 본다."},
    "one test": {"en": "1 test", "ko": "검정 1건"},
    "tests": {"en": "{count} tests", "ko": "검정 {count}건"},
}


def phrase(rows: Words, key: str, language: str, **values: object) -> str:
    """Return the row's phrase with the values filled in.

    Raises:
        KeyError: there is no such row or language.
    """
    return rows[key][language].format(**values)
