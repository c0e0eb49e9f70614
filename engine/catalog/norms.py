"""Which models normalise over the batch, so that a batch's size changes what they compute. Imports no torch."""

from __future__ import annotations

import re

_FAMILIES_WITHOUT = frozenset({
    "beit", "cait", "coat", "convit", "convnext", "crossvit", "csatv2", "davit", "deepseek_vit", "deit", "edgenext",
    "eva", "focalnet", "gcvit", "hiera", "hieradet_sam2", "mambaout", "metaformer", "mlp_mixer", "mobilenetv5",
    "mvitv2", "naflexvit", "nest", "nfnet", "pit", "pvt_v2", "qwen3_vit", "rdnet", "sequencer", "swin_transformer",
    "swin_transformer_v2", "swin_transformer_v2_cr", "tnt", "twins", "vision_transformer",
    "vision_transformer_relpos", "vision_transformer_sam", "vitamin"})
_OWN_WITH = "tinyvgg_v4"
# Within families that have it: group, filter-response and evolving norms by name, plain VGGs, hybrids of BiT's ResNets.
_WITHOUT = re.compile(r".*_(s?gn|evos|frn|ln|bit)|vgg\d+|coatnext.*|maxxvit.*|vit_[a-z]+_r(\d\d)?_s.*")


def has_batch_norm(name: str, family: str) -> bool:
    """Whether a model has batch norm, told by its name (a pretrained tag is ignored) and its row's family."""
    if family == "tinyvgg":
        return name == _OWN_WITH
    return family not in _FAMILIES_WITHOUT and not _WITHOUT.fullmatch(name.partition(".")[0])
