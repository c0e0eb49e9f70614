"""Rules about detectors: object sizes, anchors, learning rate, batch norm and thresholds."""

from engine.analysis.lint.remark import ConfigRule

_CELL = 8
_RATE_HIGH = 3
_HIGH_SCORE, _LENIENT = 0.8, 0.7
_FEW = 4

DETECTION = (
    ConfigRule("anchors-too-large", lambda p: 0 < 2 * p.objects.usual < min(p.anchors, default=0),
               "half of the objects are under {p.objects.usual:.0f} px in the input of {c.model}, but its smallest "
               "anchor is {p.anchors[0]} px: they overlap too little to be matched; use smaller anchor_sizes or a "
               "larger image_size",
               "Ren et al., 2015 (an IoU under 0.3 is background; here it is under 0.25)"),
    ConfigRule("anchors-too-small", lambda p: p.objects.usual > 2 * max(p.anchors, default=p.side),
               "half of the objects are over {p.objects.usual:.0f} px in the input of {c.model}, but its largest "
               "anchor is {p.anchors[4]} px: they overlap too little to be matched; use larger anchor_sizes",
               "Ren et al., 2015 (an IoU under 0.3 is background; here it is under 0.25)"),
    ConfigRule("objects-tiny", lambda p: p.objects.small < _CELL,
               "a tenth of the objects are under {p.objects.small:.0f} px at {p.side} px, smaller than a cell of the "
               "feature map for small objects: use a larger image_size",
               "Lin et al., 2017 (feature pyramids; a cell is 8 px, or 4 in Faster R-CNN on a ResNet)"),
    ConfigRule("detail-lost", lambda p: p.facts.size > 4 * p.side,
               "pictures of {p.facts.size:,} px are shrunk to {p.side} px, less than a quarter: small objects and fine "
               "details are lost", "by the size of the data", level="note"),
    ConfigRule("detector-rate-high", lambda p: p.c.optimizer == "SGD" and p.rate_ratio > _RATE_HIGH,
               "SGD at learning rate {c.lr:g} with batch size {c.batch_size} is {p.rate_ratio:.0f} times the usual "
               "rate of detectors, 0.02 at batch size 16, scaled linearly: the loss may become NaN",
               "Goyal et al., 2017; Lin et al., 2017 (0.02 at batch size 16)"),
    ConfigRule("detector-norms", lambda p: p.scratch and p.part < _FEW and p.c.fine_tune != "head",
               "from scratch, the batch norm of {c.model} estimates its statistics from {p.part} pictures at a time, "
               "which costs detectors much: use larger batches, or pretrained weights with frozen statistics",
               "He et al., 2019 (rethinking ImageNet pre-training)"),
    ConfigRule("shows-few", lambda p: p.c.score_threshold >= _HIGH_SCORE,
               "only boxes with a score of {c.score_threshold:g} or more are shown and counted, but detectors rarely "
               "reach such scores: mAP does not change, but recall will look low",
               "measured: fcos_resnet10t_fpn on Scenes, 12 epochs at 128 px, no box of 0.6 or more", level="note"),
    ConfigRule("keeps-copies", lambda p: p.c.nms_threshold > _LENIENT,
               "an NMS threshold of {c.nms_threshold:g} keeps several boxes per object, and all but one count as false "
               "positives; 0.5 is usual",
               "measured: fcos_resnet10t_fpn on Scenes, 12 epochs at 128 px, mAP 9.9 % at 0.5, 8.0 % at 0.9"),
)
