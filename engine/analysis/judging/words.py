"""Phrases of judgements in English and Korean, one row each; values are filled in by name."""

Words = dict[str, dict[str, str]]

LANGUAGES = ("en", "ko")

VERDICTS: Words = {
    "supported": {"en": "supported", "ko": "지지된다"},
    "refuted": {"en": "refuted", "ko": "반박된다"},
    "inconclusive": {"en": "inconclusive", "ko": "아직 판단할 수 없다"},
    "withheld": {"en": "withheld", "ko": "판단을 미룬다"},
}

OBSERVED: Words = {
    "agrees": {"en": "The results so far agree with it.", "ko": "지금 있는 수치는 가설과 같은 방향이다."},
    "against": {"en": "The results so far contradict it.", "ko": "지금 있는 수치는 가설과 반대 방향이다."},
    "equal": {"en": "The results so far show no relevant difference.",
              "ko": "지금 있는 수치에는 의미 있는 차이가 없다."},
    "unknown": {"en": "Some of the compared cells have no result.",
                "ko": "비교할 칸 가운데 결과가 없는 칸이 있다."},
}

TESTED: Words = {
    "paired": {"en": "paired t over {runs} seeds{pictures}", "ko": "시드 {runs}개{pictures}의 대응표본 t 검정"},
    "mixed": {"en": "mixed model over {runs} seeds per cell{pictures}",
              "ko": "칸마다 시드 {runs}개{pictures}의 혼합 모형"},
    "welch": {"en": "Welch's t over {runs} runs per cell{pictures}",
              "ko": "칸마다 실행 {runs}개{pictures}의 Welch t 검정"},
}

TEST_PICTURES: Words = {
    "counted": {"en": " and {count:,} test pictures", "ko": "와 테스트 사진 {count:,}장"},
    "fixed": {"en": ", on these test pictures", "ko": "(이 테스트 사진에 한함)"},
}

UNTESTED: Words = {
    "missing": {"en": "a cell has no result", "ko": "결과가 없는 칸이 있다"},
    "one run": {"en": "a cell has one run, so its spread over seeds is unknown",
                "ko": "실행이 한 번뿐인 칸이 있어 시드에 따른 흩어짐을 알 수 없다"},
    "few shared": {"en": "the cells share too few seeds", "ko": "칸들이 함께 가진 시드가 너무 적다"},
    "no spread": {"en": "all repeats gave the same value, so there is no spread to test with",
                  "ko": "반복한 값이 모두 같아 판단할 흩어짐이 없다"},
}

NEEDS: Words = {
    "no run": {"en": "Needs {seeds} in {cells} without a result.", "ko": "결과가 없는 {cells}에 {seeds}가 필요하다."},
    "kept out": {"en": "Needs {seeds} in {cells} whose runs are all excluded.",
                 "ko": "실행이 모두 제외된 {cells}에 {seeds}가 필요하다."},
    "three": {"en": "Needs {seeds} in {cells}, to have three in each.",
              "ko": "칸마다 세 개가 되도록 {cells}에 {seeds}가 더 필요하다."},
    "shared": {"en": "Needs {seeds} in {cells}, the same ones in every cell.",
               "ko": "모든 칸이 같은 시드를 갖도록 {cells}에 {seeds}가 더 필요하다."},
    "power": {"en": "Needs {seeds} in {cells} for a power of 80 %, given the spread so far.",
              "ko": "지금까지의 흩어짐으로 보아 다섯 번에 네 번 결론이 나려면 {cells}에 {seeds}가 더 필요하다."},
    "pictures": {"en": "Seeds cannot decide {cells}: the test pictures alone leave more than the contrast open.",
                 "ko": "테스트 사진만으로도 차이보다 큰 오차가 남아, 시드를 더해도 {cells}에서 결론이 나지 않는다."},
    "too many": {"en": "Needs more than fifty seeds in {cells}: the contrast is small compared with its spread.",
                 "ko": "흩어짐에 비해 차이가 작아 {cells}에 시드가 쉰 개 넘게 필요하다."},
}

COUNTS: Words = {
    "seeds": {"en": "{count} more seeds", "ko": "시드 {count}개"},
    "one seed": {"en": "1 more seed", "ko": "시드 1개"},
    "cells": {"en": "each of {count} cells", "ko": "{count}개 칸 각각"},
    "one cell": {"en": "one cell", "ko": "한 칸"},
}

