"""Rules about a model, its pictures and its weights."""

from engine.analysis.lint.remark import ConfigRule
from engine.catalog.augmentations import AUGMENTATIONS

_FEW_PATCHES = 4
_SMALL = 40
_SHRUNK = 3
_STAGES = 4
_DATA_FOR_TRANSFORMERS = 1_000_000

MODELS = (
    ConfigRule("few-patches", lambda p: p.transformer and 0 < p.patches < _FEW_PATCHES,
               "{c.model} cuts {p.side} px pictures into only {p.patches}×{p.patches} patches, too few for attention; "
               "use larger pictures or smaller patches",
               "Dosovitskiy et al., 2021 (14×14 patches)"),
    ConfigRule("other-patches", lambda p: bool(p.row.timm) or 0 < p.patches != p.side // p.row.patch,
               "{c.model} is built with {p.patches}×{p.patches} patches for {p.side} px pictures, unlike the published "
               "model",
               "docs/models.md", level="note"),
    ConfigRule("standard-stem", lambda p: p.row.family == "resnet" and p.c.stem == "standard" and p.side <= _SMALL
               and p.scratch,
               "the standard stem of {c.model} downsamples {p.side} px pictures fourfold before its first block; "
               "stem=cifar keeps the resolution, but takes several times as long", "He et al., 2016, section 4.2",
               level="note"),
    ConfigRule("enlarged", lambda p: p.side > 4 * p.facts.size and (p.scratch or p.side > p.row.size),
               "pictures are enlarged more than four times for {c.model}: slower, without more information; only "
               "pretrained weights profit, up to the size of their own training",
               "by the size of the data; Kornblith et al., 2019 (pretrained weights at their own size)"),
    ConfigRule("grows-in-a-hurry", lambda p: p.c.start_size > 0 and p.c.epochs < _STAGES,
               "pictures grow from {c.start_size} px in four stages, but there are only {c.epochs} epochs: choose four "
               "or more, or start_size=0", "Tan and Le, 2021 (EfficientNetV2, table 6)"),
    ConfigRule("head-of-nothing", lambda p: p.c.fine_tune == "head" and p.scratch,
               "only the classifier of {c.model} would be trained, on random features: use pretrained weights or "
               "fine_tune=all", "Yosinski et al., 2014"),
    ConfigRule("wrong-normalisation", lambda p: p.c.weights == "pretrained" and p.c.normalisation == "data",
               "pretrained weights expect the mean and standard deviation of their own training, not those of this "
               "data: use normalisation=auto", "timm's pretrained_cfg (mean and std of each weight)"),
    ConfigRule("pretrained-shrunk", lambda p: p.c.weights == "pretrained" and p.side * _SHRUNK < p.row.size
               and p.row.published in ("", "torchvision"),
               "{c.model} was pretrained on {p.row.size} px pictures but gets {p.side} px: objects are smaller than in "
               "pretraining; image_size={p.row.size} or half of it often transfers better",
               "Touvron et al., 2019; Kornblith et al., 2019", level="note"),
    ConfigRule("pretrained-forgets", lambda p: p.c.weights == "pretrained" and p.c.fine_tune == "all"
               and p.c.layer_decay == 1 and (p.c.lr >= 0.001 if p.adam else p.sgd and p.c.lr >= 0.1),
               "{c.optimizer} at learning rate {c.lr:g} on all weights may destroy the pretrained features; a tenth of "
               "that, or less for earlier layers (fine_tune=split), is usual",
               "Howard and Ruder, 2018; Kornblith et al., 2019", level="note"),
    ConfigRule("transformer-sgd", lambda p: p.transformer and p.scratch and p.sgd,
               "transformers from scratch learn poorly with SGD; AdamW is usual",
               "Xiao et al., 2021; Zhang et al., 2020"),
    ConfigRule("transformer-cold", lambda p: p.transformer and p.scratch and not p.warmup
               and p.c.schedule != "onecycle",
               "transformers from scratch are unstable without warm-up; a few epochs are usual",
               "Dosovitskiy et al., 2021; Xiong et al., 2020", level="note"),
    ConfigRule("transformer-little-data", lambda p: p.transformer and p.scratch
               and p.pictures < _DATA_FOR_TRANSFORMERS,
               "a transformer has no locality bias: from scratch on {p.pictures:,} pictures it usually learns less "
               "than a CNN", "Dosovitskiy et al., 2021; Steiner et al., 2022", level="note"),
)


_FEW_A_CLASS, _FEW_LABELS = 10, 5

