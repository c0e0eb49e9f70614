"""What is allowed but probably not meant, told before anything runs: rules as rows, each with its source."""

from engine.analysis.lint.lint import RULES, lint_cells, lint_configs, lint_study
from engine.analysis.lint.remark import Remark, Rule

__all__ = ["RULES", "Remark", "Rule", "lint_cells", "lint_configs", "lint_study"]
