"""Options with a few fixed choices, each with its meaning. Imports no torch."""

from dataclasses import dataclass

STEMS = {
    "standard": "As published: usually 7×7 or 3×3 with stride 2, then a max-pool.",
    "cifar": "3×3 with stride 1 and no max-pool, for pictures of 32 px (ResNets).",
}
WEIGHTS = {
    "scratch": "Random, by the seed.",
    "pretrained": "Published weights: from Darkroom's weights folder if imported there, else from the hub.",
    "file": "From a local file.",
}
NORMALISATIONS = {
    "auto": "Those of the pretrained weights if any, else those of the data.",
    "weights": "The mean and standard deviation the published weights were trained with.",
    "data": "The mean and standard deviation of the training pictures.",
}
FINE_TUNES = {
    "all": "All weights are trained.",
    "head": "Only the classifier is trained; the backbone is frozen, including its norm statistics.",
    "split": "All weights are trained, the backbone with its own learning rate.",
}
VALUE_ALIASES = {"fine_tune": {"full": "all"}}
"""By option: other names for its values."""

PRECISIONS = {
    "fp32": "Single precision throughout.",
    "bf16": "bfloat16 where it is safe (autocast); on processors and GPUs that compute it natively.",
    "fp16": "float16 where it is safe, with loss scaling; GPUs only.",
}
SCORES = {
    "usual": "Accuracy; mAP of boxes, and of pictures with any number of classes.",
    "balanced accuracy": "Mean recall of the classes: rare ones count like frequent ones (Brodersen et al., 2010).",
    "micro mAP": "Average precision of all labels together: frequent classes count more.",
}
UNREADABLE = {
    "stop": "Refuse the run and list the files.",
    "skip": "Skip them; the run's notes list them.",
}
EMPTY_PICTURES = {
    "keep": "Train on them too, as negative examples.",
    "drop": "Train only on pictures with boxes.",
}


@dataclass(frozen=True)
class TtaRow:
    """Test-time augmentation; with ``flips`` it includes each picture's mirror image."""

    help: str
    flips: bool = False


DEVICES = {
    "auto": "A free GPU if there is one, else the CPU.",
    "cpu": "The processor.",
    "cuda": "A free NVIDIA or AMD GPU; cuda:N is the GPU with that number.",
    "mps": "The GPU of an Apple computer.",
}
KEPT_CHECKPOINTS = {
    "best and last": "Those of the best and of the last epoch.",
    "all": "Those of every epoch, so that each can be evaluated later.",
}

TTA: dict[str, TtaRow] = {
    "none": TtaRow("No test-time augmentation."),
    "flip": TtaRow("Average the softmax of each picture and its mirror image.", flips=True),
}
