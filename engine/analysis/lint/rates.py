"""Usual learning rates and weight decays of every optimizer, with their sources."""

import re
from dataclasses import dataclass

_BATCH = 256
_LINEAR = 0.3


@dataclass(frozen=True)
class UsualRate:
    """What is usual of a family of optimizers.

    Attributes:
        family: its name.
        names: a pattern of the catalog's names, in lower case.
        usual: usual learning rates, as text.
        high: the rate above which it is warned, at batch sizes of up to 256.
        decay: the weight decay from which it is warned.
        usual_decay: usual weight decays, as text.
        source: where the rates are from.
    """

    family: str
    names: str
    usual: str
    high: float
    source: str
    decay: float = 0.5
    usual_decay: str = "0.01 to 0.3"

    def limit(self, batch_size: int) -> float:
        """Return the rate above which it is warned at this batch size.

        Larger batches are granted what linear scaling grants (Goyal et al., 2017). SGD, whose steps grow with the
        gradients, is granted less in smaller ones.
        """
        times = batch_size / _BATCH
        if self.family == "SGD":
            return self.high * max(min(times, 1.0), _LINEAR * times)
        return self.high * max(times, 1.0)


_TIMM = "timm's default"
_SMALL_DECAY = "0.0001 to 0.0005"

USUAL_RATES = (
    UsualRate("SGD", r"c?(bnb|fused)?sgd[cpw]?(8bit)?|momentum|nesterovw?", "0.01 to 0.1, at batch size 256", 1,
              "He et al., 2016 (0.1 at batch size 256); Goyal et al., 2017 (in proportion to the batch size)",
              0.01, _SMALL_DECAY),
    UsualRate("Adam", r"c?(bnb|fused)?[nr]?adam(ax|p|[cw]|w?legacy)?(8bit)?|r?adabelief|c?adopt[cw]?"
              r"|c?lapropc?|bnbademamix(8bit)?", "0.001", 0.01,
              "Kingma and Ba, 2015 (0.001); measured: TinyVGG A on Digits, 20 epochs, 10.0 % at 0.1, 97.5 % at 0.01"),
    UsualRate("RMSprop", r"c?rmsprop(tf[cw]?)?", "0.001 to 0.01", 0.05,
              "Keras (0.001) and torch (0.01), defaults; Tan and Le, 2021 (0.256 at batch size 4,096); "
              "measured: TinyVGG A on Digits, 8 epochs, 10.3 % at 0.1"),
    UsualRate("Lion", r"c?(bnb)?lionc?(8bit)?", "0.0001 to 0.0003", 0.001,
              "Chen et al., 2023 (a third to a tenth of AdamW's rate, three to ten times its decay)", 10, "0.1 to 3"),
    UsualRate("LAMB", r"c?(fused)?lamb(c?[dw]?)", "0.001 to 0.008", 0.05,
              "You et al., 2020; MetaFormer's recipes (0.008 at batch size 4,096); measured: TinyVGG A on Digits, "
              "8 epochs, 10.3 % at 1"),
    UsualRate("LARS", r"n?lar[cs]", "1", 10, f"{_TIMM} (1, with a trust coefficient of 0.001); You et al., 2017",
              0.01, _SMALL_DECAY),
    UsualRate("Adagrad", r"adagrad", "0.01", 0.1, "torch's default (0.01); Duchi et al., 2011"),
    UsualRate("Adadelta", r"adadelta", "1", 10, "torch's default (1, as in Zeiler, 2012)"),
    UsualRate("Adafactor", r"c?adafactor(bvc?)?", "0.001 to 0.003", 0.05,
              "Big Vision's configs (0.001 to 0.003)"),
    UsualRate("Adan", r"c?adanw?", "0.001", 0.05, f"{_TIMM} (0.001); Xie et al., 2022"),
    UsualRate("AdaHessian", r"adahessian", "0.1", 1, f"{_TIMM} (0.1); Yao et al., 2021"),
    UsualRate("MADGRAD", r"madgradw?", "0.01", 0.1, f"{_TIMM} (0.01)"),
    UsualRate("MARS", r"c?mars", "0.003", 0.03, f"{_TIMM} (0.003)"),
    UsualRate("Muon", r"n?muon", "0.02", 0.2, f"{_TIMM} (0.02)"),
    UsualRate("AdaMuon", r"n?adamuon", "0.0006", 0.01, "timm's example (0.0006)"),
    UsualRate("Kron", r"kron[cw]?", "0.001", 0.01, f"{_TIMM} (0.001)"),
    UsualRate("NovoGrad", r"(fused)?novograd[cw]?", "0.001", 0.05, f"{_TIMM} (0.001); Ginsburg et al., 2019"),
)


def usual_rate(optimizer: str) -> UsualRate:
    """Return what is usual of this optimizer.

    Raises:
        LookupError: its name is in no row.
    """
    for row in USUAL_RATES:
        if re.fullmatch(row.names, optimizer.lower()):
            return row
    raise LookupError(f"{optimizer} is in no row of USUAL_RATES")
