"""Carts that were filled: those that reached a checkout, those left, and those still open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Cart
from core.domain.periods import Grain
from core.metrics.checkouts.carts import Carts, carts, carts_over_time
from core.metrics.checkouts.report import Aging
from tests import factories as made
from tests.core.metrics.conftest import Shop

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
AGING = Aging(timedelta(hours=1), NOW)
DAYS = ("2026-11-20", "2026-11-21")


def filled(token: str, at: datetime, **changes: Any) -> Cart:
    return made.cart(token, **{"created_at": at, "updated_at": at} | changes)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """Yesterday: one cart reached a checkout, one an order, two of 30.00 and 12.50 were left, one was emptied. Today:
    one is 20 minutes old, and one that began yesterday changed just now."""
    acme.receive(
        made.product(),
        filled("checkout", YESTERDAY),
        filled("order", YESTERDAY),
        filled("left", YESTERDAY),
        filled("small", YESTERDAY, total=Decimal("12.50"), units=1),
        filled("emptied", YESTERDAY, total=Decimal(0), units=0, currency=None),
        filled("new", NOW - timedelta(minutes=20)),
        filled("changed", YESTERDAY, updated_at=NOW - timedelta(minutes=5)),
        made.checkout(1, created_at=YESTERDAY, updated_at=YESTERDAY, cart_token="checkout"),
        made.order(
            order_id=9, name="#9", created_at=YESTERDAY, processed_at=YESTERDAY, updated_at=NOW, cart_token="order"
        ),
    )
    return acme


def test_each_cart_with_goods_has_one_state_and_left_ones_a_value(shop: Shop) -> None:
    found = shop.ask(carts, shop.days(*DAYS), AGING)
    assert found == Carts(
        carts_to_checkout=2, carts_left=2, carts_open=2, carts_left_value=Decimal("42.50"), oldest=date(2026, 11, 20)
    )
    assert (found.carts_filled, found.cart_checkout_rate) == (6, Decimal("0.5"))


def test_a_cart_counts_on_the_day_on_which_it_began(shop: Shop) -> None:
    period = shop.days(*DAYS)
    points = shop.ask(carts_over_time, period, AGING, period.points(Grain.DAY))
    assert [(point.carts_to_checkout, point.carts_left, point.carts_open) for point in points] == [
        (2, 2, 1),
        (0, 0, 1),
    ]


def test_a_cart_that_was_emptied_after_its_checkout_still_reached_it(shop: Shop) -> None:
    shop.receive(filled("checkout", YESTERDAY, updated_at=NOW, units=0, total=Decimal(0), currency=None))
    assert shop.ask(carts, shop.days(*DAYS), AGING).carts_to_checkout == 2


def test_a_longer_delay_leaves_carts_open(shop: Shop) -> None:
    found = shop.ask(carts, shop.days(*DAYS), Aging(timedelta(hours=24), NOW - timedelta(minutes=1)))
    assert (found.carts_left, found.carts_open, found.carts_left_value) == (0, 4, 0)


def test_carts_in_another_currency_are_in_no_figure(shop: Shop) -> None:
    shop.receive(filled("dollars", YESTERDAY, currency="USD", total=Decimal("99.00")))
    assert shop.ask(carts, shop.days(*DAYS), AGING).carts_left_value == Decimal("42.50")


def test_days_before_the_oldest_cart_have_no_carts(shop: Shop) -> None:
    found = shop.ask(carts, shop.days("2026-10-01", "2026-10-31"), AGING)
    assert (found.carts_filled, found.cart_checkout_rate, found.oldest) == (0, None, date(2026, 11, 20))
