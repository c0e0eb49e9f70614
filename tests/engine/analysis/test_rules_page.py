"""The page of rules in the docs is what the rules say."""

from engine.analysis.rules_page import rules_page
from engine.home import ROOT


def test_the_page_is_true() -> None:
    assert (ROOT / "docs" / "rules.md").read_text() == rules_page(), \
        "python -m engine.analysis.rules_page > docs/rules.md"
