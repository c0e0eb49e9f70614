"""What is allowed but probably not meant, told before anything runs: rules as rows, each with its source."""

from engine.analysis.lint.lint import OF_A_STUDY, lint_cells, lint_configs, lint_study, rules_of_a_run
from engine.analysis.lint.remark import Remark, Rule

__all__ = ["OF_A_STUDY", "Remark", "Rule", "lint_cells", "lint_configs", "lint_study", "rules_of_a_run"]
