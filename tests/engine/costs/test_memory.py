"""Peak memory predicted on fake tensors: against counting by hand, and what makes it more or less."""

from __future__ import annotations

from functools import cache

import pytest
import torch

import engine.costs.memory as memory
from engine.config import parse_config
from engine.costs.keys import SAVED, TRACKED, TRACKED_AS_ADAM, memory_key, memory_request


def predicted(**options: object) -> dict[str, int]:
    return _predicted(tuple(({"batch_size": 64} | options).items()), memory.MemTracker)


@cache
def _predicted(options: tuple[tuple[str, object], ...], _tracker: object) -> dict[str, int]:
    return memory.predict_memory(memory_request(parse_config(dict(options))))


def test_activations_grow_with_the_batch_and_weights_do_not() -> None:
    small, large = predicted(), predicted(batch_size=512)
    assert small["source"] == TRACKED
    assert small["weights"] == large["weights"] == 4 * 153_386
    assert small["optimizer"] == large["optimizer"] == pytest.approx(2 * 4 * 153_386, rel=1e-3)
    # A picture's saved maps: both sides of each ReLU share one tensor, each max-pool keeps its indices as int64.
    assert (large["training"] - small["training"]) / (512 - 64) == pytest.approx(131_000, rel=0.1)


def test_it_is_what_torchs_own_allocator_counts() -> None:
    config = parse_config({"batch_size": 256})
    shape = memory.Shape(10, 1, 32)
    trainee = memory._Trainee(config, shape, memory._built(config, shape))
    trainee.first_step()
    standing = 3 * memory._weight_bytes(trainee.model) + trainee.images.nbytes
    trainee.optimizer.zero_grad(set_to_none=True)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        trainee.step()
    events = sorted((event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"),
                    key=lambda event: event.start_ns())
    held = peak = 0
    for event in events:
        held += event.nbytes()
        peak = max(peak, held)
    assert predicted(batch_size=256)["training"] == pytest.approx(standing + peak, rel=0.12)


@pytest.mark.parametrize("options", [
    {"optimizer": "SGD"}, {"fine_tune": "head"}, {"accumulate": 4}, {"precision": "bf16"}, {"batch_size": 32},
], ids=str)
def test_what_needs_less(options: dict[str, object]) -> None:
    assert predicted(**options)["training"] < predicted()["training"]


def test_nothing_is_tested_in_less_than_single_precision() -> None:
    plain, mixed = predicted(), predicted(precision="bf16")
    assert plain["evaluation"] == mixed["evaluation"]


def test_a_moving_average_is_another_set_of_weights() -> None:
    assert predicted(ema_decay=0.9)["training"] - predicted()["training"] == 4 * 153_386


def test_without_the_tracker_saved_tensors_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    followed = predicted(batch_size=512)
    monkeypatch.setattr(memory, "MemTracker", None)
    saved = predicted(batch_size=512)
    assert saved["source"] == SAVED
    assert saved["training"] == pytest.approx(followed["training"], rel=0.25)


def test_an_optimizer_that_needs_real_numbers_is_taken_to_be_as_adam() -> None:
    found = predicted(optimizer="muon")
    assert (found["source"], found["optimizer"]) == (TRACKED_AS_ADAM, 2 * 4 * 153_386)


def test_the_key_tells_apart_what_matters_and_nothing_else() -> None:
    keys = {memory_key(memory_request(parse_config(options))) for options in (
        {}, {"batch_size": 65}, {"optimizer": "SGD"}, {"precision": "bf16"}, {"accumulate": 2}, {"stem": "standard"},
        {"lr": 0.1}, {"epochs": 3}, {"fine_tune": "head"}, {"seed": 4})}
    assert len(keys) == 6


def test_what_cannot_be_built_is_an_error_in_the_answer() -> None:
    request = memory_request(parse_config({}))
    assert "at least 32" in memory.predict_memory(request | {"size": 8})["error"]
