"""A study is read from YAML as people write it, and written so that it reads back the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.study.check import check_study
from engine.study.configs import cell_config
from engine.study.document import KEY_COMMENTS, dump_study, load_study, parse_study
from engine.study.study import Study

TEXT = """
name: mixed
question: Does it help?
factors:
  augmentation: [default, weak]
  weights: {no: scratch, yes: pretrained}
  model:
    ResNet: {model: resnet18, stem: cifar}
    ViT: vit_tiny_patch16_224
  train_fraction: [1.0, 0.1]
leave_out:
  - {model: ViT, train_fraction: 0.1}
settings: {epochs: 2, image-size: 32}
adjust:
  - when: {weights: yes}
    set: {lr: 0.0001}
hypotheses:
  - {name: H1, claim: It does., kind: difference, between: {augmentation: [weak, default]}, at: {weights: no}}
"""


def test_what_is_written_reads_back_the_same() -> None:
    study = parse_study(TEXT)
    check_study(study)
    assert study.factor("weights").labels == ("no", "yes") and study.hypotheses[0].at == {"weights": ("no",)}
    for commented in (False, True):
        assert parse_study(dump_study(study, commented=commented)) == study


def test_it_is_written_in_as_few_words_as_it_can_be() -> None:
    text = dump_study(parse_study(TEXT))
    assert "augmentation: [default, weak]" in text and "train_fraction: [1.0, 0.1]" in text
    assert "model: vit_tiny_patch16_224" in text and "margin" not in text


def test_every_key_is_explained_once_in_the_order_of_the_study() -> None:
    assert list(KEY_COMMENTS) == list(Study.model_fields)
    text = dump_study(parse_study(TEXT), commented=True)
    assert text.count("\n# ") == len([line for line in text.splitlines() if line[:1] not in (" ", "#", "", "-")]) - 1


def test_places_are_found_from_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("name: own\nfactors:\n  who: {a: {data_path: a}, b: {data-path: /b}}\n  lr: [0.1, 0.2]\n"
                    "settings: {dataset: npy}\n")
    study = load_study(path)
    assert cell_config(study, ("a", "0.1"), 0).data_path == str(tmp_path.resolve() / "a")
    assert cell_config(study, ("b", "0.1"), 0).data_path == "/b"


@pytest.mark.parametrize(("text", "message"), [
    ("name: x", "factors: is missing"),
    ("- a", "must be a mapping with lines such as"),
    ("name: [", "study: not YAML"),
    ("name: x\nfactors: {lr: [1, 2]}\nhypothesis: []", "hypothesis: no such key; nearest: hypotheses"),
    ("name: x\nfactors: {lr: [1, 2]}\nseeds: [a]", "seeds: 0: 'a' is not a whole number"),
    ("name: x\nfactors: {lr: [1, 2]}\nmargin: -1", "margin: -1 is not at least 0"),
    ("name: a/b\nfactors: {lr: [1, 2]}", "name: 'a/b' is not a valid name; use one without slash"),
    ("name: x\nfactors: {lr: [1, 2]}\nhypotheses: [{name: H2, kind: trend}]", "hypotheses: H2: over: is missing"),
    ("name: x\nfactors: {lr: [1, 2]}\nhypotheses: [{name: H2, kind: trend, ovre: lr}]",
     "hypotheses: H2: ovre: no such key; nearest: over"),
    ("name: x\nfactors: {lr: 0.1}", "factors: lr: 0.1 is not"),
    ("name: x\nfactors: {lr: [1, 2]}\ntables: [{title: Best, digits: 9}]", "tables: Best: digits: 9 is not at most 6"),
])
def test_what_cannot_be_read_is_told_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_study(text)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        load_study(tmp_path / "none.yaml")
