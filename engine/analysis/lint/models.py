"""Rules about a model, and the pictures and weights it is given."""

from engine.analysis.lint.remark import ConfigRule
from engine.catalog.augmentations import AUGMENTATIONS

_FEW_PATCHES = 4
_SMALL = 40
_SHRUNK = 3
_DATA_FOR_TRANSFORMERS = 1_000_000

MODELS = (
    ConfigRule("few-patches", lambda p: p.transformer and 0 < p.patches < _FEW_PATCHES,
               "{c.model} sees {p.side} px pictures as only {p.patches}×{p.patches} patches, too few to attend over; "
               "larger pictures or smaller patches would show it more",
               "Dosovitskiy et al., 2021 (14×14 patches)"),
    ConfigRule("other-patches", lambda p: bool(p.row.timm) or 0 < p.patches != p.side // p.row.patch,
               "{c.model} is built with {p.patches}×{p.patches} patches for {p.side} px pictures, other than published",
               "docs/models.md", level="note"),
    ConfigRule("standard-stem", lambda p: p.row.family == "resnet" and p.c.stem == "standard" and p.side <= _SMALL
               and p.scratch,
               "the standard stem of {c.model} shrinks {p.side} px pictures fourfold before its first block; "
               "stem=cifar keeps what there is to see, in several times the time", "He et al., 2016, section 4.2",
               level="note"),
    ConfigRule("enlarged", lambda p: p.side > 4 * p.facts.size,
               "pictures are enlarged more than four times for {c.model}: slow, with no more to see",
               "by the data's own size"),
    ConfigRule("head-of-nothing", lambda p: p.c.fine_tune == "head" and p.scratch,
               "only the classifier of {c.model} would learn, on features that stay random: choose pretrained weights "
               "or fine_tune=all", "Yosinski et al., 2014"),
    ConfigRule("wrong-normalisation", lambda p: p.c.weights == "pretrained" and p.c.normalisation == "data",
               "pretrained weights expect pictures normalised as in their own training, not by this data's mean and "
               "standard deviation: choose normalisation=auto", "timm's pretrained_cfg (mean and std of each weight)"),
    ConfigRule("pretrained-shrunk", lambda p: p.c.weights == "pretrained" and p.side * _SHRUNK < p.row.size
               and p.row.published in ("", "torchvision"),
               "{c.model} was pretrained on {p.row.size} px pictures and is given {p.side} px: objects look smaller "
               "than any it has seen; image_size={p.row.size} or half of it often transfers better",
               "Touvron et al., 2019; Kornblith et al., 2019", level="note"),
    ConfigRule("pretrained-forgets", lambda p: p.c.weights == "pretrained" and p.c.fine_tune == "all"
               and p.c.layer_decay == 1 and (p.c.lr >= 0.001 if p.adam else p.c.optimizer == "SGD" and p.c.lr >= 0.1),
               "{c.optimizer} at {c.lr:g} on all pretrained weights may undo what they know; a tenth of that, "
               "or less for what lies deeper (fine_tune=split), is usual", "Howard and Ruder, 2018; Kornblith et al., "
               "2019", level="note"),
    ConfigRule("transformer-sgd", lambda p: p.transformer and p.scratch and p.c.optimizer == "SGD",
               "transformers from scratch learn poorly with SGD; AdamW is usual",
               "Xiao et al., 2021; Zhang et al., 2020"),
    ConfigRule("transformer-cold", lambda p: p.transformer and p.scratch and not p.c.warmup_epochs
               and p.c.schedule != "onecycle",
               "transformers from scratch are unstable at the full rate; a few epochs of warm-up are usual",
               "Dosovitskiy et al., 2021; Xiong et al., 2020", level="note"),
    ConfigRule("transformer-little-data", lambda p: p.transformer and p.scratch
               and p.pictures < _DATA_FOR_TRANSFORMERS,
               "a transformer from scratch has no notion of nearness to begin with: from {p.pictures:,} pictures it "
               "usually learns less than a CNN", "Dosovitskiy et al., 2021; Steiner et al., 2022", level="note"),
)


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


DATA = (
    ConfigRule("not-mirrored", lambda p: AUGMENTATIONS[p.c.augmentation].flip and not p.facts.flips,
               "{c.dataset} is not mirrored, as that would show something else: {c.augmentation} only crops",
               "the data set's own row", level="note"),
    ConfigRule("fewer-steps", lambda p: p.c.train_fraction < 1 and not p.c.equal_steps,
               "an epoch of {c.train_fraction:g} of the pictures has {p.steps:,} optimizer steps instead of "
               "{p.whole_steps:,}: less data and less training at once; equal_steps=yes keeps the training",
               "counted from these options", level="note"),
    ConfigRule("crops-little", lambda p: AUGMENTATIONS[p.c.augmentation].scaled and p.largest_scale > 2 * p.side,
               "a crop of {p.side} px from pictures resized to {p.largest_scale} shows less than a quarter of each",
               "Simonyan and Zisserman, 2015 (crops of 224 from 256 to 512)"),
)
