"""All metrics of runs, classes and curves, one row each; views, importers and docs are generated from them."""

from collections.abc import Mapping
from typing import Any

from engine.catalog.metric import CONFUSION, Metric, Shown


def evaluation_metrics(task: str) -> dict[str, Metric]:
    """Return the metrics of this task's evaluations."""
    return {key: row for key, row in METRICS.items() if row.task == task and not row.column}


def computed_metrics(task: str) -> dict[str, Metric]:
    """Return the metrics computed from predictions of this task; the others are derived from them."""
    return {key: row for key, row in METRICS.items() if row.task == task and row.compute}


def class_metrics(task: str) -> dict[str, Metric]:
    """Return the metrics of this task's classes."""
    return {key: row for key, row in CLASS_METRICS.items() if row.task == task}


def metrics_shown(where: Shown, rows: Mapping[str, Metric] | None = None) -> dict[str, Metric]:
    """Return the metrics shown in all of these places; ``rows`` limits the choice."""
    return {key: row for key, row in (METRICS if rows is None else rows).items() if where in row.shown}


def study_metrics() -> dict[str, Metric]:
    """Return the metrics that studies and imported tables can use."""
    return metrics_shown(Shown.STUDIES)


_SKLEARN = "sklearn.metrics."
_MACRO = f"{_SKLEARN}precision_recall_fscore_support, average macro, zero_division 0"
_COCO = "COCO's detection evaluation; Lin et al., 2014, arXiv 1405.0312"
_TOP5 = "Russakovsky et al., 2015, arXiv 1409.0575"
_HERE, _BOXES, _LABELS = "engine.evaluation.metrics:", "engine.boxes.coco:", "engine.labels.metrics:"
_RELIABILITY = "engine.evaluation.reliability:"
_CLASSIFICATION: dict[str, Any] = {"task": "classification"}
_DETECTION: dict[str, Any] = {"task": "detection", "source": _COCO}
_MULTI_LABEL: dict[str, Any] = {"task": "multi-label"}
_UNDEFINED = "zero_division nan"
_ASIDE = Shown.STUDIES | Shown.RUNS
_RUN_COLUMN: dict[str, Any] = {"shown": Shown.RUNS | Shown.FEW}
_LOSS: dict[str, Any] = {"unit": "plain", "digits": 4}

