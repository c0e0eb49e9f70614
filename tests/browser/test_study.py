"""A study as a person does it: declared in the form, launched, watched until its cells are full, its verdict read."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.analysis.judging import sentence
from engine.analysis.reading import read_study
from engine.store import Store
from engine.study.versions import Studies

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STUDY = "my-study"
CLAIM = "Weak augmentation does better"


def test_declare_launch_watch_and_read_the_verdict(dashboard: str, page: Page, home: Path) -> None:
    _declare(page, dashboard)
    expect(page.locator(".st-key-study_aside")).to_contain_text("Launch 6 runs")
    page.locator(".st-key-study_launch button:visible").click()

    expect(page.locator(".matrix .mark")).to_have_count(6)
    expect(page.locator(".matrix .mark.is-done, .matrix .mark.is-out")).to_have_count(6, timeout=280_000)
    expect(page.locator(".dr-study")).to_contain_text("6 done")

    store = Store.open()
    reading = read_study(store, Studies(store).get(STUDY))
    assert (reading.study.seeds, reading.study.settings["epochs"]) == ((1, 2, 3), 12)
    assert reading.study.hypotheses[0].claim == CLAIM
    for cell in reading.study.cells:
        mean = statistics.fmean(entry.run.test_accuracy or 0 for entry in reading.matrix.by_cell[cell] if entry.run)
        expect(page.locator(".matrix")).to_contain_text(f"{100 * mean:.2f} %")

    page.get_by_role("radio", name="Verdicts").click()
    judgement, = reading.judgements
    expect(page.locator(".st-key-verdict_0 .dr-verdict")).to_have_text(judgement.verdict.value)
    expect(page.locator(".st-key-verdict_0 .dr-forest .dr-interval").first).to_be_visible()
    expect(page.locator(".st-key-sentence_H1")).to_contain_text(sentence(judgement))
    expect(page.locator(".stAlert")).to_have_count(0)

    page.reload()
    expect(page.locator(".st-key-verdict_0 .dr-verdict")).to_be_visible()
    page.get_by_role("radio", name="Tables").click()
    expect(page.locator("table.results tbody tr")).to_have_count(2)
    page.get_by_role("radio", name="Matrix").click()
    first = reading.matrix.entries[0].run
    assert first is not None
    page.locator(".matrix .mark").first.click()
    page.wait_for_url(re.compile(rf"/results\?run={first.id}"))


def test_a_copy_opens_at_its_declaration_whatever_was_shown(dashboard: str, page: Page, home: Path) -> None:
    page.goto(f"{dashboard}/study")
    page.locator(".st-key-study_blank button").click()
    page.get_by_role("radio", name="Tables").click()
    page.wait_for_url(re.compile("view=Tables"))
    page.locator(".st-key-icon_study_manage button:visible").first.click()
    page.locator(".st-key-study_copy button:visible").click()
    page.wait_for_url(re.compile(f"study={STUDY}-2"))
    expect(page.get_by_role("radio", name="Declare")).to_be_checked()
    expect(page.locator(".stAlert")).to_have_count(0)


def _declare(page: Page, dashboard: str) -> None:
    """The blank study with three other seeds, twelve epochs and a hypothesis."""
    page.goto(f"{dashboard}/study")
    page.locator(".st-key-study_blank button").click()
    page.wait_for_url(re.compile(f"study={STUDY}"))
    page.get_by_role("textbox", name="Seeds").fill("1, 2, 3")
    expect(page.locator(".st-key-study_aside")).to_contain_text("Launch 6 runs")
    page.get_by_role("textbox", name="Epochs").fill("12")
    page.get_by_role("textbox", name="Epochs").press("Enter")
    page.get_by_role("button", name="Add a hypothesis").click()
    page.get_by_role("textbox", name="In your words").fill(CLAIM)
