"""Rules about pictures with any number of classes: chance, classes never right, thresholds from few pictures."""

from dataclasses import replace

import numpy as np

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.finding import Rule
from engine.errors import UserError
from engine.evaluation.label_results import load_label_results
from engine.labels.metrics import mean_average_precision
from engine.labels.predictions import LabelPredictions
from engine.words import listed, percent

_SHUFFLES, _CHANCE, _MOST = 200, 0.01, 1000
_FEW = 5
_NAMED = 3
_HALF = 0.5


def _at_chance(case: Case) -> str | None:
    """Compare mAP with that of predictions that are given to other pictures."""
    results = case.label_results
    if results is None or "label_map" not in results.metrics:
        return None
    random, found = np.random.default_rng(0), _some(results.predictions)
    by_chance = [mean_average_precision(replace(found, logits=random.permutation(found.logits)))
                 for _ in range(_SHUFFLES)]
    limit = float(np.quantile(by_chance, 1 - _CHANCE))
    if not mean_average_precision(found) <= limit:
        return None
    return (f"test mAP {percent(results.metrics['label_map'])} is not above chance: the same predictions given to "
            f"other pictures have {percent(float(np.mean(by_chance)))}, and only more than {percent(limit)} would tell "
            "it from them (permutation test at 1 %)")


def _some(predictions: LabelPredictions) -> LabelPredictions:
    """Return the predictions of at most so many pictures that hundreds of permutations take no second."""
    count = len(predictions.ids)
    return predictions.take(np.unique(np.linspace(0, count - 1, min(count, _MOST)).astype(np.int64)))


def _class_never_right(case: Case) -> str | None:
    results = case.label_results
    if results is None:
        return None
    lost = [f"{row['name']} ({row['label_support']})" for row in results.per_class
            if row["label_support"] >= _FEW and not row["label_recall"]]
    return (f"no test picture of {listed(lost, _NAMED)} is predicted to have it: the class may be too rare in "
            "training, its labels wrong, or its threshold too high") if lost and _at_chance(case) is None else None


def _threshold_off(case: Case) -> str | None:
    """Find classes whose F1 on test is less than half of that on validation, where the threshold was chosen."""
    results = case.label_results
    if results is None or case.test is None or results.said != "validation":
        return None
    try:
        validated = load_label_results(case.store, case.run, replace(case.test.conditions, split="val"))
    except UserError:
        return None
    pairs = zip(results.per_class, validated.per_class, strict=True)
    lost = [f"{tested['name']} ({chosen['label_support']})" for tested, chosen in pairs
            if chosen["label_f1"] and tested["label_f1"] is not None and 0 < chosen["label_support"] < 2 * _FEW
            and tested["label_f1"] < _HALF * chosen["label_f1"]]
    return (f"F1 on test is less than half of that on validation for {listed(lost, _NAMED)}, whose thresholds were "
            "chosen on so few validation pictures: use a larger val_fraction, or thresholds=0.5") \
        if lost and _at_chance(case) is None else None


LABELS = (
    Rule("labels-at-chance", _at_chance, "mAP against that of the same predictions given to other pictures, by "
         "permutations at 1 %", "Ojala and Garriga, 2010 (permutation tests of classifiers)", serious=True),
    Rule("label-never-right", _class_never_right, "five test pictures or more with the class, all of them missed",
         "by definition of recall"),
    Rule("threshold-off", _threshold_off, "F1 on test less than half of that on validation, where fewer than ten "
         "pictures have the class", "Lipton et al., 2014 (thresholds that maximise F1)"),
)
