"""All metrics: figures of a run, of a class, and of a curve, a row each. Views, importers and docs are made of them."""

from collections.abc import Mapping
from typing import Any

from engine.catalog.metric import Metric, Shown


def of_tests(task: str) -> dict[str, Metric]:
    """What a test of this task is said to be, by key."""
    return {key: row for key, row in METRICS.items() if row.task == task and not row.column}


def computed(task: str) -> dict[str, Metric]:
    """What is computed of the predictions of this task; the others follow from it."""
    return {key: row for key, row in METRICS.items() if row.task == task and row.compute}


def shown(where: Shown, rows: Mapping[str, Metric] | None = None) -> dict[str, Metric]:
    """Those of the rows, or of all, that are shown in all of these places."""
    return {key: row for key, row in (METRICS if rows is None else rows).items() if where in row.shown}


def of_studies() -> dict[str, Metric]:
    """What a study can be judged by, and tables from elsewhere may hold."""
    return shown(Shown.STUDIES)


_SKLEARN = "sklearn.metrics."
_MACRO = f"{_SKLEARN}precision_recall_fscore_support, average macro, zero_division 0"
_COCO = "COCO's detection evaluation; Lin et al., 2014, arXiv 1405.0312"
_TOP5 = "Russakovsky et al., 2015, arXiv 1409.0575"
_HERE, _BOXES = "engine.evaluation.metrics:", "engine.boxes.metrics:"
_OF_CLASSES: dict[str, Any] = {"task": "classification"}
_OF_BOXES: dict[str, Any] = {"task": "detection", "source": _COCO}
_ASIDE = Shown.STUDIES | Shown.RUNS
_OF_RUNS: dict[str, Any] = {"shown": Shown.RUNS | Shown.FEW}
_LOSS: dict[str, Any] = {"unit": "plain", "digits": 4}