METRICS: dict[str, Metric] = {
    "best_val_score": Metric(
        "Best validation score", "Best validation accuracy, or mAP of a detector.", short="Best val",
        column="best_val_score", **_RUN_COLUMN),
    "last_val_score": Metric(
        "Last validation score", "Last validation accuracy, or mAP of a detector.", short="Last val",
        column="last_val_score", **_RUN_COLUMN),
    "test_score": Metric(
        "Test score", "Test accuracy, or mAP of a detector.", short="Test", column="test_score", **_RUN_COLUMN),
    "train_loss": Metric(
        "Train loss", "Mean loss over the last epoch's batches.", higher_is_better=False, column="train_loss",
        **_LOSS, **_RUN_COLUMN),
    "last_val_loss": Metric(
        "Validation loss", "Validation loss after the last epoch.", short="Val loss", higher_is_better=False,
        column="last_val_loss", **_LOSS, **_RUN_COLUMN),
    "top1": Metric(
        "Top-1", "Share of pictures whose predicted class is correct (accuracy).", f"{_SKLEARN}accuracy_score",
        compute=f"{_HERE}top1", by_picture=f"{_HERE}hits", complement="top1_error",
        shown=Shown.STUDIES | Shown.FEW, **_CLASSIFICATION,
        imported=("top_1", "top1_acc", "top_1_acc", "top1_accuracy", "top_1_accuracy", "accuracy", "acc",
                  "test_accuracy", "test_acc", "test_top1", "final_test_accuracy", "정확도", "accuracy_top1",
                  "accuracy_top_1", "acc1", "acc_1", "prec1", "categorical_accuracy", "sparse_categorical_accuracy",
                  "multiclassaccuracy")),
    "top1_error": Metric(
        "Top-1 error", "1 − top-1.", _TOP5, higher_is_better=False, complement="top1", shown=Shown.STUDIES,
        **_CLASSIFICATION, imported=("top_1_error", "error", "error_rate", "test_error", "top1_err")),
    "top5": Metric(
        "Top-5", "Share of pictures whose true class is among the five most probable.", _TOP5,
        compute=f"{_HERE}top5", by_picture=f"{_HERE}hits_of_five",
        complement="top5_error", **_CLASSIFICATION, imported=(
            "top_5", "top5_acc", "top_5_acc", "top5_accuracy", "top_5_accuracy", "test_top5", "test_acc5",
            "accuracy_top5", "accuracy_top_5", "acc_5", "prec5", "top_k_categorical_accuracy")),
    "top5_error": Metric(
        "Top-5 error", "1 − top-5.", _TOP5, higher_is_better=False, complement="top5", shown=Shown.STUDIES,
        **_CLASSIFICATION, imported=("top_5_error", "top5_err")),
    "macro_precision": Metric(
        "Precision (macro)", "Share of the pictures predicted as a class that belong to it; mean over classes.", _MACRO,
        "Precision", compute=f"{_HERE}macro_precision", by_picture=CONFUSION, shown=_ASIDE, **_CLASSIFICATION,
        imported=("precision", "precision_macro", "test_precision")),
    "macro_recall": Metric(
        "Recall (macro)", "Share of a class's pictures that are predicted correctly; mean over classes.", _MACRO,
        "Recall", compute=f"{_HERE}macro_recall", by_picture=CONFUSION, shown=_ASIDE, **_CLASSIFICATION,
        imported=("recall", "recall_macro", "test_recall")),
    "macro_f1": Metric(
        "F1 (mean of classes)",
        "Mean of the classes' F1: low precision or low recall of any class lowers it.", _MACRO, "F1",
        compute=f"{_HERE}macro_f1", by_picture=CONFUSION, **_CLASSIFICATION, imported=("f1_macro",)),
    "f1_of_means": Metric(
        "F1 (of means)",
        "Harmonic mean of macro precision and macro recall: one class's precision can compensate another's "
        "recall, so it is never below F1 (mean of classes).", "Opitz and Burst, 2019, arXiv 1911.03347", "F1 of means",
        compute=f"{_HERE}f1_of_means", by_picture=CONFUSION, shown=_ASIDE, **_CLASSIFICATION),
    "balanced_accuracy": Metric(
        "Balanced accuracy", "Mean recall over the classes that have pictures: each class counts equally, whatever "
        "its number of pictures.", f"{_SKLEARN}balanced_accuracy_score; Brodersen et al., 2010, ICPR",
        "Balanced", compute=f"{_HERE}balanced_accuracy", by_picture=CONFUSION, **_CLASSIFICATION,
        imported=("balanced_acc", "bal_acc", "test_balanced_accuracy")),
    "kappa": Metric(
        "Cohen's kappa", "Accuracy corrected for chance agreement: 1 is perfect, 0 is chance.",
        f"{_SKLEARN}cohen_kappa_score; Cohen, 1960, Educational and Psychological Measurement 20(1)",
        "Kappa", "plain", 4, compute=f"{_HERE}kappa", by_picture=CONFUSION, **_CLASSIFICATION,
        imported=("cohen_kappa", "cohens_kappa", "cohen_s_kappa", "cohen_kappa_score", "test_kappa")),
    "mcc": Metric(
        "Matthews' correlation", "Correlation of true and predicted classes: 1 is perfect, 0 is chance; also 0 if "
        "all pictures have one class, or one predicted class.", f"{_SKLEARN}matthews_corrcoef; Matthews, 1975, "
        "Biochimica et Biophysica Acta 405(2); of several classes Gorodkin, 2004, "
        "Computational Biology and Chemistry 28", "MCC", "plain", 4,
        compute=f"{_HERE}matthews_correlation", by_picture=CONFUSION,
        **_CLASSIFICATION, imported=("matthews_corrcoef", "matthews_correlation", "matthews", "test_mcc")),
    "loss": Metric(
        "Test loss",
        "Mean cross-entropy in nats; it rewards confident correct and penalises confident wrong predictions.",
        f"{_SKLEARN}log_loss", "Loss", "nats", 4, False, compute=f"{_HERE}cross_entropy",
        by_picture=f"{_HERE}losses", **_CLASSIFICATION,
        imported=("test_loss",)),
    "ece": Metric(
        "ECE", "Expected calibration error: difference of confidence and accuracy, averaged over 15 confidence bins. "
        "Chance alone keeps it above 0: Results shows what a perfectly calibrated model would have.",
        "Guo et al., 2017, arXiv 1706.04599", higher_is_better=False,
        compute=f"{_RELIABILITY}expected_calibration_error", **_CLASSIFICATION),
    "ece_adaptive": Metric(
        "ECE (equal mass)", "As ECE, over 15 bins with about as many pictures each: most pictures of a confident model "
        "are in one or two of the equally wide ones.", "Nguyen and O'Connor, 2015, arXiv 1508.05154; Nixon et al., "
        "2019, arXiv 1904.01685", "ECE mass", higher_is_better=False,
        compute=f"{_RELIABILITY}adaptive_calibration_error", shown=_ASIDE, **_CLASSIFICATION),
    "ece_classwise": Metric(
        "ECE (by class)", "Difference of each class's probability and its share of the pictures, averaged over 15 bins "
        "of that probability; mean over classes.", "Kull et al., 2019, arXiv 1910.12656", "ECE classes",
        higher_is_better=False, compute=f"{_RELIABILITY}classwise_calibration_error", shown=_ASIDE, **_CLASSIFICATION),
    "map": Metric(
        "mAP", "Mean average precision over classes and ten IoU thresholds from 0.5 to 0.95: COCO's main metric.",
        compute=f"{_BOXES}mean_average_precision", by_picture=f"{_BOXES}mean_average_precision.by_picture",
        shown=Shown.STUDIES | Shown.FEW, **_DETECTION,
        imported=("map50_95", "map_50_95", "map50_95_b", "map_0_5_0_95")),
    "map50": Metric(
        "mAP@50", "Mean average precision at an IoU threshold of 0.5.",
        compute=f"{_BOXES}precision_at_50", by_picture=f"{_BOXES}precision_at_50.by_picture",
        **_DETECTION, imported=("map_50", "map50_b", "map_0_5")),
    "map75": Metric(
        "mAP@75", "Mean average precision at an IoU threshold of 0.75: boxes must fit tightly.",
        compute=f"{_BOXES}precision_at_75", by_picture=f"{_BOXES}precision_at_75.by_picture",
        **_DETECTION, imported=("map_75",)),
    "map_small": Metric(
        "mAP of small objects", "mAP for objects of less than 32² square pixels of the original pictures.",
        short="Small", compute=f"{_BOXES}precision_of_small",
        by_picture=f"{_BOXES}precision_of_small.by_picture", shown=_ASIDE, **_DETECTION),
    "map_medium": Metric(
        "mAP of medium objects", "mAP for objects from 32² to 96² square pixels of the original pictures.",
        short="Medium", compute=f"{_BOXES}precision_of_medium",
        by_picture=f"{_BOXES}precision_of_medium.by_picture", shown=_ASIDE, **_DETECTION),
    "map_large": Metric(
        "mAP of large objects", "mAP for objects of more than 96² square pixels of the original pictures.",
        short="Large", compute=f"{_BOXES}precision_of_large",
        by_picture=f"{_BOXES}precision_of_large.by_picture", shown=_ASIDE, **_DETECTION),
    "mar100": Metric(
        "Recall@100",
        "Share of objects found by a picture's 100 best boxes; mean over classes and the ten IoU thresholds.",
        compute=f"{_BOXES}recall_at_100", by_picture=f"{_BOXES}recall_at_100.by_picture",
        shown=_ASIDE, **_DETECTION),
    "label_map": Metric(
        "mAP of classes", "Average precision of each class over all pictures; mean over the classes that have any.",
        f"{_SKLEARN}average_precision_score, average macro", "mAP", compute=f"{_LABELS}mean_average_precision",
        by_picture=f"{_LABELS}mean_average_precision_by_picture", shown=Shown.STUDIES | Shown.FEW, **_MULTI_LABEL,
        imported=("map_macro", "macro_map", "macro_ap", "multilabel_map")),
    "label_map_micro": Metric(
        "mAP of all labels", "Average precision of all pairs of a picture and a class together, so that frequent "
        "classes count more.", f"{_SKLEARN}average_precision_score, average micro", "mAP micro",
        compute=f"{_LABELS}micro_average_precision", by_picture=f"{_LABELS}micro_average_precision_by_picture",
        **_MULTI_LABEL, imported=("map_micro", "micro_map", "micro_ap")),
    "label_f1": Metric(
        "Label F1 (macro)", "F1 of each class at its threshold; mean over classes.",
        f"{_SKLEARN}f1_score, average macro, {_UNDEFINED}", "F1 macro", compute=f"{_LABELS}macro_f1",
        by_picture=f"{_LABELS}macro_f1.by_picture", **_MULTI_LABEL, imported=("macro_f1_labels",)),
    "label_f1_micro": Metric(
        "Label F1 (micro)", "F1 of all pairs of a picture and a class together, each class at its threshold.",
        f"{_SKLEARN}f1_score, average micro, {_UNDEFINED}", "F1 micro", compute=f"{_LABELS}micro_f1",
        by_picture=f"{_LABELS}micro_f1.by_picture", **_MULTI_LABEL, imported=("micro_f1", "f1_micro")),
    "label_precision": Metric(
        "Label precision (macro)", "Share of the pictures predicted to have a class that do; mean over classes.",
        f"{_SKLEARN}precision_score, average macro, {_UNDEFINED}", "Precision", compute=f"{_LABELS}macro_precision",
        by_picture=f"{_LABELS}macro_precision.by_picture", shown=_ASIDE, **_MULTI_LABEL),
    "label_recall": Metric(
        "Label recall (macro)", "Share of the pictures with a class that are predicted to have it; mean over classes.",
        f"{_SKLEARN}recall_score, average macro, {_UNDEFINED}", "Recall", compute=f"{_LABELS}macro_recall",
        by_picture=f"{_LABELS}macro_recall.by_picture", shown=_ASIDE, **_MULTI_LABEL),
    "exact_match": Metric(
        "Exact match", "Share of the pictures whose predicted classes are exactly the true ones.",
        f"{_SKLEARN}accuracy_score", compute=f"{_LABELS}exact_match", by_picture=f"{_LABELS}all_right", **_MULTI_LABEL,
        imported=("subset_accuracy", "exact_match_ratio")),
    "hamming_loss": Metric(
        "Hamming loss", "Share of all pairs of a picture and a class that are predicted wrongly.",
        f"{_SKLEARN}hamming_loss", "Hamming", higher_is_better=False, compute=f"{_LABELS}hamming_loss",
        by_picture=f"{_LABELS}share_wrong", shown=_ASIDE, **_MULTI_LABEL, imported=("hamming",)),
    "label_loss": Metric(
        "Label loss", "Mean binary cross-entropy in nats over pictures and classes.", f"{_SKLEARN}log_loss", "Loss",
        "nats", 4, False, compute=f"{_LABELS}cross_entropy", by_picture=f"{_LABELS}losses", **_MULTI_LABEL,
        imported=("test_bce", "bce_loss")),
    "val_accuracy": Metric(
        "Best validation accuracy", "Accuracy on the validation part after the best epoch.",
        column="best_val_accuracy", shown=Shown.STUDIES, **_CLASSIFICATION, imported=(
            "best_val_accuracy", "best_val_acc", "val_acc", "valid_acc", "validation_accuracy", "eval_acc",
            "val_top1")),
    "seconds": Metric(
        "Training time", "Seconds of training, summed over attempts.", "", "Time", "seconds", 1, False,
        column="trained_seconds",
        imported=("runtime", "train_time", "training_time", "train_seconds", "train_runtime")),
    "images_per_second": Metric(
        "Speed", "Training pictures a second in the last epoch.", "", "Images/s", "images/s", 0,
        column="images_per_second", imported=("img_s", "throughput")),
    "peak_memory": Metric(
        "Peak memory", "Peak memory used in training.", "", "Memory", "bytes", 0, False,
        column="memory_reached", imported=("max_memory", "peak_mem", "max_mem", "peak_gpu_memory", "gpu_memory")),
    "parameters": Metric(
        "Parameters", "Number of trainable parameters.", "", "", "count", 0, False, column="parameters", shown=_ASIDE,
        imported=(
            "params", "num_params", "n_params", "num_parameters", "n_parameters", "param_count",
            "trainable_params")),
}
"""Metrics of a run by key, in display order."""

