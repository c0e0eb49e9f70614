"""Grids, YAML and spellings."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import MOST, LargeGridError, expand_grid, load_yaml, parse_config
from engine.config.steps import pictures_per_epoch, steps_per_epoch, training_pictures
from engine.data import load_dataset
from engine.data.split import run_split
from engine.errors import ConfigError, UserError


def test_comma_lists_make_every_combination_and_names_tell_them_apart() -> None:
    runs = expand_grid({"lr": "0.1, 0.01", "optimizer": "SGD,Adam", "name": "probe", "tags": "a, b"})
    assert [(run.lr, run.optimizer) for run in runs] == [(0.1, "SGD"), (0.1, "Adam"), (0.01, "SGD"), (0.01, "Adam")]
    assert runs[0].name == "probe_lr0.1_optimizerSGD" and len({run.name for run in runs}) == 4
    assert all(run.tags == ("a", "b") for run in runs)


@pytest.mark.parametrize(("text", "seeds"), [
    ("0-4", [0, 1, 2, 3, 4]), ("7, 1-2", [7, 1, 2]), ("3-3", [3]),
])
def test_a_range_of_seeds_is_written_out(text: str, seeds: list[int]) -> None:
    assert [config.seed for config in expand_grid({"seed": text})] == seeds


@pytest.mark.parametrize("text", ["4-0", "-1", "0-999999999"])
def test_what_is_no_range_of_seeds_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="seed"):
        expand_grid({"seed": text})


def test_a_large_grid_is_counted_and_must_be_confirmed() -> None:
    many = ",".join(map(str, range(1, 400)))
    with pytest.raises(LargeGridError, match=r"make 63,521,199 runs: shorten them to 10,000"):
        expand_grid({"seed": many, "batch_size": many, "epochs": many}, confirmed=MOST)
    with pytest.raises(LargeGridError, match=r"make 201 runs: more than 200 must be confirmed"):
        expand_grid({"seed": ",".join(map(str, range(201)))})
    assert len(expand_grid({"seed": ",".join(map(str, range(201)))}, confirmed=201)) == 201


def test_a_proposed_name_is_told_apart_by_what_it_does_not_say() -> None:
    names = [run.name for run in expand_grid({"lr": "0.1, 0.01", "optimizer": "SGD,Adam", "seed": "1"})]
    assert names[:2] == ["10_tinyvgg_a_default_SGD_lr0.1", "10_tinyvgg_a_default_Adam_lr0.1"]
    assert len(set(names)) == 4


def test_combinations_that_compute_the_same_are_launched_once() -> None:
    runs = expand_grid({"optimizer": "SGD, Adam", "momentum": "0.5, 0.9"})
    assert [(run.optimizer, run.momentum) for run in runs] == [("SGD", 0.5), ("SGD", 0.9), ("Adam", 0.9)]


def test_a_grid_over_what_is_no_part_of_the_result_keeps_every_run() -> None:
    runs = expand_grid({"device": "auto, cpu", "keep_checkpoints": "best and last, all"})
    assert len({(run.device, run.keep_checkpoints) for run in runs}) == 4


def test_an_empty_item_or_one_bad_combination_refuses_the_grid() -> None:
    with pytest.raises(ConfigError, match="empty items"):
        expand_grid({"lr": "0.1,,0.2"})
    with pytest.raises(ConfigError, match=r"lr: .* is not a list with at least one value"):
        expand_grid({"lr": []})
    with pytest.raises(ConfigError, match="greater than 0"):
        expand_grid({"lr": "0.1, 0"})


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(UserError, match="batch_size"):
        parse_config({"batchsize": 3})


def test_a_part_of_a_model_s_name_finds_those_that_hold_it() -> None:
    with pytest.raises(UserError, match="nearest: efficientnet_lite0, tf_efficientnet_lite0"):
        parse_config({"model": "lite0"})


@pytest.mark.parametrize(("content", "words"), [
    ("a: [", "not YAML"), ("- 1\n- 2", "lines like"), ("lrr: 1", "nearest: lr")])
def test_bad_yaml_is_a_one_line_error(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(UserError, match=words) as caught:
        load_yaml(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        load_yaml(tmp_path / "none.yaml")


def test_a_yaml_list_is_a_grid(tmp_path: Path) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text("learning-rate: [0.1, 0.2]\nmodel-name: tinyvgg_a\n")
    assert [run.lr for run in expand_grid(load_yaml(path))] == [0.1, 0.2]


def test_a_number_is_the_text_of_an_option_that_may_be_one() -> None:
    config = parse_config({"augmentation": "vgg", "train_scale": 40, "test_scale": 36})
    assert (config.train_scale, config.test_scale) == ("40", "36")


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.25, 0.3, 0.33, 0.5])
@pytest.mark.parametrize("learnt", [1.0, 0.5, 0.1, 0.001])
def test_pictures_are_counted_as_the_split_divides_them(fraction: float, learnt: float, home: Path) -> None:
    dataset = load_dataset("Digits")
    config = parse_config({"val_fraction": fraction, "train_fraction": learnt, "batch_size": 8})
    training, _ = run_split(dataset.train_targets, config, dataset.classes)
    assert training_pictures(config) == len(training)


def test_equal_steps_are_those_of_the_whole_training_part() -> None:
    whole = parse_config({"batch_size": 64})
    less = parse_config({"batch_size": 64, "train_fraction": 0.1})
    equal = parse_config({"batch_size": 64, "train_fraction": 0.1, "equal_steps": "yes"})
    assert steps_per_epoch(whole) == steps_per_epoch(equal) == 21 and steps_per_epoch(less) == 3
    assert pictures_per_epoch(equal) == training_pictures(whole) and training_pictures(equal) == 130


@pytest.mark.parametrize(("key", "value"), [
    ("weight_decay", "0,0005"), ("lr", "1,5e-4"), ("dropout", "0,1"), ("lr", "0,1,0,01")])
def test_a_list_that_reads_like_a_decimal_comma_is_refused_with_both_readings(key: str, value: str) -> None:
    with pytest.raises(UserError, match=r"with decimal points, or .* with spaces for a list") as refused:
        expand_grid({key: value})
    assert value.replace(",", ".", 1).split(",")[0] in str(refused.value)


def test_lists_of_decimals_and_of_whole_numbers_stay_lists() -> None:
    assert [run.weight_decay for run in expand_grid({"weight_decay": "0, 1"})] == [0, 1]
    assert [run.batch_size for run in expand_grid({"batch_size": "32,64"})] == [32, 64]
    assert [run.lr for run in expand_grid({"lr": "0.1,1"})] == [0.1, 1]
