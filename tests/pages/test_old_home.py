"""Pages open on a home that was made before, and elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app_tests import assert_calm, open_page
from tests.homes.opening import opened

pytestmark = pytest.mark.usefixtures("old_home")
EVERY_RUN = ",".join(map(str, range(1, 15)))


@pytest.fixture
def old_home(home: Path) -> None:
    opened("2026-11", home)


@pytest.mark.parametrize("page", ["live", "compare"])
def test_pages_open_with_every_run(page: str) -> None:
    assert_calm(open_page(page, run=EVERY_RUN))


def test_every_run_is_in_the_table() -> None:
    page = open_page("runs")
    assert_calm(page)
    rows = page.dataframe[0].value
    assert len(rows) == 14 and rows["name"].iloc[-1] == "digits"


@pytest.mark.parametrize("study", ["erasing", "published"])
@pytest.mark.parametrize("view", ["Matrix", "Verdicts"])
def test_studies_open(study: str, view: str) -> None:
    assert_calm(open_page("study", {"view": view}, study=study))


def test_results_that_were_imported_are_shown() -> None:
    page = open_page("results", run="10")
    assert_calm(page)
    assert page.metric[0].value == "70.45 %"


def test_results_open_without_an_exception() -> None:
    assert not open_page("results", run="1").exception


@pytest.mark.parametrize(("run", "score"), [("1", "83.33 %"), ("5", "80.00 %"), ("9", "88.06 %")])
def test_results_are_shown_from_the_stored_predictions(run: str, score: str) -> None:
    page = open_page("results", run=run)
    assert_calm(page)
    assert page.metric[0].value == score


@pytest.mark.slow
@pytest.mark.usefixtures("scenes")
def test_the_results_of_a_detector_without_its_weights_are_shown() -> None:
    page = open_page("results", run="4")
    assert_calm(page)
    assert page.metric[0].value == "0.24 %"


def test_two_runs_are_compared_on_the_same_pictures() -> None:
    page = open_page("compare", run="6,7")
    assert_calm(page)
    assert [metric.value for metric in page.metric][:2] == ["3", "24"]


def test_the_checkpoints_of_a_study_are_compared() -> None:
    page = open_page("study", {"view": "Checkpoints"}, study="erasing")
    assert_calm(page)
    assert len(page.dataframe[0].value) == 2