CLASS_METRICS: dict[str, Metric] = {
    "support": Metric(
        "Pictures", "Pictures of the class.", "", "", "count", 0, None, compute=f"{_HERE}support", **_CLASSIFICATION),
    "precision": Metric(
        "Precision", "Share of the pictures predicted as the class that belong to it; 0 if there are none.", _MACRO,
        compute=f"{_HERE}precision", **_CLASSIFICATION),
    "recall": Metric(
        "Recall (top-1)", "Share of the class's pictures that are predicted correctly; 0 if there are none.", _MACRO,
        compute=f"{_HERE}recall", **_CLASSIFICATION),
    "f1": Metric(
        "F1", "Harmonic mean of precision and recall; 0 if both are 0.", _MACRO, compute=f"{_HERE}f1",
        **_CLASSIFICATION),
    "specificity": Metric(
        "Specificity", "Share of the other classes' pictures that are not predicted as this class.",
        "sklearn.metrics.recall_score of all other classes together; Altman and Bland, 1994, BMJ 308:1552",
        compute=f"{_HERE}specificity", **_CLASSIFICATION),
    "top5": Metric(
        "Top-5", "Share of the class's pictures for which it is among the five most probable.", _TOP5,
        compute=f"{_HERE}top5_of_classes", **_CLASSIFICATION),
    "loss": Metric(
        "Loss", "Mean cross-entropy of the class's pictures.", f"{_SKLEARN}log_loss", "", "nats", 4, False,
        compute=f"{_HERE}cross_entropy_of_classes", **_CLASSIFICATION),
    "label_support": Metric(
        "Pictures", "Pictures that have the class.", "", "", "count", 0, None, compute=f"{_LABELS}support",
        **_MULTI_LABEL),
    "label_ap": Metric(
        "AP", "Average precision of the class over all pictures.", f"{_SKLEARN}average_precision_score",
        compute=f"{_LABELS}average_precisions", **_MULTI_LABEL),
    "label_threshold": Metric(
        "Threshold", "Probability from which on the class is predicted.", "", "", "plain", 3, None,
        compute=f"{_LABELS}thresholds", **_MULTI_LABEL),
    "label_precision": Metric(
        "Precision", "Share of the pictures predicted to have the class that do.", f"{_SKLEARN}precision_score",
        compute=f"{_LABELS}precision", **_MULTI_LABEL),
    "label_recall": Metric(
        "Recall", "Share of the pictures with the class that are predicted to have it.", f"{_SKLEARN}recall_score",
        compute=f"{_LABELS}recall", **_MULTI_LABEL),
    "label_f1": Metric(
        "F1", "Harmonic mean of precision and recall.", f"{_SKLEARN}f1_score", compute=f"{_LABELS}f1", **_MULTI_LABEL),
}
"""Metrics of a class by key, in display order."""

