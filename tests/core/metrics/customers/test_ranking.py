"""A page of customers is the same whether they are walked along an index, grouped, or summed from the ledger."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import Scope
from core.metrics.customers.listing import BuyerKey, buyers, buyers_statement, count_buyers
from core.metrics.searching import range_of
from core.metrics.sorting import Sort
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import utc

FIRST = utc(2026, 10, 1, 9)
NAMES = (("Åsa", "Berg"), ("Zoe", None), (None, "Øst"), (None, None), ("Ada", "Lovelace"))


@pytest.fixture
def crowd(acme: Shop) -> Shop:
    """Make 80 orders of 60 days by ten people, half of them guests; some refunds are late, or above the price."""
    chance = random.Random(7)
    people = [
        made.customer(81 + n, first_name=first, last_name=last, email=f"{last or 'p'}{n}@example.com")
        for n, (first, last) in enumerate(NAMES)
    ]
    acme.receive(*people, *(random_order(chance, number) for number in range(1, 81)))
    return acme


def random_order(chance: random.Random, number: int) -> Any:
    placed = FIRST + timedelta(hours=chance.randrange(60 * 24))
    person = chance.randrange(10)
    buyer = {"customer_id": 81 + person} if person < 5 else {"email": f"guest{person}@example.com"}
    line = made.line(quantity=chance.randint(1, 5), discount=Decimal(chance.randint(0, 9)))
    return made.order(
        order_id=number,
        processed_at=placed,
        updated_at=placed,
        currency=chance.choice(["EUR", "EUR", "EUR", "USD"]),
        line_items=(line,),
        refunds=tuple(random_refunds(chance, number, placed)),
        **buyer,
    )


def random_refunds(chance: random.Random, number: int, placed: datetime) -> list[Any]:
    if chance.random() > 0.4:
        return []
    line = made.refund_line(subtotal=str(chance.choice([5, 20, 300])))
    return [made.refund(1000 + number, number, placed + timedelta(days=chance.randrange(40)), lines=(line,))]


PERIODS: dict[str, Callable[[Shop], Period]] = {
    "all": lambda shop: shop.days("2026-09-01", "2027-03-01"),
    "open": lambda shop: shop.days("2026-11-01", "2027-03-01"),
    "past": lambda shop: shop.days("2026-10-10", "2026-11-05"),
    "cut": lambda shop: shop.days("2026-10-10", "2026-11-20", utc(2026, 11, 20, 11)),
}


@pytest.mark.parametrize("name", PERIODS)
def test_every_way_gives_the_rows_and_the_order_that_the_ledger_gives(crowd: Shop, name: str) -> None:
    period = PERIODS[name](crowd)
    for key in BuyerKey:
        for sort in (Sort(key), Sort(key, is_descending=True)):
            expected = crowd.ask(from_ledger, period, sort)
            for many in (0, 10**9):
                found = crowd.ask(buyers, period, limit=6, sort=sort, many_orders=many)
                found += crowd.ask(buyers, period, limit=6, offset=6, sort=sort, many_orders=many)
                assert {each.customer_key: each.net_sales for each in found} == {
                    row.customer_key: row.net_sales for row in expected
                }, (sort, many)
                assert [value(each, key) for each in found] == [value(row, key) for row in expected], (sort, many)
    assert crowd.ask(count_buyers, period) == len(expected)


def value(row: Any, key: BuyerKey) -> object:
    """What the list is sorted by; first and last orders are compared in a test of their own."""
    if key in (BuyerKey.FIRST_ORDER, BuyerKey.LAST_ORDER):
        return None
    return (row.name or row.email) if key is BuyerKey.NAME else getattr(row, key)


def from_ledger(session: Session, scope: Scope, period: Period, sort: Sort[BuyerKey]) -> list[Any]:
    parameters = {**scope.within(period), **range_of(""), "limit": None, "offset": 0}
    return list(session.execute(text(buyers_statement(sort)), parameters))


@pytest.mark.parametrize("many_orders", [0, 10**9])
def test_first_and_last_orders_are_in_order_both_ways(acme: Shop, many_orders: int) -> None:
    acme.receive(
        *(made.order(order_id=n, customer_id=n % 3, processed_at=FIRST + timedelta(days=n)) for n in range(1, 9))
    )
    period = acme.days("2026-10-03", "2026-12-01")
    for key, name in ((BuyerKey.FIRST_ORDER, "first_order_at"), (BuyerKey.LAST_ORDER, "last_order_at")):
        for down in (False, True):
            found = acme.ask(buyers, period, limit=9, sort=Sort(key, down), many_orders=many_orders)
            instants = [getattr(buyer, name) for buyer in found]
            assert instants == sorted(instants, reverse=down)
            assert len(instants) == 3


def test_a_search_is_counted_and_sorted_like_the_whole_list(crowd: Shop) -> None:
    period = PERIODS["open"](crowd)
    whole = crowd.ask(buyers, period)
    found = crowd.ask(buyers, period, "guest")
    assert found == tuple(each for each in whole if each.customer_key.startswith("e:guest"))
    assert crowd.ask(count_buyers, period, "guest") == len(found) == 5
