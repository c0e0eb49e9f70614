"""What is wrong, or worth knowing, of runs that have ended: rules as rows, their thresholds from chance or spread."""

from engine.analysis.doctor.examination import examine, examine_all, examine_study, kept_out, kin_of, rules
from engine.analysis.doctor.finding import Finding, Rule

__all__ = ["Finding", "Rule", "examine", "examine_all", "examine_study", "kept_out", "kin_of", "rules"]
