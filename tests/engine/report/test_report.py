"""A report of a study: every number in it is the store's, in one file that fetches nothing."""

from __future__ import annotations

import io
import json
import math
import re
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageColor

from engine.analysis.doctor import Finding
from engine.analysis.reading import read_study
from engine.cli.main import main
from engine.config import parse_options
from engine.errors import UserError
from engine.report.boxes import PREDICTED_COLOUR, TRUE_COLOUR, wrong_boxes
from engine.report.document import _finding, report_of
from engine.report.galleries import SIDE
from engine.report.render import to_html_page, to_latex_page, to_markdown_page
from engine.store import Recorder, Store
from engine.study.study import Study
from engine.study.versions import Studies
from tests import fake_detections as fake
from tests.fake_detections import add_detection_run
from tests.fake_studies import run_all

DECLARED: dict[str, Any] = {
    "name": "tiny <study>", "question": "Does a crop | flip help?", "seeds": [0, 1, 2],
    "settings": {"dataset": "Digits", "epochs": 2}, "factors": {"augmentation": ["default", "weak"]},
    "hypotheses": [{"name": "H1", "claim": "It helps.", "kind": "difference",
                    "between": {"augmentation": ["weak", "default"]}}],
}
STUDY = Study.model_validate(DECLARED)
WRONG = {"default": (40, 44, 42), "weak": (10, 12, 11)}
"""Of Digits' 360 test pictures, so many are wrong, by augmentation and seed."""


@pytest.fixture
def store(home: Path) -> Store:
    opened = Store.open()
    Studies(opened).save(STUDY)
    run_all(opened, STUDY, {(label,): counts for label, counts in WRONG.items()})
    return opened


def test_a_report_holds_verdict_tables_curves_pictures_and_environment(store: Store) -> None:
    page = to_html_page(report_of(store, STUDY.name))
    reading = read_study(store, STUDY)
    absolute = reading.judgements[0].parts[0].contrasts[0].absolute
    assert absolute is not None and absolute.value == pytest.approx(31 / 360)
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    assert "H1 is supported" in text and "+8.61 points" in text and "declared before the first result" in text
    for said in ("3/3", "exact McNemar", "torch", "abcdef0123", "6 min 6 s"):
        assert said in text
    assert "tiny <study>" in text and page.count("<svg") == 3 and page.count("data:image/png") == 26
    assert not re.findall(r"""(?:src|href)=["']?https?:|@import|<script""", page)


def test_a_korean_report_says_the_same_numbers(store: Store) -> None:
    english, korean = (to_markdown_page(report_of(store, STUDY.name, language))[0] for language in ("en", "ko"))
    numbers = re.compile(r"\[[+−\d.]+ (?:points|%p), [+−\d.]+")
    assert "## 결과 요약" in korean and "지지" in korean
    assert [found.replace("%p", "points") for found in numbers.findall(korean)] == numbers.findall(english) != []


def test_markdown_shows_pictures_that_lie_beside_it(store: Store) -> None:
    text, pictures = to_markdown_page(report_of(store, STUDY.name), "beside")
    assert set(re.findall(r"\]\((beside/[^)\s]+)", text)) == set(pictures)
    assert "| augmentation | default, weak |" in text
    latex = to_latex_page(report_of(store, STUDY.name))
    assert r"\item[{H1}]" in latex and r"\toprule" in latex and "|" not in latex.split(r"\maketitle")[0]


def test_a_run_kept_out_is_marked_and_told(store: Store) -> None:
    run = next(run for run in store.runs.list() if run.config["augmentation"] == "weak")
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(15, {"train_loss": math.nan}, 3)
    page = to_html_page(report_of(store, STUDY.name))
    assert "3/3†" in page and "excluded from verdicts)" in page


def test_the_terminal_writes_reports_and_tells_verdicts(store: Store, tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "report", STUDY.name, "--format", "md", "--output", str(tmp_path / "r.md"), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert files[0] == str(tmp_path / "r.md") and all(Path(file).stat().st_size for file in files) and len(files) > 20
    assert main(["study", "verdicts", STUDY.name]) == 0
    assert "H1 is supported" in capsys.readouterr().out
    for words, complaint in ((["report", STUDY.name, "--format", "pdf"], "format: 'pdf' is not one of html, md, latex"),
                             (["report", STUDY.name, "--language", "fr"], "language: 'fr' is not one of en, ko"),
                             (["verdicts", "none"], "no study 'none'")):
        assert main(["study", *words]) == 2
        assert complaint in capsys.readouterr().err


DETECTED = Study.model_validate({
    "name": "boxes", "seeds": [0, 1], "metric": "map", "settings": {"dataset": "Scenes", "data_path": "", "epochs": 2},
    "factors": {"mode": {"head": {"fine_tune": "head"}, "full": {"fine_tune": "all"}}},
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"mode": ["full", "head"]}}],
    "tables": [{"rows": ["mode"], "metrics": ["map", "map50", "map75"], "as_fractions": True}],
})


