"""The learning-rate schedules a run can name. Imports no torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScheduleRow:
    """How the learning rate changes.

    Attributes:
        help: one sentence for the user.
        timm: its name for `timm.scheduler.create_scheduler_v2`; empty: torch's scheduler.
        milestones: when the rate is divided by ten, as fractions of the epochs.
    """

    help: str
    timm: str = ""
    milestones: tuple[float, ...] = ()


SCHEDULES: dict[str, ScheduleRow] = {
    "constant": ScheduleRow("The learning rate stays the same.", "constant"),
    "cosine": ScheduleRow("Falls along half a cosine to zero (Loshchilov and Hutter, 2017).", "cosine"),
    "step": ScheduleRow("Divided by ten after half and after three quarters of the epochs.", "multistep", (0.5, 0.75)),
    "onecycle": ScheduleRow("Rises from a 25th over the first 30 % of the steps, then falls to almost nothing, both "
                            "along half a cosine (Smith and Topin, 2018)."),
    "plateau": ScheduleRow("Divided by ten whenever validation accuracy stops improving."),
}
