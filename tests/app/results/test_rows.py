"""Figures stand in rows of about the same length."""

from __future__ import annotations

import pytest

from app.results.classes import in_a_row


@pytest.mark.parametrize(("figures", "row"), [(1, 1), (10, 10), (11, 6), (13, 7), (20, 10), (21, 7)])
def test_no_figure_is_alone_in_its_row(figures: int, row: int) -> None:
    assert in_a_row(figures) == row
