"""Multi-label classification: any number of classes per picture."""

from dataclasses import replace
from types import MappingProxyType

from engine.tasks.classification import TASK as CLASSIFICATION
from engine.tasks.task import Part, Score

TASK = replace(
    CLASSIFICATION, name="multi-label", help="Predict which classes a picture has: any number of them.",
    score="val_label_map", test_score="label_map", score_name="mAP", counted=False, one_class_a_picture=False,
    scores=MappingProxyType({"micro mAP": Score("val_label_map_micro", "label_map_micro", "micro mAP")}),
    defaults=MappingProxyType({"loss_function": "bce"}), models_of="classification",
    without=CLASSIFICATION.without - {"thresholds"} | {"teacher", "teacher_weight", "teacher_temperature"},

    objective=Part("engine.training.multi_label:objective"),
    epoch_scores=Part("engine.training.multi_label:epoch_scores"),

    predict=Part("engine.evaluation.multi_label:predict"),
    decided=Part("engine.evaluation.multi_label:decided"),
    save_predictions=Part("engine.labels.predictions:save_predictions"),
    load_predictions=Part("engine.labels.predictions:load_predictions"),
    figures=Part("engine.evaluation.metrics:figures_of_task"),

    reporting=Part("engine.cli.label_evaluations:MULTI_LABEL"),
    gallery=Part("engine.report.galleries:wrong_labels"), gallery_note="labels_note",
    try_picture=Part("engine.explain.classes:explain_labels"),
    tried=Part("engine.cli.export:print_labels"),
    doctor=Part("engine.analysis.doctor.labels:LABELS"),
    linter=Part("engine.analysis.lint.models:LABELS"),
)
