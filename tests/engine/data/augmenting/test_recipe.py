"""Operations of an augmentation: their order, their stages, and what they may not return."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.catalog.augmentations import AUGMENTATIONS, Augmentation, OperationRow
from engine.data.augmenting.recipe import Canvas, Operation
from engine.data.batches import TrainBatches
from engine.errors import UserError
from tests.engine.data.test_batches import MEAN, STD, images

ROWS = [row for augmentation in AUGMENTATIONS.values() for row in augmentation.operations]


@dataclass(frozen=True)
class Darker(Operation):
    """Each picture darker by its own number of levels, below ``most``."""

    most: int = 100

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Tensor:
        return torch.randint(self.most, (count,), generator=random)

    def apply(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        return (pictures.int() - drawn.int()[:, None, None, None]).clamp(min=0).byte()


class Negated(Operation):
    """Each normalised picture times its own sign; in its first row instead of a sign the size of the canvas."""

    normalised: ClassVar[bool] = True

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor]:
        return 1 - 2 * torch.randint(2, (count,), generator=random), torch.full((count,), canvas.size)

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        assert torch.equal(drawn[1], torch.full((len(pictures),), pictures.shape[-1]))
        return pictures * drawn[0][:, None, None, None]


class Faulty(Darker):
    """As the test has it."""

    drawing: ClassVar[Callable[[int], Any]]
    applying: ClassVar[Callable[[Tensor], Any]]

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Any:
        return type(self).drawing(count)

    def apply(self, pictures: Tensor, drawn: Tensor) -> Any:
        return type(self).applying(pictures)


def batches(*operations: OperationRow, channels: int = 3, **options: Any) -> TrainBatches:
    return TrainBatches(
        images(50, 8, channels), np.arange(50), batch_size=16, augmentation=Augmentation("", operations=operations),
        size=8, mean=MEAN[:channels], std=STD[:channels], seed=3, device="cpu", channels_last=True, flips=True,
        **options)


@pytest.mark.parametrize("row", ROWS, ids=[row.operation for row in ROWS])
def test_every_row_names_an_operation_that_takes_its_settings(row: OperationRow) -> None:
    assert isinstance(resolve_name(row.operation)(**row.settings), Operation)
    assert resolve_name(row.operation).row(**row.settings) == row


@pytest.mark.parametrize("channels", [1, 3])
def test_a_row_of_operations_is_drawn_in_order_and_applied_by_stage(channels: int) -> None:
    plain, varied = batches(channels=channels), batches(Negated.row(), Darker.row(most=50), channels=channels)
    (signs, _), levels = varied.draws(1).drawn
    assert isinstance(levels, Tensor) and len(signs.unique()) == 2 and len(levels.unique()) > 20
    assert torch.equal(varied.draws(1).order, plain.draws(1).order)
    mean, std = (torch.tensor(values[:channels])[:, None, None] for values in (MEAN, STD))
    before, after = (torch.cat([pictures for pictures, _ in made.epoch(1)]) for made in (plain, varied))
    darker = ((before * std + mean) * 255 - levels[:, None, None, None]).clamp(min=0)
    torch.testing.assert_close(after, (darker / 255 - mean) / std * signs[:, None, None, None], atol=1e-4, rtol=0)


@pytest.mark.parametrize("at_once", [8 * 8 * 3, 5 * 8 * 8 * 3, 1 << 19])
def test_each_picture_gets_its_own_rows_however_many_come_together(
    monkeypatch: pytest.MonkeyPatch, at_once: int,
) -> None:
    expected = list(batches(Darker.row()).epoch(0))
    monkeypatch.setattr("engine.data.augmenting.recipe._AT_ONCE", at_once)
    for (found, _), (pictures, _) in zip(batches(Darker.row()).epoch(0, 2), expected[2:], strict=True):
        assert torch.equal(found, pictures)


@pytest.mark.parametrize(("drawn", "named"), [
    (lambda count: torch.zeros(count - 1), r"float32 \[49\] on cpu"),
    (lambda count: torch.tensor(1), r"int64 \[\] on cpu"),
    (lambda count: (torch.zeros(count), torch.zeros(3, 2)), r"float32 \[3, 2\] on cpu"),
    (lambda count: [0.5] * count, "a list"), (lambda count: None, "a NoneType"),
])
def test_draws_without_a_row_for_each_picture_are_refused(
    monkeypatch: pytest.MonkeyPatch, drawn: Callable[[int], Any], named: str,
) -> None:
    monkeypatch.setattr(Faulty, "drawing", drawn, raising=False)
    with pytest.raises(UserError, match=rf"^augmentation operation Faulty\.draw returned {named}; expected a tensor "
                                        r"\[50, …\] on the CPU, a row for each picture of the epoch, or a tuple"):
        batches(Faulty.row()).draws(0)


@pytest.mark.parametrize(("applied", "named"), [
    (lambda pictures: pictures.float(), r"float32 \[16, 3, 8, 8\] on cpu"),
    (lambda pictures: pictures[:, :1], r"uint8 \[16, 1, 8, 8\] on cpu"),
    (lambda pictures: pictures[:-1], r"uint8 \[15, 3, 8, 8\] on cpu"),
    (lambda pictures: pictures.numpy(), "a ndarray"), (lambda pictures: None, "a NoneType"),
])
def test_pictures_of_another_form_are_refused(
    monkeypatch: pytest.MonkeyPatch, applied: Callable[[Tensor], Any], named: str,
) -> None:
    monkeypatch.setattr(Faulty, "drawing", torch.zeros, raising=False)
    monkeypatch.setattr(Faulty, "applying", applied, raising=False)
    with pytest.raises(UserError, match=rf"^augmentation operation Faulty\.apply returned {named}; expected uint8 "
                                        r"\[16, 3, 8, 8\] on cpu, as it was given$"):
        next(batches(Faulty.row()).epoch(0))


@pytest.mark.parametrize(("row", "why"), [
    (Darker.row(moost=5), "TypeError: .*unexpected keyword argument 'moost'"),
    (OperationRow(f"{__name__}:Darkest", {}), "AttributeError: .*no attribute 'Darkest'"),
    (OperationRow("engine.data.augmenting.gone:Fog", {}), "ModuleNotFoundError: No module named"),
    (Operation.row(), "TypeError: Can't instantiate abstract class"),
])
def test_a_row_that_makes_no_operation_is_named(row: OperationRow, why: str) -> None:
    settings = ", ".join(f"{name}={value}" for name, value in row.settings.items())
    named = re.escape(f"augmentation operation {row.operation}({settings}) cannot be made: ")
    with pytest.raises(UserError, match=f"^{named}{why}"):
        batches(row)
