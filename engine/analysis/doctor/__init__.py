"""The doctor: rules that examine runs that have ended, with thresholds from chance or from the spread of the data."""

from engine.analysis.doctor.examination import examine, examine_all, examine_study, kept_out, kin_of, rules
from engine.analysis.doctor.finding import Finding, Rule

__all__ = ["Finding", "Rule", "examine", "examine_all", "examine_study", "kept_out", "kin_of", "rules"]
