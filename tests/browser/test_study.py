"""A study as a person does it: declared in the form, launched, watched as its cells fill, and its verdict read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.analysis.judging import sentence
from engine.analysis.reading import read_study
from engine.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MATRIX = ".st-key-study_matrix"


def _fill(page: Page, ending: str, text: str) -> None:
    """Type into the form's field whose key ends so."""
    field = page.locator(f"[class*=st-key-study_my-study_][class*={ending}] input").first
    field.fill(text)
    field.press("Enter")


def test_declare_launch_watch_and_read_the_verdict(dashboard: str, page: Page, home: Path) -> None:
    page.goto(f"{dashboard}/study")
    page.locator(".st-key-study_blank button").click()
    page.wait_for_url(re.compile("study=my-study"))
    expect(page.locator(".st-key-study_aside")).to_contain_text("Launch 6 runs")

    page.get_by_role("button", name="Another hypothesis").click()
    expect(page.locator("[class*=_claim_0]").first).to_contain_text("weak − default of augmentation is above zero.")
    _fill(page, "_seeds", "0, 1")
    expect(page.locator(".st-key-study_aside")).to_contain_text("Not saved")
    page.locator(".st-key-study_launch button:visible", has_text="Launch 4 runs").click()

    expect(page.locator(MATRIX)).to_be_visible()
    figure = page.locator(f"{MATRIX} a.figure b").first
    expect(figure).to_have_text(re.compile(r"\d+\.\d\d %"), timeout=240_000)
    page.wait_for_function("document.querySelector('.matrix').dataset.done === '4'", timeout=240_000)
    store = Store.open()
    study = store.studies.get("my-study")
    assert study.seeds == (0, 1)
    assert len(study.hypotheses) == 1

    page.get_by_role("radio", name="Verdicts").click()
    judgement, = read_study(store, study).judgements
    card = page.locator(".st-key-verdict_0")
    expect(card.locator(".dr-verdict")).to_have_text(judgement.verdict.value)
    expect(card.locator("[class*=st-key-sentence_]")).to_contain_text(sentence(judgement)[:60])
    expect(card.locator(".dr-forest").first).to_be_visible()

    page.reload()
    expect(card.locator(".dr-verdict")).to_be_visible()
    page.get_by_role("radio", name="Tables").click()
    expect(page.locator("table.results tbody tr")).to_have_count(2)

    page.get_by_role("radio", name="Matrix").click()
    page.locator(f"{MATRIX} a.mark").first.click()
    page.wait_for_url(re.compile(r"/results\?run=\d+"))
