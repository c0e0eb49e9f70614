"""Rules about learning rates, steps and the length of training."""

from engine.analysis.lint.plan import Planned
from engine.analysis.lint.remark import ConfigRule

_HIGH_BATCH = 1024
_HIGH_RATE = 0.4
_MIXED_EPOCHS = 30
_PATIENT = 10
_SURE_EPOCHS = 6


def _cold(plan: Planned) -> bool:
    """Return whether SGD starts at its full rate; a classifier alone can."""
    return plan.sgd and not plan.warmup and plan.c.schedule in ("constant", "cosine", "step") \
        and plan.c.fine_tune != "head"


OPTIMISATION = (
    ConfigRule("rate-high", lambda p: p.c.lr > p.highest_rate,
               "{c.optimizer} at learning rate {c.lr:g} with batch size {c.batch_size:,} often diverges or stays at "
               "chance; usual is {p.usual.usual}", "{p.usual.source}"),
    ConfigRule("few-steps-an-epoch", lambda p: p.steps < 10,
               "fewer than ten optimizer steps per epoch at batch size {c.batch_size}: a smaller batch learns faster",
               "Masters and Luschi, 2018"),
    ConfigRule("few-steps", lambda p: p.scratch and p.total < 100 and p.steps >= 10,
               "{p.total} optimizer steps in total are too few for a network from scratch: use more epochs or a "
               "smaller batch",
               "measured: TinyVGG A on Digits, 90 % after 42 steps, 95 % after 105, 98 % after 210", level="note"),
    ConfigRule("large-batch-cold", lambda p: _cold(p) and p.c.batch_size >= _HIGH_BATCH,
               "batch size {c.batch_size:,} with {c.optimizer} and no warm-up often diverges in the first steps; five "
               "epochs of warm-up are usual", "Goyal et al., 2017"),
    ConfigRule("high-rate-cold", lambda p: _cold(p) and p.c.batch_size < _HIGH_BATCH
               and p.plain_rate >= _HIGH_RATE and p.c.lr <= p.highest_rate,
               "{c.optimizer} at learning rate {c.lr:g} and no warm-up often diverges in the first steps; five epochs "
               "of warm-up are usual, or a rate of 0.1",
               "Goyal et al., 2017 (0.1 needs none; what is scaled up from it does)"),
    ConfigRule("warmup-whole-run", lambda p: p.warmup >= p.c.epochs,
               "the warm-up of {p.warmup:g} epochs is as long as the run", "by definition of the schedule"),
    ConfigRule("stops-in-warmup", lambda p: 0 < p.c.early_stopping <= p.warmup < p.c.epochs,
               "early stopping after {c.early_stopping} epochs may end the run during the warm-up of "
               "{p.warmup:.3g}", "by definition of the schedule"),
    ConfigRule("never-sure", lambda p: p.c.stop_when_sure and p.c.epochs <= _SURE_EPOCHS,
               "the doctor needs six epochs to be sure that a run learns nothing: it can hardly stop one of {c.epochs}",
               "docs/rules.md, learns-nothing", level="note"),
    ConfigRule("stops-before-the-fall", lambda p: 0 < p.c.early_stopping < p.c.epochs
               and p.c.schedule in ("cosine", "onecycle", "step"),
               "early stopping may end the run before the {c.schedule} schedule has lowered the learning rate, when "
               "results improve most", "Loshchilov and Hutter, 2017", level="note"),
    ConfigRule("stops-before-plateau", lambda p: p.c.schedule == "plateau"
               and 0 < p.c.early_stopping <= p.c.plateau_patience + 1,
               "early stopping after {c.early_stopping} epochs ends the run before the plateau schedule, with a "
               "patience of {c.plateau_patience}, tries a lower learning rate", "by definition of the schedule"),
    ConfigRule("plateau-never", lambda p: p.c.schedule == "plateau" and p.c.plateau_patience + 1 >= p.c.epochs,
               "with a patience of {c.plateau_patience} epochs, the plateau schedule can hardly lower the learning "
               "rate within {c.epochs} epochs", "by definition of the schedule"),
    ConfigRule("adam-coupled-decay", lambda p: p.c.optimizer == "Adam" and p.c.weight_decay > 0,
               "Adam scales weight decay by the gradients, so {c.weight_decay:g} hardly decays weights with large "
               "gradients; AdamW decays all weights equally", "Loshchilov and Hutter, 2019", level="note"),
    ConfigRule("decay-high", lambda p: p.c.weight_decay >= p.usual.decay,
               "{c.optimizer} with weight decay {c.weight_decay:g} usually underfits; {p.usual.usual_decay} is usual",
               "He et al., 2016 (SGD); Touvron et al., 2021 (AdamW, 0.05; 0.3 hurts); Chen et al., 2023 "
               "(Lion); measured: TinyVGG A on Digits, SGD with rate 0.05, 10.3 % at 0.01"),
    ConfigRule("split-rates-swapped", lambda p: p.c.fine_tune == "split" and p.c.backbone_lr > p.c.lr,
               "the learning rate of the backbone ({c.backbone_lr:g}) is higher than that of the new classifier "
               "({c.lr:g}): the two may be swapped", "Howard and Ruder, 2018"),
    ConfigRule("mixing-stops-early", lambda p: p.c.mixing != "none" and 0 < p.c.early_stopping < _PATIENT,
               "{c.mixing} slows down training: with a patience of {c.early_stopping} epochs the run may end before "
               "mixing helps", "Yun et al., 2019 (300 epochs)"),
    ConfigRule("mixing-short", lambda p: p.c.mixing != "none" and p.c.epochs < _MIXED_EPOCHS,
               "{c.mixing} regularises, which helps in long training: {c.epochs} epochs may be too few to benefit",
               "Zhang et al., 2018 (200 epochs); Yun et al., 2019 (300)", level="note"),
    ConfigRule("mixup-strong", lambda p: p.c.mixing in ("mixup", "both") and p.c.mixup_alpha > 1,
               "MixUp with α {c.mixup_alpha:g} mixes most pairs about half and half and may underfit; 0.1 to 0.4, or 1 "
               "on CIFAR, is usual", "Zhang et al., 2018"),
)
