"""The phrases of judgements."""

from engine.analysis.phrases import Words

VERDICTS: Words = {
    "supported": ("supported", "지지됨"),
    "refuted": ("refuted", "반박됨"),
    "inconclusive": ("inconclusive", "판단 유보"),
    "withheld": ("withheld", "결과 대기"),
}

OBSERVED: Words = {
    "agrees": ("the results so far agree with it", "지금까지의 결과는 가설과 같은 방향이다"),
    "against": ("the results so far contradict it", "지금까지의 결과는 가설과 반대 방향이다"),
    "equal": ("the results so far show no relevant difference", "지금까지의 결과에는 의미 있는 차이가 없다"),
    "unknown": ("a compared cell has no usable result", "비교할 칸 가운데 쓸 수 있는 결과가 없는 칸이 있다"),
}

FIGURES: Words = {
    "above": ("{first} is {value} above {second}", "{first}: {second}보다 {value} 높다"),
    "below": ("{first} is {value} below {second}", "{first}: {second}보다 {value} 낮다"),
    "same": ("{first} and {second} differ by {value}", "{first}: {second}와의 차이가 {value}"),
    "above at": ("{first} at {second} is {value} above that at {third}",
                 "{first}: {second}에서 {third}보다 {value} 높다"),
    "below at": ("{first} at {second} is {value} below that at {third}",
                 "{first}: {second}에서 {third}보다 {value} 낮다"),
    "same at": ("{first} at {second} and at {third} differ by {value}", "{first}: {second}와 {third}의 차이가 {value}"),
    "change": ("over {title} it changes by {value}", "{title}에 걸쳐 {value} 변한다"),
    "none": ("{title} has no value", "{title}: 값 없음"),
}
"""What a contrast says, after the name of the metric."""

TESTED: Words = {
    "paired": ("paired t over {runs} seeds{pictures}", "시드 {runs}개{pictures}의 대응표본 t 검정"),
    "mixed": ("mixed model over {runs} seeds per cell{pictures}", "칸마다 시드 {runs}개{pictures}의 혼합 모형"),
    "welch": ("Welch's t over {runs} runs per cell{pictures}", "칸마다 실행 {runs}개{pictures}의 Welch t 검정"),
}

TEST_PICTURES: Words = {
    "counted": (" and {count:,} test pictures", "와 테스트 이미지 {count:,}장"),
    "fixed": (", on these test pictures", "(이 테스트 이미지에 한함)"),
}

UNTESTED: Words = {
    "missing": ("{cells} has no result", "{cells}에 결과가 없다"),
    "excluded": ("every run of {cells} is excluded by a serious finding",
                 "{cells}의 모든 실행이 심각한 문제로 제외되었다"),
    "one run": ("a cell has one run, so its spread over seeds is unknown",
                "실행이 한 번뿐인 칸이 있어 시드에 따른 산포를 알 수 없다"),
    "few shared": ("the cells share too few seeds", "칸들이 함께 가진 시드가 너무 적다"),
    "no spread": ("all repeats gave the same value, so there is no spread to test with",
                  "반복한 값이 모두 같아 검정할 산포가 없다"),
}

NEEDS: Words = {
    "no run": ("Needs {seeds} in {cells} without a result.", "결과가 없는 {cells}에 {seeds}가 필요하다."),
    "excluded": ("Needs {seeds} in {cells} whose runs are all excluded.",
                 "실행이 모두 제외된 {cells}에 {seeds}가 필요하다."),
    "three": ("Needs {seeds} in {cells}, to have three in each.",
              "칸마다 세 개가 되도록 {cells}에 {seeds}가 더 필요하다."),
    "shared": ("Needs {seeds} in {cells}, the same ones in every cell.",
               "모든 칸이 같은 시드를 갖도록 {cells}에 {seeds}가 더 필요하다."),
    "power": ("Needs {seeds} in {cells}: they decide it four times in five if the true contrast is zero, or twice the "
              "margin.",
              "{cells}에 {seeds}가 더 필요하다. 실제 차이가 0이거나 한계의 두 배일 때 다섯 번에 네 번 결론이 나는 "
              "수이다."),
    "equivalence": ("Needs {seeds} in {cells}: they decide it four times in five if there is no difference.",
                    "{cells}에 {seeds}가 더 필요하다. 실제로 차이가 없을 때 다섯 번에 네 번 결론이 나는 수이다."),
    "no margin": ("Declare a margin, the smallest difference that matters, to learn how many seeds decide it. Without "
                  "one, nothing is promised by {seeds} in {cells}, twice as many as now.",
                  "몇 개의 시드로 결론이 나는지 알려면 의미 있는 최소 차이를 정해야 한다. 정하지 않고 {cells}에 "
                  "{seeds}를 더해 지금의 두 배로 늘려도 결론이 보장되지는 않는다."),
    "pictures": ("More seeds in {cells} cannot decide it: the test pictures alone leave more than the margin open.",
                 "테스트 이미지만으로도 한계보다 큰 오차가 남아, 시드를 더해도 {cells}에서 결론이 나지 않는다."),
    "too many": ("Needs more than a thousand seeds in {cells}: the margin is small compared with the spread.",
                 "산포에 비해 한계가 작아 {cells}에 시드가 천 개 넘게 필요하다."),
}

