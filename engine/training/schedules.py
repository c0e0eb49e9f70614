"""The learning-rate schedules a run can name; timm builds them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ScheduleRow:
    """``timm``: the name `timm.scheduler.create_scheduler_v2` knows (empty: none); ``options`` go to it unchanged."""

    timm: str
    help: str
    options: dict[str, float] = field(default_factory=dict)


SCHEDULES: dict[str, ScheduleRow] = {
    "constant": ScheduleRow("", "The same learning rate from start to end."),
    "cosine": ScheduleRow("cosine", "Falls along half a cosine to zero (Loshchilov and Hutter, 2017)."),
    "step": ScheduleRow("multistep", "Divided by ten after half and after three quarters of the epochs."),
}