@pytest.fixture
def detected(scenes: None) -> Store:
    opened = Store.open()
    Studies(opened).save(DETECTED)
    for mode, seed in product(("head", "all"), DETECTED.seeds):
        add_detection_run(opened, fine_tune=mode, seed=seed)
    return opened


def test_a_report_on_detectors_shows_boxes_and_nothing_that_only_classifiers_have(detected: Store) -> None:
    report = report_of(detected, "boxes")
    assert [plot.title for plot in report.curves] == ["mAP (validation)", "training loss"]
    assert not report.checkpoints and [len(gallery.pictures) for gallery in report.galleries] == [9, 9]
    shown = report.galleries[0].pictures
    missed = fake.MISSED + fake.MISPLACED
    assert [picture.confidence > "50%" for picture in shown] == [True] * fake.WRONG + [False] * missed
    assert {picture.predicted for picture in shown if not picture.confidence} == {"background"}
    for page in (to_html_page(report), *to_markdown_page(report)[:1], to_latex_page(report)):
        text = unescape(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
        assert "mAP@50" in text and "boxes" in text
        assert not re.search(r"accuracy|McNemar|Top-1", text)
    assert "data_path" not in dict(report.design)["Settings that all runs share"]


@pytest.mark.parametrize("colour", [TRUE_COLOUR, PREDICTED_COLOUR])
def test_what_is_there_and_what_was_said_are_drawn_where_they_are(detected: Store, colour: str) -> None:
    run = detected.runs.list()[0]
    drawn = ImageColor.getrgb(colour)
    for picture in wrong_boxes(detected, run, 16):
        if (colour == TRUE_COLOUR and picture.true == "background") \
                or (colour == PREDICTED_COLOUR and picture.predicted == "background"):
            continue
        image = np.asarray(Image.open(io.BytesIO(picture.content)))
        rows, columns = np.nonzero((image == drawn).all(axis=2))
        assert max(image.shape) == SIDE and len(rows) > 40, picture.true
        assert np.ptp(rows) > 20 and np.ptp(columns) > 20


def test_pictures_that_have_changed_since_are_not_shown_under_old_boxes(detected: Store) -> None:
    run = detected.runs.list()[0]
    detected.runs.update(run.id, dataset_fingerprint="of other files")
    with pytest.raises(UserError, match="have changed since this run"):
        wrong_boxes(detected, detected.runs.get(run.id), 16)


def test_every_contrast_is_a_row_of_markdown_and_its_plot_is_none(store: Store) -> None:
    lines = to_markdown_page(report_of(store, STUDY.name), "beside")[0].splitlines()
    row = next(place for place, line in enumerate(lines) if line.startswith("| augmentation weak − default |"))
    assert lines[row].count("|") == lines[row - 1].count("|") and not lines[row + 1]
    assert lines[row + 2].startswith("![H1](")
    assert {"## Errors", "## Findings of the doctor"} <= set(lines)
    caption = "misclassified pictures with the highest confidence"
    assert [line for line in lines if caption in line and line.startswith("!")] == []


def test_a_study_of_several_sets_is_ranked_in_every_format_and_sealed(home: Path) -> None:
    opened = Store.open()
    sets = Study.model_validate({"name": "sets", "seeds": [], "factors": {
        "dataset": {f"s{number}": "Digits" for number in range(6)},
        "model": {"a": "vgg11", "b": "vgg13", "c": "vgg16"}}})
    Studies(opened).launched(sets)
    for place, cell in enumerate(sets.cells):
        levels = dict(zip(sets.factors, cell, strict=True))
        run = opened.runs.create(parse_options({"name": f"r{place}"}), status="finished", environment={},
                                 git_commit=None, git_dirty=False, origin={"study": "sets", "levels": levels})
        top1 = 0.9 - 0.1 * "abc".index(cell[1])
        opened.evaluations.add(run.id, "best", "test", {"top1": top1}, run.folder / "none.npz", "")
    seal = Studies(opened).versions("sets")[0].seal
    for language, said in (("en", "On these 6 sets only"), ("ko", "이 6개 집합")):
        report = report_of(opened, "sets", language)
        page, (text, pictures) = to_html_page(report), to_markdown_page(report)
        for made in (page, text, to_latex_page(report)):
            assert said in made and "3.00" in made
        assert any(b"<circle" in content for content in pictures.values()) and "<circle" in page
        assert seal and seal.sha256 in page and seal.sha256 in text
    lines = text.splitlines()
    row = next(place for place, line in enumerate(lines) if line.startswith("| a |"))
    assert lines[row].count("|") == lines[row - 1].count("|") == lines[row - 2].count("|") == 12


def test_findings_that_differ_in_figures_are_one_line() -> None:
    alike = [Finding(run, "leaks", f"{run} of 10 test pictures leak", False) for run in (3, 4, 5)]
    names = {3: "a #3", 4: "b #4", 5: "c #5"}
    assert _finding(alike, names, None, "en") == "a #3 and 2 more (figures of the first): 3 of 10 test pictures leak"
    assert _finding(alike[:1], names, "known", "en") == "a #3: 3 of 10 test pictures leak (acknowledged: known)"
    assert _finding(alike, names, None, "ko").startswith("a #3 외 2개(수치는 첫 실행): ")