VARIANTS: Words = {
    "excluded": ("With the excluded runs ({count}) counted as a property of their recipes: {verdict}.",
                 "제외된 실행 {count}개도 레시피의 성질로 보고 모두 넣으면: {verdict}."),
    "half": ("At half the margin: {verdict}.", "한계를 절반으로 하면: {verdict}."),
    "double": ("At twice the margin: {verdict}.", "한계를 두 배로 하면: {verdict}."),
    "any seed": ("Leaving out any one seed: {verdict}.", "어느 시드 하나를 빼도: {verdict}."),
    "seed": ("Leaving out one of the seeds {seeds}: {verdict}.", "시드 {seeds} 중 하나를 빼면: {verdict}."),
}
"""A verdict under other choices."""

COUNTS: Words = {
    "seeds": ("{count} more seeds", "시드 {count}개"),
    "one seed": ("1 more seed", "시드 1개"),
    "cells": ("each of {count} cells", "{count}개 칸 각각"),
    "one cell": ("one cell", "한 칸"),
}

NOTES: Words = {
    "kept out": ("Runs excluded from the comparison: {count}.", "비교에서 제외된 실행: {count}개."),
    "bent": ("The means turn back along the axis, so a slope does not describe them well: {count}.",
             "평균이 축을 따라가다 방향을 바꾸므로 기울기 하나로는 잘 나타나지 않는다: {count}개."),
    "unmeasured": ("Runs without a finite value of this metric: {count}. Predictions are missing, or it is undefined; "
                   "python -m engine evaluate RUN measures it again.",
                   "이 값이 없는 완료된 실행: {count}개. 저장된 예측이 없거나 그 예측에서는 정의되지 않는 값이다. "
                   "python -m engine evaluate RUN이 다시 측정한다."),
    "unmatched": ("Averaged over combinations whose cells all exist; combinations left out: {count}.",
                  "비교할 칸이 모두 있는 조합만 평균했다. 제외된 조합: {count}개."),
    "no margin": ("Without a margin, equality can be refuted but not supported: declare the smallest difference that "
                  "matters.",
                  "허용 한계가 없으면 차이가 없다는 가설은 반박할 수는 있어도 지지할 수 없다. 의미 있는 최소 차이를 "
                  "정해야 한다."),
    "rounding": ("A contrast is not larger than the rounding of the printed values.",
                 "인쇄된 자릿수에 가려질 만큼 작은 차이가 있다."),
    "no ratio": ("There is no ratio, because a value is not positive.", "0 이하인 값이 있어 비율을 낼 수 없다."),
    "no spread": ("All repeats of a contrast gave the same value: check that the seed has an effect.",
                  "반복한 값이 모두 같다. 시드가 실제로 쓰이는지 확인해야 한다."),
    "at bound": ("Values at 0 % or 100 %: {count}. Their spread is compressed, so intervals are approximate.",
                 "0 %나 100 %에 닿은 값: {count}개. 산포가 눌려 있어 구간은 근사이다."),
    "unequal spread": ("Spreads of cells differ by more than a factor of three, but the mixed model assumes one "
                       "spread: give every cell the same seeds.",
                       "칸마다 산포가 세 배 넘게 다른데 혼합 모형은 하나로 본다. 모든 칸에 같은 시드를 쓰는 것이 "
                       "좋다."),
    "uncorrected": ("Significant before but not after the correction for multiple tests: {count}.",
                    "단독으로는 유의하지만 여러 검정을 함께 고려하면 유의하지 않은 비교: {count}개."),
    "imported": ("Declared after the imported results existed: {names}.",
                 "다른 곳에서 가져온 결과는 여기서 가설을 세우기 전에 이미 있었다: {names}."),
    "declared late": ("Declared or changed after the first run was launched: {names}. It may have been chosen to fit "
                      "the results.",
                      "첫 결과가 시작된 뒤에 세우거나 바꾼 가설: {names}. 결과를 보고 고른 가설일 수 있다."),
    "older runs": ("Results from runs that are older than the study: {count} of {total}.",
                   "결과 {total}개 가운데 {count}개는 이 연구보다 먼저 만든 실행의 것이다."),
    "shared": ("Results that are also those of {names}: {count}. Looks at them there are not counted here.",
               "다른 연구({names})의 결과이기도 한 것: {count}개. 그곳에서 본 횟수는 여기에 포함되지 않는다."),
    "seeds changed": ("Seeds were changed after results were seen. This is look {look} at them, and tests at "
                      "{percent}, so that all looks together claim a difference by chance in at most 5 %.",
                      "결과가 나온 뒤에 시드를 바꾸었다. 이번이 {look}번째 판독이므로 {percent} 수준에서 검정한다. "
                      "그래야 모든 판독을 합해 없는 차이를 찾을 확률이 5 %를 넘지 않는다."),
    "pictures": ("Test pictures give {percent} of the variance of an open comparison: a larger test set helps more "
                 "than further seeds.",
                 "아직 판단할 수 없는 비교에서 분산의 {percent}가 테스트 이미지에서 온다. 시드를 더하기보다 테스트 "
                 "이미지를 늘리는 것이 도움이 된다."),
    "one scale": ("Decisive on one scale, inconclusive on the other: {count}.",
                  "차이와 비율 가운데 한쪽에서만 결론이 난 비교: {count}개."),
}

