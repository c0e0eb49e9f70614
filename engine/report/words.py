"""What a report says besides its numbers, in each language it can be written in: a row a phrase."""

from engine.errors import ConfigError

LANGUAGES = {"en": "English", "ko": "한국어"}

WORDS: dict[str, tuple[str, str]] = {
    "answer": ("What came out", "결과 요약"),
    "question": ("Question", "연구 질문"),
    "design": ("Design", "실험 설계"),
    "factor": ("Factor", "요인"),
    "levels": ("Levels", "수준"),
    "settings": ("Settings that all runs share", "모든 실행의 공통 설정"),
    "seeds": ("Seeds", "시드"),
    "metric": ("Metric", "평가 지표"),
    "margin": ("Smallest difference that matters", "의미 있는 최소 차이"),
    "matrix": ("Matrix", "실험 행렬"),
    "matrix_note": ("Each cell: runs that are finished of those that were planned; † some are kept out of conclusions.",
                    "각 칸: 계획된 실행 중 완료된 수, † 일부는 결론에서 제외됨."),
    "runs_told": ("{done} of {planned} runs are finished.", "계획된 실행 {planned}개 중 {done}개가 완료되었다."),
    "declared_before": ("The hypotheses were declared before the first result.",
                        "가설은 첫 결과가 나오기 전에 선언되었다."),
    "declared_after": ("Changed after results were there: {names}. Read these as explored, not as tested.",
                       "결과가 나온 뒤에 변경됨: {names}. 검증이 아니라 탐색으로 읽어야 한다."),
    "imported": ("{count} results were imported; they were not trained here.",
                 "결과 {count}개는 외부에서 가져온 것으로, 여기서 학습하지 않았다."),
    "tables": ("Tables", "결과 표"),
    "verdicts": ("Verdicts on recipes", "레시피에 대한 판정"),
    "verdicts_note": (
        "Recipes are judged across seeds: what would come out if they were trained again. Intervals are 95 %; p values "
        "are corrected after Holm over all contrasts of the study.",
        "레시피는 여러 시드에 걸쳐 판정한다. 다시 학습했을 때 어떻게 될지를 묻는 것이다. 구간은 95 %이며, p 값은 "
        "연구의 모든 대비에 대해 Holm 방법으로 보정했다."),
    "claim": ("Claim", "주장"),
    "contrast": ("Contrast", "대비"),
    "absolute": ("Difference", "차이"),
    "relative": ("Ratio", "비율"),
    "interval": ("95 % interval", "95 % 구간"),
    "effect": ("Effect size", "효과 크기"),
    "corrected": ("p (Holm)", "p (Holm)"),
    "test": ("Test", "검정"),
    "paired": ("paired t", "대응표본 t"),
    "mixed": ("mixed model", "혼합 모형"),
    "welch": ("Welch's t", "Welch t"),
    "repeats": ("Runs a cell", "칸당 실행 수"),
    "checkpoints": ("Evidence on checkpoints", "체크포인트에 대한 증거"),
    "checkpoints_note": (
        "These compare two trained models on the same pictures. They say nothing of what the recipes would give with "
        "another seed, and have no part in the verdicts.",
        "같은 이미지에서 학습된 두 모델을 비교한다. 다른 시드에서 레시피가 어떤 결과를 낼지는 말해 주지 않으며, "
        "위의 판정에는 쓰이지 않는다."),
    "compared": (
        "{title}, seed {seed} (#{before} → #{after}): {gain} points, 95 % interval {low} to {high} by paired bootstrap "
        "over {pictures} pictures; {fixed} fixed, {broken} broken, exact McNemar p {p}.",
        "{title}, 시드 {seed}(#{before} → #{after}): {gain} %p, 이미지 {pictures}장의 대응 부트스트랩 95 % 구간 "
        "{low} ~ {high}. 새로 맞힌 것 {fixed}장, 새로 틀린 것 {broken}장, 정확 McNemar p {p}."),
    "curves": ("Curves", "학습 곡선"),
    "epoch": ("epoch", "에포크"),
    "validation": ("validation", "검증"),
    "train_loss": ("training loss", "학습 손실"),
    "curves_note": ("Thin: each run. Bold: their mean.", "가는 선: 각 실행. 굵은 선: 평균."),
    "errors": ("What goes wrong", "오류 사례"),
    "errors_note": ("{name} #{run}: the pictures it got wrong most surely, true class → what it was taken for.",
                    "{name} #{run}: 가장 확신하며 틀린 이미지, 정답 → 예측."),
    "boxes_note": (
        "{name} #{run}: the surest boxes that name what is not there (orange; green is what is there), then the "
        "largest objects it missed, true class → what it was taken for.",
        "{name} #{run}: 없는 것을 가장 확신하며 찾은 상자(주황, 초록은 실제 객체), 이어서 놓친 객체 중 가장 큰 것, "
        "정답 → 예측."),
    "findings": ("What is doubtful", "의심스러운 점"),
    "findings_none": ("Nothing was found to be doubtful.", "의심스러운 점이 발견되지 않았다."),
    "kept_out": ("kept out of conclusions", "결론에서 제외"),
    "acknowledged": ("acknowledged", "확인됨"),
    "environment": ("Environment", "환경"),
    "declaration": ("The study as it was declared", "선언된 연구"),
    "commit": ("Commit", "커밋"),
    "changed_files": ("with changed files", "변경된 파일 있음"),
    "data": ("Data", "데이터"),
    "fingerprint": ("fingerprint", "지문"),
    "run": ("Run", "실행"),
    "time": ("Training time in all", "총 학습 시간"),
    "made": ("Made by Darkroom on {date} from the store; no number was typed.",
             "{date} Darkroom이 저장소에서 생성함. 손으로 입력한 숫자는 없다."),
    "supported": ("supported", "지지됨"),
    "refuted": ("refuted", "반박됨"),
    "inconclusive": ("inconclusive", "판단 유보"),
}


def word(key: str, language: str, **values: object) -> str:
    """A phrase in a language of :data:`LANGUAGES`, its places filled.

    Raises:
        KeyError: no such phrase.
    """
    return WORDS[key][list(LANGUAGES).index(language)].format(**values)


def check_language(language: str) -> str:
    """The language, if reports can be written in it.

    Raises:
        ConfigError: they cannot.
    """
    if language not in LANGUAGES:
        raise ConfigError("language", language, f"one of {', '.join(LANGUAGES)}")
    return language
