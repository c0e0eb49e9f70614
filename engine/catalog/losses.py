"""The losses a classifier can minimise, and what makes up for unequal classes. Imports no torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LossRow:
    """A loss.

    Attributes:
        help: one sentence for the user.
        compute: its function in ``engine.training.losses``, as ``module:name``.
        labels: that for pictures with any number of classes, in ``engine.training.multi_label``; empty: there is none.
    """

    help: str
    compute: str
    labels: str = ""


LOSSES: dict[str, LossRow] = {
    "cross-entropy": LossRow("Cross-entropy of the softmax over the classes.", "engine.training.losses:cross_entropy"),
    "bce": LossRow("Binary cross-entropy, as if each class were a question of its own (Beyer et al., 2020; Wightman et "
                   "al., 2021).", "engine.training.losses:binary_cross_entropy",
                   labels="engine.training.multi_label:binary_cross_entropy"),
    "focal": LossRow("Cross-entropy times (1 − p)^γ, so that pictures that are recognised already count less (Lin et "
                     "al., 2017).", "engine.training.losses:focal", labels="engine.training.multi_label:focal"),
}

CLASS_WEIGHTS = {
    "none": "Every picture counts the same.",
    "balanced": "In inverse proportion to the number of training pictures of its class (King and Zeng, 2001).",
    "effective": "In inverse proportion to the effective number of pictures of its class with β = 0.999, which tells "
                 "large classes apart less (Cui et al., 2019).",
}
SAMPLINGS = {
    "each once": "Each training picture once.",
    "balanced": "Each class equally often: pictures of small classes come again, of large ones some are left out.",
}