PHRASES: Words = {
    "verdict": ("{name} is {verdict}: ", "{name} {verdict}: "),
    "turned": ("{name} is {verdict} only without the excluded runs ({count}); with them it is {other}. ",
               "{name} {verdict}, 실행 {count}개를 제외했을 때만 그렇고 모두 넣으면 {other}. "),
    "withheld": ("{seeds_in} of {planned} planned seeds are in; it is read when all are, and these figures are "
                 "provisional",
                 "계획한 시드 {planned}개 가운데 {seeds_in}개의 결과가 있고 모두 갖추어지면 판단한다. 아래는 잠정 "
                 "수치이다"),
    "tested parts": ("{supported} of {count} parts supported, {refuted} refuted",
                     "{count}개 부분 가운데 {supported}개 지지, {refuted}개 반박"),
    "open parts": ("so far {agree} of {count} parts agree, {against} contradict",
                   "지금까지 {count}개 부분 가운데 {agree}개 일치, {against}개 반대"),
    "weakest": ("least favourable of {count}: ", "{count}개 비교 중 가장 불리한 것: "),
    "interval": ("{level} interval {low} to {high}", "{level} 구간 {low} ~ {high}"),
    "inside": ("within ±{margin} with probability {percent}", "±{margin} 안에 있을 확률 {percent}"),
    "rounded": ("±{half} by rounding", "반올림 오차 ±{half}"),
    "decided": ("p {p}{against}, {sign} {alpha}", "p {p}{against}, {sign} {alpha}"),
    "p against margin": (" against the margin of {margin}", "(한계 {margin} 기준)"),
    "p of equivalence": (" by two one-sided tests", "(단측 검정 두 개)"),
    "below": ("below", "기준 미만:"),
    "not below": ("not below", "기준 이상:"),
    "scope": ("On these test pictures", "이 테스트 이미지에 한함"),
    "test": ("{test}; {corrections}", "{test}, {corrections}"),
    "holm": ("Holm's correction over {tested}", "{tested}에 대한 Holm 보정"),
    "bonferroni": ("Bonferroni's over {count} comparisons, {holm}", "비교 {count}개에 대한 Bonferroni 보정, {holm}"),
    "untested": ("not tested: {why}", "검정하지 않은 이유: {why}"),
    "ratio": ("As a {ratio}: {value}.", "{ratio}: {value}."),
    "ratio tested": ("As a {ratio}: {value} ({level} interval {low} to {high}), {verdict}.",
                     "{ratio}: {value}({level} 구간 {low} ~ {high}), {verdict}."),
    "no verdict": ("no verdict, because ratios have no margin of their own (ratio_margin)",
                   "비율에는 따로 정한 한계(ratio_margin)가 없어 판정하지 않는다"),
    "of levels": ("ratio", "비율"),
    "of differences": ("ratio of ratios", "비의 비"),
    "disagree": ("The scales disagree: difference and ratio point to opposite sides.",
                 "두 척도가 엇갈린다. 차이와 비율의 방향이 서로 다르다."),
    "margin": ("Differences up to {margin} do not count.", "{margin}보다 큰 차이만 의미 있는 것으로 본다."),
    "ratio margin": ("Ratios up to {margin} do not count.", "{margin}보다 큰 비율만 의미 있는 것으로 본다."),
    "one test": ("1 test", "검정 1건"),
    "tests": ("{count} tests", "검정 {count}건"),
}
