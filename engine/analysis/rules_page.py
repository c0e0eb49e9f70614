"""The linter's and the doctor's rules as Markdown, from their rows alone."""

import re

from engine.analysis.doctor import rules
from engine.analysis.lint.lint import OF_A_STUDY, rules_of_a_run
from engine.tasks import TASKS

_FILLED = re.compile(r"\{[^}]*\}")
_HEAD = """# Rules

Before a launch the **linter** tells what is allowed but probably not meant; after a run the **doctor** tells what went
wrong. Made by `python -m engine.analysis.rules_page > docs/rules.md`.
"""
_OF_A_RUN = """
## Linter, of a run

| rule | level | says | rests on |
|---|---|---|---|
"""
_OF_A_STUDY = """
## Linter, of a study

| rule | level | rests on |
|---|---|---|
"""
_DOCTOR = """
## Doctor

A *serious* finding keeps the run out of a study's conclusions until somebody acknowledges it (Live, Results, Study, or
`python -m engine doctor RUN --acknowledge FINDING --note WHY`). Only what a run says of itself, or what repeats of it
say, is serious: leaving runs out because they do not fit a hypothesis would decide it.

| finding | serious | where the line is drawn |
|---|---|---|
"""


def rules_page() -> str:
    """The page ``docs/rules.md``."""
    return "".join([
        _HEAD,
        _OF_A_RUN, *(f"| {rule.name} | {rule.level} | {_FILLED.sub('…', rule.message)} | {rule.source} |\n"
                     for rule in rules_of_a_run(*TASKS)),
        _OF_A_STUDY, *(f"| {rule.name} | {rule.level} | {rule.source} |\n" for rule in OF_A_STUDY),
        _DOCTOR, *(f"| {rule.name} | {'yes' if rule.serious else ''} | {rule.threshold} |\n"
                   for rule in rules(*TASKS))])


if __name__ == "__main__":
    print(rules_page(), end="")
