"""Amounts as people and spreadsheets write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.amounts import parse_amount
from core.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("4.20", "4.20"),
        ("4,20", "4.20"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("€ 8.00", "8.00"),
        ("8.00 EUR", "8.00"),
        ("1'234.50", "1234.50"),
        ("0", "0"),
        (".5", "0.5"),
        ("1.234", "1.234"),
    ],
)
def test_an_amount_is_read_as_it_was_meant(text: str, amount: str) -> None:
    assert parse_amount(text, "the cost") == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "Type the cost"),
        ("1,234", "may be 1234 or 1.234"),
        ("-4", "no amount"),
        ("abc", "no amount"),
        ("4.2.0", "no amount"),
        ("1e9", "no amount"),
        ("NaN", "no amount"),
        ("٤", "no amount"),
        ("9" * 13, "too large"),
        ("0.1234567", "too exact"),
    ],
)
def test_an_unclear_amount_is_refused_with_its_cure(text: str, cure: str) -> None:
    with pytest.raises(InvalidInput, match=cure):
        parse_amount(text, "the cost")
