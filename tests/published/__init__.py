"""What five studies printed: their results as CSV files, and the figures of their tables.

Accuracies and errors are printed in % unless a name says otherwise; differences are in points.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent

PRETRAINING_GAIN = {
    ("resnet50", "1.0"): -6.50, ("resnet50", "0.5"): -10.62, ("resnet50", "0.2"): -20.61, ("resnet50", "0.1"): -27.46,
    ("vit_small_patch16_224", "1.0"): -25.43, ("vit_small_patch16_224", "0.5"): -30.08,
    ("vit_small_patch16_224", "0.2"): -38.05, ("vit_small_patch16_224", "0.1"): -45.19}
"""Top-1 error on CIFAR-10, pretrained minus scratch, by model and share of the training pictures."""

DIFFICULTY_LOSS = {
    ("resnet50", "no"): 21.88, ("vit_small_patch16_224", "no"): 26.15,
    ("resnet50", "yes"): 12.25, ("vit_small_patch16_224", "yes"): 16.13}
"""Top-1 error, CIFAR-100 minus CIFAR-10, by model and whether it was pretrained, in the order of the table."""

BEST_COMBINATION = {"CIFAR100": (("resnet50", "cutmix", "yes"), "70.45", "90.49"),
                    "TinyImagenet": (("resnet50", "default", "yes"), "66.58", "84.79")}
"""Model, augmentation and whether pretrained; top-1 and top-5."""

PRINTED_TEN_CLASS = {("resnet50", "no"): ("0.68", "0.7200", "0.6815", "0.7002"),
                     ("resnet50", "yes"): ("0.68", "0.7261", "0.6809", "0.7028"),
                     ("vit_small_patch16_224", "no"): ("0.49", "0.5777", "0.4932", "0.5321"),
                     ("vit_small_patch16_224", "yes"): ("0.98", "0.9824", "0.9821", "0.9822")}
"""Accuracy, precision, recall and F1 as printed, in fractions."""

CALLED_BEST_TINY_VGG = ("tinyvgg_d", "36-44", "40")
"""What the text calls the best of all: model, train scale, test scale."""