NOTES: Words = {
    "kept out": {"en": "Runs excluded from the comparison: {count}.", "ko": "비교에서 제외된 실행: {count}개."},
    "unmeasured": {"en": "Finished runs without this metric: {count}. Their stored predictions are missing, or the "
                         "metric is undefined; python -m engine evaluate RUN measures it again.",
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
                 "ko": "0 %나 100 %에 닿은 값: {count}개. 흩어짐이 눌려 있어 구간은 근사이다."},
    "unequal spread": {"en": "Spreads of cells differ by more than a factor of three, but the mixed model assumes one "
                             "spread: give every cell the same seeds.",
                       "ko": "칸마다 흩어짐이 세 배 넘게 다른데 혼합 모형은 하나로 본다. "
                             "모든 칸에 같은 시드를 쓰는 것이 좋다."},
    "uncorrected": {"en": "Significant before but not after the correction for multiple tests: {count}.",
                    "ko": "단독으로는 유의하지만 여러 검정을 함께 고려하면 유의하지 않은 비교: {count}개."},
    "imported": {"en": "Declared after the imported results existed: {names}.",
                 "ko": "다른 곳에서 가져온 결과는 여기서 가설을 세우기 전에 이미 있었다: {names}."},
    "declared late": {"en": "Declared or changed after the first run was launched: {names}. It may have been chosen to "
                            "fit the results.",
                      "ko": "첫 결과가 시작된 뒤에 세우거나 바꾼 가설: {names}. 결과를 보고 고른 가설일 수 있다."},
    "seeds changed": {"en": "Seeds were changed after results were seen. This is look {look} at them, and tests at "
                            "{percent}, so that all looks together claim a difference by chance in at most "
                            "5 %.",
                      "ko": "결과가 나온 뒤에 시드를 바꾸었다. 이번이 {look}번째 판독이므로 {percent} 수준에서 "
                            "검정한다. 그래야 모든 판독을 합해 없는 차이를 찾을 확률이 5 %를 넘지 않는다."},
    "pictures": {"en": "Test pictures give {percent} of the variance of an open comparison: a larger test set helps "
                       "more than further seeds.",
                 "ko": "아직 판단할 수 없는 비교에서 분산의 {percent}가 테스트 사진에서 온다. "
                       "시드를 더하기보다 테스트 사진을 늘리는 것이 도움이 된다."},
    "one scale": {"en": "Decisive on one scale, inconclusive on the other: {count}.",
                  "ko": "차이와 비율 가운데 한쪽에서만 결론이 난 비교: {count}개."},
}

PHRASES: Words = {
    "verdict": {"en": "{name} is {verdict}.", "ko": "{name}: {verdict}."},
    "withheld": {"en": "{seeds_in} of {planned} planned seeds are in; it is read when all are. The figures are "
                       "provisional.",
                 "ko": "계획한 시드 {planned}개 가운데 {seeds_in}개의 결과가 있다. 모두 갖추어지면 판단한다. "
                       "아래 수치는 잠정적이다."},
    "of parts": {"en": "Supported in {supported}, refuted in {refuted} of {count} parts.",
                 "ko": "{count}개 부분 가운데 {supported}개에서 지지되고 {refuted}개에서 반박된다."},
    "weakest": {"en": "least favourable of {count}: ", "ko": "{count}개 비교 중 가장 불리한 것: "},
    "tested": {"en": "{value} (95 % confidence interval {low} to {high}; {test}, p {p} after Holm's correction over "
                     "{tested})",
               "ko": "{value}(95 % 구간 {low} ~ {high}, {test}, {tested}에 대한 Holm 보정 후 p {p})"},
    "untested": {"en": "Not tested: {why}.", "ko": "검정하지 않은 까닭: {why}."},
    "no value": {"en": "no value", "ko": "값 없음"},
    "rounded": {"en": ", ±{half} by rounding", "ko": ", 반올림 오차 ±{half}"},
    "ratio": {"en": "; as a {ratio} {value}", "ko": "; {ratio} {value}"},
    "ratio tested": {"en": "; as a {ratio} {value} ({low} to {high}), {verdict}",
                     "ko": "; {ratio} {value}({low} ~ {high}), {verdict}"},
    "of levels": {"en": "ratio", "ko": "비율로는"},
    "of differences": {"en": "ratio of ratios", "ko": "비율의 비율로는"},
    "disagree": {"en": "The scales disagree: difference and ratio have opposite directions.",
                 "ko": "두 척도가 엇갈린다. 차이와 비율의 방향이 서로 다르다."},
    "margin": {"en": "Differences up to {margin} do not count.", "ko": "{margin}보다 큰 차이만 의미 있는 것으로 본다."},
    "more parts": {"en": "and {count} more", "ko": "그 밖에 {count}개"},
    "one test": {"en": "1 test", "ko": "검정 1건"},
    "tests": {"en": "{count} tests", "ko": "검정 {count}건"},
}


def phrase(rows: Words, key: str, language: str, **values: object) -> str:
    """Return the row's phrase with the values filled in.

    Raises:
        KeyError: there is no such row or language.
    """
    return rows[key][language].format(**values)
