"""Boxes as a person goes about them: look at the data, launch a detector, watch it learn, look at what it got wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.boxes.judging import Kind
from engine.boxes.predictions import LOWEST_SCORE
from engine.data import load_detection
from engine.evaluation.box_results import View, load_detection_results
from engine.store import Store
from tests.browser.driving import choose, click_cell, until_script
from tests.engine.data.box_sources import Shown, many, voc
from tests.fake_detections import GHOSTS, MISPLACED, MISSED, TWICE, WRONG, add_detection_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONFUSION = "[class*=st-key-box_confusion_] .chart[data-stamp]"
TERMS = {"class": "class", "box": "box", "centre": "centre"}
KINDS = {Kind.MISSED: ("Missed", MISSED + MISPLACED), Kind.GHOST: ("Background", GHOSTS),
         Kind.WRONG_CLASS: ("Wrong class", WRONG), Kind.MISPLACED: ("Badly localised", MISPLACED),
         Kind.DUPLICATE: ("Duplicate", TWICE)}
POINTS = """([title, metric]) => document.querySelector(`.chart[data-title="${title}"]`)?.view.plot?.lines
    .find(line => line.metric === metric)?.x.length"""


def test_explore_launch_watch_and_read_a_detector(dashboard: str, page: Page, home: Path) -> None:
    _explore(page, dashboard)
    page.goto(dashboard)
    choose(page, "launch_dataset", "Scenes")
    expect(page.locator(".st-key-launch_aside")).to_contain_text("--dataset Scenes")
    page.locator(".st-key-launch_everything label").click()
    for field, text in (("image_size", "64"), ("train_fraction", "0.2"), ("epochs", "2"), ("name", "my detector")):
        page.locator(f".st-key-launch_{field} input").fill(text)
    page.locator(".st-key-launch_name input").press("Enter")
    expect(page.locator(".st-key-launch_aside")).to_contain_text("--name 'my detector'")
    page.locator(".st-key-launch_button button").click()

    page.wait_for_url(re.compile("/live"))
    expect(page.locator(".dr-run")).to_contain_text("my detector")
    expect(page.locator(".dr-is-finished")).to_be_visible(timeout=240_000)
    for title, metric in [("mAP", "val_map"), ("mAP", "val_map50"), ("Loss", "val_loss"),
                          *((f"Loss: {word}", f"loss_{term}") for term, word in TERMS.items())]:
        until_script(page, f"asked => ({POINTS})(asked) > 0", arg=[title, metric])

    run = Store.open().runs.find("my detector")
    assert run.test_score is not None
    assert (run.config["image_size"], run.config["train_fraction"], run.config["epochs"]) == (64, 0.2, 2)
    page.locator(f".st-key-grid_on_{run.id} button:visible").click()
    expect(page.locator(".st-key-box_metrics [data-testid=stMetricValue]").first).to_have_text(
        f"{100 * run.test_score:.2f} %")
    page.wait_for_selector(CONFUSION)
    expect(page.locator(".stAlert")).to_have_count(0)


def _explore(page: Page, dashboard: str) -> None:
    """The pictures, those of a class, the distributions and the heat map of the scenes."""
    page.goto(f"{dashboard}/data?dataset=Scenes")
    expect(page.locator(".dr-boxes figure")).to_have_count(24, timeout=120_000)
    dataset = load_detection("Scenes")
    split, rarest = dataset.train.annotations, len(dataset.classes) - 1
    choose(page, f"sheet_class_{dataset.fingerprint}", dataset.classes[rarest])
    expect(page.locator(".dr-boxes figure")).to_have_count(min(24, len(set(split.picture[split.labels == rarest]))))
    page.get_by_role("radio", name="Boxes").click()
    bars = page.locator(".st-key-boxes_classes .chart[data-stamp]")
    train = bars.evaluate("chart => chart._fullData.find(bar => bar.uid === 'train').x.reduce((sum, x) => sum + x)")
    assert train == len(split)
    page.locator(".st-key-boxes_places .chart[data-stamp]").wait_for()
    page.get_by_role("radio", name="Suspects").click()
    empty = sum(int(each.without_boxes.sum()) for each in (dataset.train, dataset.test))
    expect(page.get_by_role("radio", name=f"No box · {empty}")).to_be_checked()
    expect(page.locator(".dr-boxes figcaption")).to_contain_text("no box")


def test_suspects_are_shown_with_their_picture(dashboard: str, page: Page, home: Path) -> None:
    cat, dog = ("cat", (2.0, 3.0, 12.0, 23.0)), ("dog", (20.0, 5.0, 38.0, 15.0))
    odd: dict[str, Shown] = many() | {"p00": [cat, ("dog", (50, 3, 60, 9))], "p01": [dog, dog]}
    root = voc(home / "own", odd, {"train": list(odd)[:14], "test": list(odd)[14:]})
    page.goto(f"{dashboard}/data?dataset=voc&folder={root}&view=Suspects")
    expect(page.locator("[data-picture='train 0'] .dr-focus")).to_have_count(1)
    expect(page.locator(".st-key-data_view")).to_contain_text("dog: 50, 3 to 60, 9 in a picture of 40 × 30")
    page.get_by_role("radio", name=re.compile("· 1$")).last.click()
    expect(page.locator("[data-picture='train 1'] .dr-focus")).to_have_count(2)


def test_the_errors_of_each_kind_and_of_a_cell(dashboard: str, page: Page, home: Path) -> None:
    store = Store.open()
    run = add_detection_run(store)
    results = load_detection_results(store, run)
    view = results.suppressed(0.5).at(0.5, 0.5)
    page.goto(f"{dashboard}/results?run={run.id}")
    for kind, (name, count) in KINDS.items():
        page.get_by_role("radio", name=f"{name} · {count}", exact=True).click()
        place = "object" if kind is Kind.MISSED else "detection"
        _expect_tiles(page, place, view.judgement.rows_of(kind).tolist())

    page.wait_for_selector(CONFUSION)
    true, predicted, count = view.confusion.most_confused()[0]
    click_cell(page, CONFUSION, true, predicted)
    expect(page.get_by_text(f"{view.classes[true]} detected as {view.classes[predicted]} · {count}")).to_be_visible()
    _expect_tiles(page, "detection", view.confusion.cell(true, predicted)[0].tolist())
    missed, background = int(view.confusion.counts[:-1, -1].argmax()), len(view.classes)
    click_cell(page, CONFUSION, missed, background)
    expect(page.get_by_text(f"{view.classes[missed]}, missed")).to_be_visible()
    _expect_tiles(page, "object", view.confusion.cell(missed, background)[1].tolist())


def test_moving_a_threshold_changes_figures_and_pictures(dashboard: str, page: Page, home: Path) -> None:
    store = Store.open()
    run = add_detection_run(store)
    results = load_detection_results(store, run)
    page.goto(f"{dashboard}/results?run={run.id}")
    score, nms = page.get_by_role("slider", name="Score"), page.get_by_role("slider", name="NMS")
    _expect_boxes(page, results.suppressed(0.5).at(0.5, 0.5))

    score.press("End")
    none = results.suppressed(0.5).at(1.0, 0.5)
    _expect_boxes(page, none)
    expect(page.get_by_role("radio", name=f"Missed · {none.totals.objects}")).to_be_visible()
    _expect_tiles(page, "object", none.judgement.rows_of(Kind.MISSED).tolist())

    page.get_by_text("By genus").click()
    legend = page.locator("[class*=st-key-box_pr_] .legendtext")
    expect(legend).to_have_text(["mean over classes", *results.genera])
    page.get_by_text("By genus").click()
    expect(legend).to_have_text(["mean over classes", *results.classes])

    score.press("Home")
    _expect_boxes(page, results.suppressed(0.5).at(LOWEST_SCORE, 0.5))
    nms.press("Home")
    fewer = results.suppressed(0.05).at(LOWEST_SCORE, 0.5)
    _expect_boxes(page, fewer)
    expect(page.get_by_role("radio", name="Duplicate · 0")).to_be_visible()
    expect(page.locator(".stAlert")).to_have_count(0)


def _expect_boxes(page: Page, view: View) -> None:
    """The figures come to be of as many boxes as the view has."""
    figure = page.locator(".st-key-view_metrics [data-testid=stMetric]").filter(has_text="Boxes")
    expect(figure.get_by_test_id("stMetricValue")).to_have_text(f"{view.totals.boxes:,}")


def _expect_tiles(page: Page, place: str, rows: list[int]) -> None:
    """The gallery comes to show exactly these objects or boxes, in this order."""
    until_script(page, """([place, rows]) => JSON.stringify(rows) === JSON.stringify(
        [...document.querySelectorAll('.dr-boxes figure')].map(figure => Number(figure.dataset[place])))""",
                 arg=[place, rows[:15]])
