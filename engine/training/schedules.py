"""The learning-rate schedules a run can name; timm builds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScheduleRow:
    """``timm``: the name `timm.scheduler.create_scheduler_v2` knows (empty: none); ``milestones``: where the rate is
    divided by ten, as fractions of the epochs."""

    timm: str
    help: str
    milestones: tuple[float, ...] = ()


SCHEDULES: dict[str, ScheduleRow] = {
    "constant": ScheduleRow("", "The same learning rate from start to end."),
    "cosine": ScheduleRow("cosine", "Falls along half a cosine to zero (Loshchilov and Hutter, 2017)."),
    "step": ScheduleRow("multistep", "Divided by ten after half and after three quarters of the epochs.", (0.5, 0.75)),
}
