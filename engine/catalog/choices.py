"""What an option of a few fixed choices can be; each choice with what it means. Imports no torch."""

from dataclasses import dataclass

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

PRECISIONS = {
    "fp32": "Single precision throughout.",
    "bf16": "bfloat16 where it is safe (autocast); on processors and GPUs that compute it natively.",
    "fp16": "float16 where it is safe, with loss scaling; GPUs only.",
}
UNREADABLE = {
    "stop": "Refuse the run and name the files.",
    "skip": "Leave them out; they are counted and named in the run's notes.",
}
EMPTY_PICTURES = {
    "keep": "Learn from them, too: they show what is not to be found.",
    "drop": "Learn from pictures with boxes only.",
}


@dataclass(frozen=True)
class TtaRow:
    """``flips``: whether each picture's mirror image is looked at too."""

    help: str
    flips: bool = False


TTA: dict[str, TtaRow] = {
    "none": TtaRow("Every picture once."),
    "flip": TtaRow("Every picture and its mirror image, softmax averaged.", flips=True),
}
