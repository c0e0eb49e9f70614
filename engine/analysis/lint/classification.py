"""Rules about classifiers: their norms, their rate, and how many pictures choose the best checkpoint."""

from __future__ import annotations

from engine.analysis.lint.remark import ConfigRule

_FEW_A_CLASS = 10

CLASSIFICATION = (
    ConfigRule("batch-norm-small-batch", lambda p: p.batch_norm and p.c.batch_size < 8 and p.c.fine_tune != "head",
               "batch norm is noisy at batch size {c.batch_size}; 16 or more is usual", "Wu and He, 2018"),
    ConfigRule("batch-norm-small-parts", lambda p: p.batch_norm and p.c.batch_size / p.c.accumulate < 8
               <= p.c.batch_size and p.c.fine_tune != "head",
               "batch norm is noisy when {c.batch_size} pictures are computed in {c.accumulate} parts; parts of 16 or "
               "more are usual", "Wu and He, 2018"),
    ConfigRule("sgd-rate-low", lambda p: p.c.optimizer == "SGD" and p.c.lr <= 0.001 and p.scratch,
               "SGD at learning rate {c.lr:g} learns slowly; 0.01 to 0.1 is a usual start",
               "He et al., 2016; Simonyan and Zisserman, 2015 (0.01)"),
    ConfigRule("small-validation", lambda p: p.validated < _FEW_A_CLASS * len(p.facts.classes),
               "{p.validated} validation pictures of {p.classes} classes choose the best checkpoint by chance: their "
               "accuracy is known to ±{p.validation_error:.0f} points",
               "the binomial 95 % interval at one half", level="note"),
)