CLASSIFICATION = (
    ConfigRule("batch-norm-small-batch", lambda p: p.batch_norm and p.c.batch_size < 8 and p.c.fine_tune != "head",
               "batch norm is noisy at batch size {c.batch_size}; 16 or more is usual", "Wu and He, 2018"),
    ConfigRule("batch-norm-small-parts", lambda p: p.batch_norm and p.c.batch_size / p.c.accumulate < 8
               <= p.c.batch_size and p.c.fine_tune != "head",
               "batch norm is noisy if a batch of {c.batch_size} is split into {c.accumulate} micro-batches; 16 or "
               "more pictures per micro-batch are usual", "Wu and He, 2018"),
    ConfigRule("sgd-rate-low", lambda p: p.sgd and p.c.lr <= 0.001 and p.scratch,
               "{c.optimizer} at learning rate {c.lr:g} learns slowly; 0.01 to 0.1 is a usual start",
               "He et al., 2016; Simonyan and Zisserman, 2015 (0.01)"),
    ConfigRule("small-validation", lambda p: p.validated < _FEW_A_CLASS * len(p.facts.classes),
               "{p.validated} validation pictures of {p.classes} classes are too few to choose the best checkpoint: "
               "their accuracy has an error of ±{p.validation_error:.0f} points",
               "the binomial 95 % interval at one half", level="note"),
    ConfigRule("unequal-classes", lambda p: p.imbalance.is_strong and p.c.score == "usual",
               "training has {p.imbalance.ratio:.0f} pictures of the largest class for each of the smallest "
               "({p.imbalance}): accuracy can be high although rare classes are missed; score=balanced accuracy "
               "chooses the checkpoint by all classes alike, sampling=balanced or class_weights=balanced make it learn "
               "the rare ones", "Buda et al., 2018; Brodersen et al., 2010 (balanced accuracy)"),
)

LABELS = (
    *(rule for rule in CLASSIFICATION if rule.name.startswith(("batch-norm", "sgd"))),
    ConfigRule("unequal-labels", lambda p: p.c.score == "micro mAP" and p.imbalance.is_strong,
               "training has {p.imbalance.ratio:.0f} pictures with the most frequent class for each with the rarest "
               "({p.imbalance}), and micro mAP hardly counts the rare ones; score=usual, the mean over classes, does",
               "Buda et al., 2018"),
    ConfigRule("few-for-thresholds", lambda p: p.c.thresholds == "validation" and 0 < p.rarest_validated < _FEW_LABELS,
               "the rarest class has about {p.rarest_validated:.0f} validation pictures, too few to choose its "
               "threshold: use a larger val_fraction, or thresholds=0.5",
               "Lipton et al., 2014 (thresholds that maximise F1)", level="note"),
)


DATA = (
    ConfigRule("balanced-twice", lambda p: p.c.sampling == "balanced" and p.c.class_weights != "none",
               "small classes are drawn more often and weigh more: one of sampling=balanced and "
               "class_weights={c.class_weights} is enough", "Buda et al., 2018 (each alone)"),
    ConfigRule("repeats-alike", lambda p: p.c.repeats > 1 and p.c.augmentation == "default" and p.c.mixing == "none",
               "nothing is augmented, so that {c.repeats} copies of a picture in a batch are the same",
               "Hoffer et al., 2020"),
    ConfigRule("teacher-knows-validation", lambda p: bool(p.other_parts),
               "run {c.teacher}, the teacher, was trained with {p.other_parts}, so that it may know pictures on which "
               "this run is validated: its validation can be too good, its test cannot",
               "from the options of both runs", level="note"),
    ConfigRule("teacher-smoothed", lambda p: p.teacher is not None and p.teacher.label_smoothing > 0,
               "run {c.teacher}, the teacher, was trained with label smoothing {p.teacher.label_smoothing:g}, after "
               "which predictions teach less: without it, a teacher is usually better", "Müller et al., 2019",
               level="note"),
    ConfigRule("leaked-test", lambda p: p.leaked > 0,
               "{p.leaked:,} of {p.facts.test:,} test pictures are among the training pictures, so test results will "
               "be too good; `python -m engine data {c.dataset}` and the Data page show them",
               "Barz and Denzler, 2020 (CIFAR: 3.3 % and 10 % of the test pictures)"),
    ConfigRule("unaudited-test", lambda p: p.unaudited,
               "nobody has looked yet for test pictures that are among these training pictures: `python -m engine data "
               "{c.dataset} --data-path …` and the Data page do",
               "Barz and Denzler, 2020 (CIFAR: 3.3 % and 10 % of the test pictures)", level="note"),
    ConfigRule("keeps-pictures", lambda p: p.kept_bytes > 0,
               "about {p.kept_size} of decoded pictures are kept on the disk by the first epoch, for later ones and "
               "other runs; DARKROOM_PICTURES_GB bounds it, and the Data page removes what is old",
               "counted from the data", level="note"),
    ConfigRule("not-mirrored", lambda p: AUGMENTATIONS[p.c.augmentation].flip and not p.facts.flips,
               "{c.dataset} is not flipped, because flips would change its classes: {c.augmentation} leaves out its "
               "flip",
               "the data set's own row", level="note"),
    ConfigRule("fewer-steps", lambda p: p.c.train_fraction < 1 and not p.c.equal_steps,
               "an epoch with {c.train_fraction:g} of the pictures has {p.steps:,} optimizer steps instead of "
               "{p.whole_steps:,}: less data and also less training; equal_steps=yes keeps the number of steps",
               "counted from these options", level="note"),
    ConfigRule("crops-little", lambda p: AUGMENTATIONS[p.c.augmentation].scaled and p.largest_scale > 2 * p.side,
               "a crop of {p.side} px from pictures resized to {p.largest_scale} shows less than a quarter of each",
               "Simonyan and Zisserman, 2015 (crops of 224 from 256 to 512)"),
)
