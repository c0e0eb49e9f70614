"""Classification: one class per picture."""

from types import MappingProxyType

from engine.tasks.task import Part, Score, Task

TASK = Task(
    "classification", "Predict the class of a picture.",
    score="val_accuracy", test_score="top1", score_name="accuracy", counted=True,
    scores=MappingProxyType({"balanced accuracy": Score("val_balanced_accuracy", "balanced_accuracy",
                                                        "balanced accuracy")}),
    without=frozenset({"empty_pictures", "score_threshold", "nms_threshold", "thresholds"}),

    open_prepared=Part("engine.data.prepared:open_prepared"),
    write_prepared=Part("engine.data.prepared:write_prepared"),
    load=Part("engine.data.loading:load_dataset"),
    audit=Part("engine.cli.data:audit_classes"),

    ready_model=Part("engine.models.ready:ready_model"),
    restored_model=Part("engine.evaluation.classification:restored_model"),
    model_on_shapes=Part("engine.costs.parameters:classifier_on_shapes"),
    memory=Part("engine.costs.memory:memory_of_classifier"),
    held=Part("engine.costs.pictures:memory_of_arrays"),
    misfit="the weights know {} classes, the data {}",
    fit=Part("engine.training.fitting:fit_to_machine"),

    batches=Part("engine.training.classification:batches_of"),
    objective=Part("engine.training.classification:objective"),
    epoch_scores=Part("engine.training.classification:epoch_scores"),
    preview=Part("engine.runner.preview:preview"),

    own_pictures=Part("engine.evaluation.classification:own_pictures"),
    other_pictures=Part("engine.evaluation.classification:other_pictures"),
    predict=Part("engine.evaluation.classification:predict"),
    save_predictions=Part("engine.evaluation.predictions:save_predictions"),
    load_predictions=Part("engine.evaluation.predictions:load_predictions"),
    figures=Part("engine.evaluation.classification:figures"),

    reporting=Part("engine.cli.evaluations:CLASSIFICATION"),
    gallery=Part("engine.report.galleries:wrong_pictures"), gallery_note="errors_note",
    try_picture=Part("engine.explain.classes:explain_pictures"),
    tried=Part("engine.cli.export:print_classes"),
    export=Part("engine.export.onnx_file:export_onnx"),
    doctor=Part("engine.analysis.doctor.figures:FIGURES"),
    linter=Part("engine.analysis.lint.models:CLASSIFICATION"),
)
