"""Rules about pictures with any number of classes."""

from engine.analysis.doctor.finding import Rule

LABELS: tuple[Rule, ...] = ()
