"""The data page: pictures, parts, duplicates, statistics, and what the network sees."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import app.data.audit
import app.data.batch
from engine.data import Dataset, load_dataset
from engine.data.audits.audit import Audit, audit
from engine.data.audits.duplicates import Copies
from engine.errors import UserError
from engine.store import Store
from tests.app_tests import assert_calm, mistakes, open_page, shown
from tests.fake_runs import add_run

Asked = list[dict[str, Any]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the page asks of its job, which answers without a process and without torch."""
    requests: Asked = []

    def run_job(name: str, request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        pictures = np.zeros((60, 32, 32, 1), np.uint8)
        np.savez(Path(request["folder"]) / "pictures.npz", seen=pictures, originals=pictures[:, :8, :8])
        return {"ids": list(range(60)), "labels": [[["3", 0.72], ["8", 0.28]]] * 60,
                "sources": [[place, (place - 1) % 60] for place in range(60)], "steps": 21,
                "low": -0.8, "high": 1.8, "mean": 0.0, "std": 1.0, "channel_mean": [0.3], "channel_std": [0.4]}

    monkeypatch.setattr(app.data.batch, "run_job", run_job)
    monkeypatch.setattr(app.data.batch, "ensure_dispatcher", lambda: None)
    return requests


def _view(name: str, **query: str) -> AppTest:
    page = open_page("data", {"dataset": "Digits", "data_shown": name}, **query)
    assert_calm(page)
    return page


def test_opens_with_a_line_of_pictures_for_every_class(store: Store) -> None:
    page = open_page("data", {"dataset": "Digits"})
    assert_calm(page)
    text = shown(page)
    assert "8 × 8 px, grey" in text
    assert load_dataset("Digits").fingerprint in text
    assert 'data-classes="10"' in text
    assert "142 train · 36 test" in text


def test_others_are_other_pictures(store: Store) -> None:
    page = open_page("data", {"dataset": "Digits"})
    before = re.findall(r"train picture \d+", shown(page))
    page.button(key="sheet_shuffle").click().run()
    assert re.findall(r"train picture \d+", shown(page)) != before


def test_one_class_is_paged_and_shows_nothing_else(store: Store) -> None:
    page = open_page("data", {"dataset": "Digits"})
    dataset = load_dataset("Digits")
    page.selectbox(key=f"sheet_class_{dataset.fingerprint}").set_value(7).run()
    assert_calm(page)
    places = [int(place) for place in re.findall(r"<span>(\d+)</span>", shown(page))]
    assert len(places) == 96
    assert set(dataset.train_targets[places]) == {7}


def test_a_data_set_that_is_missing_says_how_to_get_it(store: Store) -> None:
    page = open_page("data", {"dataset": "CIFAR10", "folder": str(store.path.parent)})
    assert_calm(page)
    assert "CIFAR10 is not downloaded yet" in shown(page)
    assert page.button(key="data_get")


def test_parts_follow_the_fractions_and_seed(store: Store) -> None:
    page = _view("Parts")
    assert [metric.value for metric in page.metric] == ["1,293", "144", "360"]
    assert "No picture is in two splits" in shown(page)
    page.text_input(key="parts_train_fraction").set_value("0.5").run()
    assert [metric.label for metric in page.metric] == ["Train", "Validation", "Left out", "Test"]
    assert "is a subset of the larger ones" in shown(page)
    page.text_input(key="parts_val_fraction").set_value("2").run()
    assert_calm(page)
    assert "Validation fraction: '2' is out of bounds" in mistakes(page)[0]


def test_no_duplicates_are_said_to_be_none(store: Store) -> None:
    assert "No exact duplicates among 1,797 pictures" in shown(_view("Duplicates"))


def test_duplicates_are_shown_with_their_places_and_found_between_parts(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = (Copies((0, 5), (), (3, 8)), Copies((7,), (2,), (1,)))

    def planted(dataset: Dataset) -> Audit:
        found = audit(dataset)
        return Audit(found.train, found.test, copies)

    monkeypatch.setattr(app.data.audit, "audit", planted)
    app.data.audit._audited.clear()
    page = _view("Duplicates")
    assert [metric.value for metric in page.metric] == ["1", "0", "1", "1"]
    assert "3 ≠ 8" in shown(page)
    assert "train 0, 5" in shown(page)
    page.segmented_control[-1].set_value("In training and test").run()
    assert "3 ≠ 8" not in shown(page)
    assert "are in several splits: scores there partly measure memorisation" in shown(_view("Parts"))
    app.data.audit._audited.clear()


def test_statistics_show_means_and_extremes(store: Store) -> None:
    text = shown(_view("Statistics"))
    assert "Darkest" in text
    assert 'data-count="10"' in text


def test_the_batch_is_that_of_the_launch_form_until_changed(store: Store, asked: Asked) -> None:
    page = open_page("launch")
    page.selectbox(key="launch_mixing").set_value("cutmix").run()
    page.session_state["data_shown"] = "What the network sees"
    page.switch_page("../pages/data.py").run()
    assert_calm(page)
    assert asked[-1]["config"]["mixing"] == "cutmix"
    assert "3 0.72" in shown(page)
    assert "train picture 0 with 59" in shown(page)
    page.selectbox(key="seen_mixing").set_value("none").run()
    assert "mixing" not in asked[-1]["config"]
    assert asked[-1]["epoch"] == 0
    page.button(key="icon_seen_next").click().run()
    assert asked[-1]["epoch"] == 1


def test_a_run_lends_its_options(store: Store, asked: Asked) -> None:
    run = add_run(store, augmentation="weak", batch_size=32, seed=5)
    page = _view("What the network sees")
    page.selectbox(key="seen_run").set_value(run.id).run()
    assert_calm(page)
    assert {"augmentation": "weak", "batch_size": 32, "seed": 5}.items() <= asked[-1]["config"].items()


def test_a_mistake_and_a_job_that_fails_are_one_line(store: Store, asked: Asked,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    page = _view("What the network sees")
    page.text_input(key="seen_batch_size").set_value("many").run()
    assert "batch\\_size" in page.error[0].value

    def fails(name: str, request: object) -> None:
        raise UserError("preview: its process was killed")

    monkeypatch.setattr(app.data.batch, "run_job", fails)
    page.text_input(key="seen_batch_size").set_value("17").run()
    assert "was killed" in page.error[0].value
    assert not page.exception


def test_the_options_go_into_the_launch_form(store: Store, asked: Asked) -> None:
    page = _view("What the network sees")
    page.selectbox(key="seen_mixing").set_value("mixup").run()
    page.button(key="seen_use").click().run()
    assert page.selectbox(key="launch_mixing").value == "mixup"
    assert page.selectbox(key="launch_dataset").value == "Digits"
    assert_calm(page)


def test_a_folder_tells_its_notes_and_what_cannot_be_read(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own"
    for place, name in enumerate(["cat", "dog"] * 10):
        (own / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), place, np.uint8)).save(own / name / f"{place}.png")
    (own / "cat" / "broken.png").write_bytes(b"no picture")
    page = open_page("data", {"dataset": "folder", "folder": str(own)})
    assert_calm(page)
    assert "8 × 8 px, colour" in shown(page)
    assert "cat/broken.png" in page.code[0].value
    page = open_page("data", {"dataset": "folder", "folder": str(tmp_path / "nowhere")})
    assert_calm(page)
    assert "Where are your pictures?" in shown(page)
    assert not page.get("button")


def test_choosing_another_data_set_forgets_the_folder(store: Store, tmp_path: Path) -> None:
    page = open_page("data", {"dataset": "CIFAR10", "folder": str(tmp_path)})
    page.selectbox(key="dataset").set_value("Digits").run()
    assert page.text_input(key="folder").value == ""
    assert 'data-classes="10"' in shown(page)


def test_pictures_read_as_needed_are_looked_at_like_others(
        store: Store, tmp_path: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.readers.pictures.MEMORY_BUDGET", 0)
    for place, name in enumerate(["cat", "dog"] * 20):
        (tmp_path / "own" / name).mkdir(parents=True, exist_ok=True)
        picture = np.full((8, 8, 3), place if place < 39 else 0, np.uint8)
        Image.fromarray(picture).save(tmp_path / "own" / name / f"{place}.png")
    own = str(tmp_path / "own")
    for view in ("Pictures", "Parts", "Duplicates", "Statistics"):
        page = open_page("data", {"dataset": "folder", "folder": own, "data_shown": view})
        assert_calm(page)
        assert "read on demand" in shown(page)
    assert "cat ≠ dog" in shown(open_page("data", {"dataset": "folder", "folder": own, "data_shown": "Duplicates"}))


def test_a_page_of_the_address_is_opened_without_a_warning(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    page = open_page("data", dataset="Digits", **{"class": "3", "page": "2"})
    assert_calm(page)
    turned = page.get("pagination")[0]
    assert turned.value == 2 and "page" in page.query_params
    turned.set_value(1).run()
    assert page.get("pagination")[0].value == 1 and "page" not in page.query_params
    assert "created with a default value" not in caplog.text
