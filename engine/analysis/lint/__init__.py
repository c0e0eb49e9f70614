"""The linter: rules about configs and studies that are valid but probably not intended, each with its source."""

from engine.analysis.lint.comparisons import STUDY_RULES
from engine.analysis.lint.lint import lint_cells, lint_configs, lint_study, run_rules
from engine.analysis.lint.remark import Remark

__all__ = ["STUDY_RULES", "Remark", "lint_cells", "lint_configs", "lint_study", "run_rules"]