METRICS: dict[str, Metric] = {
    "best_val_score": Metric(
        "Best validation score", "Best validation accuracy; of detectors, mAP.", short="Best val",
        column="best_val_score", **_OF_RUNS),
    "last_val_score": Metric(
        "Last validation score", "Last validation accuracy; of detectors, mAP.", short="Last val",
        column="last_val_score", **_OF_RUNS),
    "test_score": Metric(
        "Test score", "Test accuracy; of detectors, mAP.", short="Test", column="test_score", **_OF_RUNS),
    "train_loss": Metric(
        "Train loss", "Mean loss over the last epoch's batches.", higher_is_better=False, column="train_loss",
        **_LOSS, **_OF_RUNS),
    "last_val_loss": Metric(
        "Validation loss", "Validation loss after the last epoch.", short="Val loss", higher_is_better=False,
        column="last_val_loss", **_LOSS, **_OF_RUNS),
    "top1": Metric(
        "Top-1", "Share of pictures whose likeliest class is the true one (accuracy).", f"{_SKLEARN}accuracy_score",
        compute=f"{_HERE}top1", complement="top1_error", shown=Shown.STUDIES | Shown.FEW, **_OF_CLASSES,
        imported=("top_1", "top1_acc", "top_1_acc", "top1_accuracy", "top_1_accuracy", "accuracy", "acc",
                  "test_accuracy", "test_acc", "test_top1", "final_test_accuracy", "정확도")),
    "top1_error": Metric(
        "Top-1 error", "1 − top-1.", _TOP5, higher_is_better=False, complement="top1", shown=Shown.STUDIES,
        **_OF_CLASSES, imported=("top_1_error", "error", "error_rate", "test_error", "top1_err")),
    "top5": Metric(
        "Top-5", "Share of pictures whose true class is among the five likeliest.", _TOP5, compute=f"{_HERE}top5",
        complement="top5_error", **_OF_CLASSES, imported=(
            "top_5", "top5_acc", "top_5_acc", "top5_accuracy", "top_5_accuracy", "test_top5", "test_acc5")),
    "top5_error": Metric(
        "Top-5 error", "1 − top-5.", _TOP5, higher_is_better=False, complement="top5", shown=Shown.STUDIES,
        **_OF_CLASSES, imported=("top_5_error", "top5_err")),
    "macro_precision": Metric(
        "Precision (macro)", "Of the pictures taken for a class, the share that are of it; mean over classes.", _MACRO,
        "Precision", compute=f"{_HERE}macro_precision", shown=_ASIDE, **_OF_CLASSES,
        imported=("precision", "precision_macro", "test_precision")),
    "macro_recall": Metric(
        "Recall (macro)", "Of the pictures of a class, the share recognised; mean over classes.", _MACRO, "Recall",
        compute=f"{_HERE}macro_recall", shown=_ASIDE, **_OF_CLASSES,
        imported=("recall", "recall_macro", "test_recall")),
    "macro_f1": Metric(
        "F1 (mean of classes)",
        "Mean of the classes' F1: a class with poor precision or recall pulls it down, whichever it is.", _MACRO, "F1",
        compute=f"{_HERE}macro_f1", **_OF_CLASSES, imported=("f1_macro",)),
    "f1_of_means": Metric(
        "F1 (of means)",
        "Harmonic mean of the macro precision and macro recall above: one class's precision can make up for another's "
        "recall, so it is never below the mean of F1.", "Opitz and Burst, 2019, arXiv 1911.03347", "F1 of means",
        compute=f"{_HERE}f1_of_means", shown=_ASIDE, **_OF_CLASSES),
    "balanced_accuracy": Metric(
        "Balanced accuracy", "Mean over the classes that have pictures of the share recognised: each class counts the "
        "same, however many pictures it has.", f"{_SKLEARN}balanced_accuracy_score; Brodersen et al., 2010, ICPR",
        "Balanced", compute=f"{_HERE}balanced_accuracy", **_OF_CLASSES,
        imported=("balanced_acc", "bal_acc", "test_balanced_accuracy")),
    "kappa": Metric(
        "Cohen's kappa", "How far accuracy is above what the same predictions would reach by chance: 1 is perfect, 0 "
        "is chance.", f"{_SKLEARN}cohen_kappa_score; Cohen, 1960, Educational and Psychological Measurement 20(1)",
        "Kappa", "plain", 4, compute=f"{_HERE}kappa", **_OF_CLASSES,
        imported=("cohen_kappa", "cohens_kappa", "cohen_s_kappa", "cohen_kappa_score", "test_kappa")),
    "mcc": Metric(
        "Matthews' correlation", "Correlation of true and predicted classes: 1 is perfect, 0 is chance; 0 too where "
        "all pictures are of one class, or taken for one.", f"{_SKLEARN}matthews_corrcoef; Matthews, 1975, "
        "Biochimica et Biophysica Acta 405(2); of several classes Gorodkin, 2004, "
        "Computational Biology and Chemistry 28", "MCC", "plain", 4, compute=f"{_HERE}matthews_correlation",
        **_OF_CLASSES, imported=("matthews_corrcoef", "matthews_correlation", "matthews", "test_mcc")),
    "loss": Metric(
        "Test loss",
        "Mean cross-entropy in nats; also rewards being surely right and punishes being surely wrong.",
        f"{_SKLEARN}log_loss", "Loss", "nats", 4, False, compute=f"{_HERE}cross_entropy", **_OF_CLASSES,
        imported=("test_loss",)),
    "ece": Metric(
        "ECE", "Expected calibration error: how far confidence is from the share that is right, over 15 bins of it.",
        "Guo et al., 2017, arXiv 1706.04599", higher_is_better=False, compute=f"{_HERE}expected_calibration_error",
        **_OF_CLASSES),
    "map": Metric(
        "mAP", "Mean average precision over classes and over ten overlaps from 0.5 to 0.95: COCO's own figure.",
        compute=f"{_BOXES}mean_average_precision", shown=Shown.STUDIES | Shown.FEW, **_OF_BOXES),
    "map50": Metric(
        "mAP@50", "Mean average precision where an overlap (IoU) of 0.5 is enough.",
        compute=f"{_BOXES}precision_at_50", **_OF_BOXES),
    "map75": Metric(
        "mAP@75", "Mean average precision where an overlap (IoU) of 0.75 is needed: boxes must fit tightly.",
        compute=f"{_BOXES}precision_at_75", **_OF_BOXES),
    "map_small": Metric(
        "mAP of small objects", "mAP for objects of less than 32² square pixels of the original pictures.",
        short="Small", compute=f"{_BOXES}precision_of_small", shown=_ASIDE, **_OF_BOXES),
    "map_medium": Metric(
        "mAP of medium objects", "mAP for objects from 32² to 96² square pixels of the original pictures.",
        short="Medium", compute=f"{_BOXES}precision_of_medium", shown=_ASIDE, **_OF_BOXES),
    "map_large": Metric(
        "mAP of large objects", "mAP for objects of more than 96² square pixels of the original pictures.",
        short="Large", compute=f"{_BOXES}precision_of_large", shown=_ASIDE, **_OF_BOXES),
    "mar100": Metric(
        "Recall@100",
        "Share of objects found by the 100 best boxes of a picture; mean over classes and the ten overlaps.",
        compute=f"{_BOXES}recall_at_100", shown=_ASIDE, **_OF_BOXES),
    "val_accuracy": Metric(
        "Best validation accuracy", "Accuracy on the validation part after the best epoch.",
        column="best_val_accuracy", shown=Shown.STUDIES, **_OF_CLASSES, imported=(
            "best_val_accuracy", "best_val_acc", "val_acc", "valid_acc", "validation_accuracy", "eval_acc",
            "val_top1")),
    "seconds": Metric(
        "Training time", "Seconds of training, summed over attempts.", "", "Time", "seconds", 1, False,
        column="trained_seconds", imported=("runtime", "train_time", "training_time", "train_seconds")),
    "images_per_second": Metric(
        "Speed", "Training pictures a second in the last epoch.", "", "Images/s", "images/s", 0,
        column="images_per_second", imported=("img_s", "throughput")),
    "peak_memory": Metric(
        "Peak memory", "The most memory that training used.", "", "Memory", "bytes", 0, False,
        column="memory_reached"),
    "parameters": Metric(
        "Parameters", "Numbers that the model learns.", "", "", "count", 0, False, column="parameters", shown=_ASIDE,
        imported=("params", "num_params", "n_params", "num_parameters")),
}
"""Figures of a run, by key, in the order in which they are shown."""

