"""Detection: boxes around objects, each with a class."""

from types import MappingProxyType

from engine.tasks.task import Part, Task

TASK = Task(
    "detection", "Predict boxes around objects, each with a class.",
    score="val_map", test_score="map", score_name="mAP",
    defaults=MappingProxyType({"model": "fcos_resnet10t_fpn", "batch_size": 4}),
    without=frozenset({"patch_size", "start_size", "stem", "layer_decay", "dropout", "drop_path", "mixing",
                       "label_smoothing", "loss_function", "focal_gamma", "class_weights", "sampling", "repeats",
                       "gradient_checkpointing", "compile", "tta", "test_scale", "teacher", "teacher_weight",
                       "teacher_temperature", "thresholds", "score"}),
    augmentations=MappingProxyType({
        "default": "No augmentation.",
        "weak": "Random left–right flip.",
        "strong": "As weak, then zoom out or crop around boxes, brightness, contrast, saturation and hue.",
    }),
    one_class_a_picture=False, averages=False, seen="{0} px, longer side",

    open_prepared=Part("engine.data.boxes.prepared:open_annotated"),
    write_prepared=Part("engine.data.boxes.prepared:write_annotated"),
    load=Part("engine.data.loading:load_detection"),
    audit=Part("engine.cli.data:audit_boxes"),

    ready_model=Part("engine.models.ready_detector:ready_detector"),
    restored_model=Part("engine.evaluation.boxes:restored_model"),
    model_on_shapes=Part("engine.costs.parameters:detector_on_shapes"),
    memory=Part("engine.costs.memory:memory_of_detector"),
    held=Part("engine.costs.pictures:memory_of_files"),
    misfit="they are for other classes or anchors ({} outputs there, {} here)",
    fit=Part("engine.training.boxes:keep_as_built"),

    batches=Part("engine.training.boxes:batches_of"),
    objective=Part("engine.training.boxes:objective"),
    epoch_scores=Part("engine.training.boxes:epoch_scores"),
    preview=Part("engine.runner.preview:preview_boxes"),

    own_pictures=Part("engine.evaluation.boxes:own_pictures"),
    other_pictures=Part("engine.evaluation.boxes:other_pictures"),
    predict=Part("engine.evaluation.boxes:predict"),
    save_predictions=Part("engine.boxes.predictions:save_predictions"),
    load_predictions=Part("engine.boxes.predictions:load_predictions"),
    figures=Part("engine.evaluation.boxes:figures"),
    measured=Part("engine.evaluation.box_results:measured"),

    reporting=Part("engine.cli.evaluations:DETECTION"),
    gallery=Part("engine.report.boxes:wrong_boxes"), gallery_note="boxes_note",
    try_picture=Part("engine.explain.boxes:find_boxes"),
    tried=Part("engine.cli.export:print_boxes"),
    export=None,
    doctor=Part("engine.analysis.doctor.boxes:BOXES"),
    linter=Part("engine.analysis.lint.boxes:DETECTION"),
)
