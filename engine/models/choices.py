"""What can be chosen about a model besides its name; each choice with what it means. Imports no torch."""

from __future__ import annotations

STEMS = {
    "standard": "As published: usually 7×7 or 3×3 with stride 2, then a max-pool.",
    "cifar": "3×3 with stride 1 and no max-pool, for pictures of 32 px (ResNets).",
}
WEIGHTS = {
    "scratch": "Random, by the seed.",
    "pretrained": "As published: from Darkroom's weights folder if imported there, else from the hub.",
    "file": "From a local file.",
}
NORMALISATIONS = {
    "auto": "The weights' if there are any, else the data's.",
    "weights": "The mean and standard deviation the published weights were trained with.",
    "data": "Those of the training pictures.",
}
FINE_TUNES = {
    "all": "Every weight learns.",
    "head": "Only the classifier learns; the backbone stays frozen, its norm statistics too.",
    "split": "Every weight learns, the backbone at a rate of its own.",
}
ALSO_CALLED = {"fine_tune": {"full": "all"}}
"""By option: what else people call some of its values."""