VALIDATED = ("label_map", "label_map_micro")
"""Metrics of pictures with several classes that are computed after each epoch: those that need no thresholds."""
_AS_TESTED = (*VALIDATED, "balanced_accuracy")

CURVES: dict[str, Metric] = {
    "loss": Metric("Loss", "Loss of a batch.", higher_is_better=False, **_LOSS),
    "train_loss": Metric("Train loss", "Mean loss over an epoch's batches.", higher_is_better=False, **_LOSS,
                         imported=("training_loss", "loss_train")),
    "val_loss": Metric("Validation loss", "Loss on the validation part after an epoch.", higher_is_better=False,
                       **_LOSS, imported=("valid_loss", "validation_loss", "loss_val", "eval_loss", "loss_validation",
                                          "loss_valid")),
    "train_accuracy": Metric("Train accuracy", "Accuracy over an epoch's batches.", **_CLASSIFICATION, imported=(
        "train_acc", "training_accuracy", "accuracy_train", "acc_train")),
    "train_mixed_accuracy": Metric(
        "Train accuracy, mixed",
        "Train accuracy on mixed pictures: the share of the mixed label that the predicted class has.",
        **_CLASSIFICATION),
    "val_accuracy": Metric(
        "Validation accuracy", "Accuracy on the validation part after an epoch.", **_CLASSIFICATION, imported=(
            "val_acc", "valid_acc", "validation_accuracy", "accuracy_val", "acc_val", "eval_acc", "eval_accuracy",
            "val_top1", "accuracy_validation", "acc_valid")),
    "lr": Metric("Learning rate", "The learning rate of a step.", unit="plain", digits=6, higher_is_better=None,
                 imported=("learning_rate", "train_lr", "lr_pg0")),
    "images_per_second": Metric("Speed", "Training pictures a second.", unit="images/s", digits=0),
    "memory": Metric("Memory", "Peak memory so far.", unit="bytes", digits=0, higher_is_better=False),
} | {f"val_{key}": Metric(f"Validation {row.title}", row.help, row.source, task=row.task)
     for key, row in METRICS.items() if row.task == "detection" or key in _AS_TESTED}
"""Values recorded during training, by key; a detector also records the terms of its loss."""
