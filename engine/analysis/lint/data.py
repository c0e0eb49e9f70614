"""Rules about the pictures: how many, how they are split and varied."""

from __future__ import annotations

from engine.analysis.lint.remark import ConfigRule
from engine.catalog.augmentations import AUGMENTATIONS

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
