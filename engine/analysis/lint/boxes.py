"""Rules about detectors: what they are shown, what they compare it with, and which of their boxes count."""

from engine.analysis.lint.remark import ConfigRule

_A_PLACE = 8
_RATE_HIGH = 3
_SURE, _LENIENT = 0.8, 0.7
_FEW = 4

DETECTION = (
    ConfigRule("anchors-too-large", lambda p: 0 < 2 * p.objects.usual < min(p.anchors, default=0),
               "half of the objects are under {p.objects.usual:.0f} px as {c.model} sees them, its smallest anchor is "
               "{p.anchors[0]} px: they overlap so little that none would be told from background; smaller "
               "anchor_sizes or a larger image_size fit",
               "Ren et al., 2015 (an IoU under 0.3 is background; here it is under 0.25)"),
    ConfigRule("anchors-too-small", lambda p: p.objects.usual > 2 * max(p.anchors, default=p.side),
               "half of the objects are over {p.objects.usual:.0f} px as {c.model} sees them, its largest anchor is "
               "{p.anchors[4]} px: they overlap so little that none would be told from background; larger anchor_sizes "
               "fit", "Ren et al., 2015 (an IoU under 0.3 is background; here it is under 0.25)"),
    ConfigRule("objects-tiny", lambda p: p.objects.small < _A_PLACE,
               "a tenth of the objects are under {p.objects.small:.0f} px at {p.side} px, less than one place of the "
               "map that small ones are looked for in: a larger image_size would show them",
               "Lin et al., 2017 (feature pyramids; a place is 8 px, or 4 in Faster R-CNN on a ResNet)"),
    ConfigRule("detail-lost", lambda p: p.facts.size > 4 * p.side,
               "pictures of {p.facts.size:,} px are shrunk to {p.side}, less than a quarter: small objects and fine "
               "marks are lost", "by the data's own size", level="note"),
    ConfigRule("detector-rate-high", lambda p: p.c.optimizer == "SGD" and p.rate_ratio > _RATE_HIGH,
               "SGD at {c.lr:g} with {c.batch_size} pictures a step is {p.rate_ratio:.0f} times what detectors are "
               "usually given, 0.02 at batch size 16 and in proportion: the loss may end as no number",
               "Goyal et al., 2017; Lin et al., 2017 (0.02 at batch size 16)"),
    ConfigRule("detector-norms", lambda p: p.scratch and p.part < _FEW and p.c.fine_tune != "head",
               "from scratch the batch norm of {c.model} learns its statistics from {p.part} pictures at a time, which "
               "costs detectors much: larger batches avoid it, or given weights whose statistics stay",
               "He et al., 2019 (rethinking ImageNet pre-training)"),
    ConfigRule("shows-few", lambda p: p.c.score_threshold >= _SURE,
               "only boxes with a score of {c.score_threshold:g} would be shown and counted at first, and detectors "
               "are seldom so sure: mAP stays, but recall would look low",
               "measured: fcos_resnet10t_fpn on Scenes, 12 epochs at 128 px, no box of 0.6 or more", level="note"),
    ConfigRule("keeps-copies", lambda p: p.c.nms_threshold > _LENIENT,
               "an NMS threshold of {c.nms_threshold:g} keeps several boxes of one object, of which all but one count "
               "as wrong; 0.5 is usual",
               "measured: fcos_resnet10t_fpn on Scenes, 12 epochs at 128 px, mAP 9.9 % at 0.5, 8.0 % at 0.9"),
)