CLASS_METRICS: dict[str, Metric] = {
    "support": Metric(
        "Pictures", "Pictures of the class.", "", "", "count", 0, None, compute=f"{_HERE}support", **_OF_CLASSES),
    "precision": Metric(
        "Precision", "Of the pictures taken for the class, the share that are of it; 0 where there are none.", _MACRO,
        compute=f"{_HERE}precision", **_OF_CLASSES),
    "recall": Metric(
        "Recall (top-1)", "Of the pictures of the class, the share recognised; 0 where there are none.", _MACRO,
        compute=f"{_HERE}recall", **_OF_CLASSES),
    "f1": Metric(
        "F1", "Harmonic mean of the two; 0 where nothing divides.", _MACRO, compute=f"{_HERE}f1", **_OF_CLASSES),
    "specificity": Metric(
        "Specificity", "Of the pictures of other classes, the share that are not taken for this one.",
        "sklearn.metrics.recall_score of all other classes together; Altman and Bland, 1994, BMJ 308:1552",
        compute=f"{_HERE}specificity", **_OF_CLASSES),
    "top5": Metric(
        "Top-5", "Share of the class's pictures for which it is among the five likeliest.", _TOP5,
        compute=f"{_HERE}top5_of_classes", **_OF_CLASSES),
    "loss": Metric(
        "Loss", "Mean cross-entropy of the class's pictures.", f"{_SKLEARN}log_loss", "", "nats", 4, False,
        compute=f"{_HERE}cross_entropy_of_classes", **_OF_CLASSES),
}
"""Figures of a class, by key, in the order in which they are shown."""

CURVES: dict[str, Metric] = {
    "loss": Metric("Loss", "Loss of a batch.", higher_is_better=False, **_LOSS),
    "train_loss": Metric("Train loss", "Mean loss over an epoch's batches.", higher_is_better=False, **_LOSS,
                         imported=("training_loss", "loss_train")),
    "val_loss": Metric("Validation loss", "Loss on the validation part after an epoch.", higher_is_better=False,
                       **_LOSS, imported=("valid_loss", "validation_loss", "loss_val", "eval_loss", "loss_validation",
                                          "loss_valid")),
    "train_accuracy": Metric("Train accuracy", "Accuracy over an epoch's batches.", **_OF_CLASSES, imported=(
        "train_acc", "training_accuracy", "accuracy_train", "acc_train")),
    "train_mixed_accuracy": Metric(
        "Train accuracy, mixed", "As train accuracy, of mixed pictures: the share of the mixed labels that is right.",
        **_OF_CLASSES),
    "val_accuracy": Metric(
        "Validation accuracy", "Accuracy on the validation part after an epoch.", **_OF_CLASSES, imported=(
            "val_acc", "valid_acc", "validation_accuracy", "accuracy_val", "acc_val", "eval_acc", "eval_accuracy",
            "val_top1", "accuracy_validation", "acc_valid")),
    "lr": Metric("Learning rate", "The learning rate of a step.", unit="plain", digits=6, higher_is_better=None,
                 imported=("learning_rate", "train_lr")),
    "images_per_second": Metric("Speed", "Training pictures a second.", unit="images/s", digits=0),
    "memory": Metric("Memory", "The most memory used up to then.", unit="bytes", digits=0, higher_is_better=False),
} | {f"val_{key}": Metric(f"Validation {row.title}", row.help, row.source, task=row.task)
     for key, row in METRICS.items() if row.task == "detection"}
"""What is recorded while a run trains, by key; besides there are the terms of a detector's loss."""
