"""Money is split without losing a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulator.shop.amounts import part_of, rounded, split, taxes_on

CENTS = st.integers(0, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


@given(total=CENTS, weights=st.lists(CENTS, min_size=1, max_size=12))
def test_shares_of_a_discount_always_sum_to_it(total: Decimal, weights: list[Decimal]) -> None:
    shares = split(total, weights, "EUR")
    assert sum(shares) == (total if any(weights) else 0)
    assert all(share == share.quantize(Decimal("0.01")) for share in shares)


@given(total=CENTS, weights=st.lists(CENTS.filter(bool), min_size=1, max_size=12))
def test_no_share_is_a_whole_cent_away_from_its_fair_part(total: Decimal, weights: list[Decimal]) -> None:
    fair = [total * weight / sum(weights) for weight in weights]
    shares = split(total, weights, "EUR")
    assert all(abs(share - part) < Decimal("0.01") for share, part in zip(shares, fair, strict=True))


def test_a_leftover_cent_goes_to_the_share_that_rounding_lowered_most() -> None:
    thirds = split(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)], "EUR")
    assert thirds == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert split(Decimal("1.00"), [Decimal(2), Decimal("0.99")], "EUR") == [Decimal("0.67"), Decimal("0.33")]


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("8.405", "EUR", "8.41"),
        ("8.415", "EUR", "8.42"),
        ("-8.405", "EUR", "-8.41"),
        ("8.4049", "EUR", "8.40"),
        ("909.5", "JPY", "910"),
        ("0.0005", "KWD", "0.001"),
        ("99999999999999999.994", "EUR", "99999999999999999.99"),
    ],
)
def test_an_amount_is_rounded_to_whole_minor_units_and_a_half_goes_away_from_zero(
    amount: str, currency: str, expected: str
) -> None:
    """Like Shopify's money library, and unlike ours: a difference between the two shows as a wrong figure."""
    assert str(rounded(Decimal(amount), currency)) == expected


def test_a_currency_without_cents_is_split_into_whole_units() -> None:
    assert split(Decimal(100), [Decimal(1), Decimal(1), Decimal(1)], "JPY") == [Decimal(34), Decimal(33), Decimal(33)]
    assert split(Decimal("0.100"), [Decimal(1), Decimal(2)], "KWD") == [Decimal("0.033"), Decimal("0.067")]


@given(amount=CENTS, units=st.integers(1, 20), cut=st.integers(0, 20))
def test_parts_of_a_line_sum_to_the_line_however_it_is_returned(amount: Decimal, units: int, cut: int) -> None:
    first = min(cut, units)
    parts = part_of(amount, 0, first, units, "EUR") + part_of(amount, first, units - first, units, "EUR")
    assert parts == amount


def test_tax_is_on_top_or_inside_as_the_shop_prices() -> None:
    rates = (("State", Decimal("0.06")), ("City", Decimal("0.015")))
    on_top = taxes_on(Decimal("100.00"), rates, included=False, currency="USD")
    assert [tax.amount for tax in on_top] == [Decimal("6.00"), Decimal("1.50")]
    inside = taxes_on(Decimal("119.00"), (("MwSt", Decimal("0.19")),), included=True, currency="EUR")
    assert [tax.amount for tax in inside] == [Decimal("19.00")]
