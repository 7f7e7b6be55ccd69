"""Pages of orders by cursors: in every sort and direction, the pages are the list, whatever comes between."""

from __future__ import annotations

import json
import random
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cmp_to_key
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain import Order
from core.metrics.orders.listing import MANY_FOUND, OrderQuestion, Status, count_orders, orders, orders_page
from core.metrics.orders.rows import OrderRow
from core.metrics.orders.sorts import COLUMNS, NEWEST_FIRST, OrderKey, sortable
from core.metrics.paging import Cursor, Page, read_cursor
from core.metrics.sorting import MOST_SORTED, Sort
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc

Crowd = tuple[Shop, list[Order]]
ZONE = ZoneInfo("Europe/Berlin")
SORTS = [Sort(key, down) for key in COLUMNS for down in (False, True)]
SIZE = 4


def some(random_: random.Random, order_id: int) -> Order:
    """Make an order that equals many others in all that lists are sorted by, or that has none of it."""
    price, quantity = random_.choice(["10.00", "20.00"]), random_.choice([1, 2])
    return at(
        utc(2026, 11, random_.choice([3, 4]), random_.choice([1, 22, 23])),
        order_id,
        name=random_.choice(["#7", "#8", "B2B-x", "b2b-y"]),
        number=random_.choice([7, 8, None]),
        total=random_.choice([Decimal(0), Decimal("9.99"), Decimal("10.00"), Decimal(10) ** 13]),
        line_items=(made.line(1, price, quantity, "0.00"),),
        financial_status=random_.choice(["paid", "pending", None]),
        fulfillment_status=random_.choice(["fulfilled", "partial", None]),
        cancelled_at=random_.choice([None, None, utc(2026, 11, 20)]),
    )


def in_order(found: list[Order], sort: Sort[OrderKey]) -> list[int]:
    """Sort orders apart from the product: equal ones in the direction of the sort, those without a value last."""

    def placed(order: Order) -> tuple[Any, ...]:
        return (order.processed_at.astimezone(ZONE).date(), order.processed_at, order.order_id)

    values: dict[OrderKey, Callable[[Order], tuple[Any, ...]]] = {
        OrderKey.PLACED: placed,
        OrderKey.NAME: lambda order: (order.number, order.name.lstrip("#").lower(), order.order_id),
        OrderKey.TOTAL: lambda order: (order.total, order.order_id),
        OrderKey.NET_SALES: lambda order: (
            order.line_items[0].unit_price * order.line_items[0].quantity,
            order.order_id,
        ),
        OrderKey.PAYMENT: lambda order: (order.financial_status, *placed(order)),
        OrderKey.FULFILLMENT: lambda order: (
            "~" if order.cancelled_at else order.fulfillment_status or "unfulfilled",
            *placed(order),
        ),
    }
    value = values[sort.key]

    def compare(one: Order, other: Order) -> int:
        left, right = value(one), value(other)
        if (left[0] is None) != (right[0] is None):
            return 1 if left[0] is None else -1
        if left[0] is None:
            left, right = left[1:], right[1:]
        return (-1 if left < right else 1) * (-1 if sort.is_descending else 1)

    return [order.order_id for order in sorted(found, key=cmp_to_key(compare))]


def ids(page: Page[OrderRow]) -> list[int]:
    return [row.order_id for row in page.rows]


def page_at(
    acme: Shop, sort: Sort[OrderKey], cursor: Cursor | None, many: int = MANY_FOUND, **narrowed: Any
) -> Page[OrderRow]:
    question = OrderQuestion(acme.days(*NOVEMBER), limit=SIZE, sort=sort, cursor=cursor, **narrowed)
    return acme.ask(orders_page, question, many=many)


def forwards(acme: Shop, sort: Sort[OrderKey], **narrowed: Any) -> Iterator[Page[OrderRow]]:
    page = page_at(acme, sort, None, **narrowed)
    while page.rows:
        yield page
        page = page_at(acme, sort, through_address(page.after, sort), **narrowed)


def backwards(acme: Shop, sort: Sort[OrderKey], page: Page[OrderRow], **narrowed: Any) -> Iterator[Page[OrderRow]]:
    while page.rows:
        yield page
        page = page_at(acme, sort, through_address(page.before, sort), **narrowed)


def through_address(cursor: Cursor | None, sort: Sort[OrderKey]) -> Cursor:
    """Write a cursor as an address has it, and read it."""
    assert cursor
    found = read_cursor(str(cursor), COLUMNS[sort.key], cursor.is_before)
    assert found == cursor
    return cursor


@pytest.fixture
def crowd(acme: Shop) -> Crowd:
    random_ = random.Random(71)
    found = [some(random_, number) for number in random_.sample(range(1, 900), 42)]
    acme.receive(*found, at(utc(2026, 10, 3), 901), at(utc(2026, 11, 3), 902, test=True))
    return acme, found


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_pages_by_cursors_are_the_list_in_both_directions(crowd: Crowd, sort: Sort[OrderKey]) -> None:
    acme, found = crowd
    expected = in_order(found, sort)
    assert [row.order_id for row in acme.ask(orders, OrderQuestion(acme.days(*NOVEMBER), sort=sort))] == expected
    pages = list(forwards(acme, sort))
    assert [ids(page) for page in pages] == [expected[start : start + SIZE] for start in range(0, 42, SIZE)]
    back = [ids(page) for page in backwards(acme, sort, pages[-1])]
    assert [order_id for page in reversed(back) for order_id in page] == expected


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("far", [0, 10**9])
def test_pages_by_offset_are_the_list_from_either_end(crowd: Crowd, sort: Sort[OrderKey], far: int) -> None:
    acme, found = crowd
    expected = in_order(found, sort)
    for offset in range(0, 48, SIZE):
        question = OrderQuestion(acme.days(*NOVEMBER), limit=SIZE, offset=offset, sort=sort)
        page = acme.ask(orders_page, question, far=far)
        assert ids(page) == expected[offset : offset + SIZE], offset


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_orders_that_come_between_two_pages_move_no_other(crowd: Crowd, sort: Sort[OrderKey]) -> None:
    acme, found = crowd
    random_ = random.Random(72)
    came: list[Order] = []
    seen: list[int] = []
    for page in forwards(acme, sort):
        last = ids(page)[-1]
        seen.extend(ids(page))
        came.append(some(random_, 1000 + len(came)))
        acme.receive(came[-1])
        rest = in_order([*found, *came], sort)
        seen_later = set(rest[rest.index(last) + 1 :])
        assert not seen_later & set(seen)
    assert len(seen) == len(set(seen))
    assert [order_id for order_id in seen if order_id < 1000] == in_order(found, sort)
    assert seen == [order_id for order_id in in_order([*found, *came], sort) if order_id in set(seen)]


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_cursors_lead_through_filtered_and_searched_orders(crowd: Crowd, sort: Sort[OrderKey]) -> None:
    acme, found = crowd
    matching: list[tuple[dict[str, Any], list[Order]]] = [
        ({"status": Status.PAID}, [order for order in found if order.financial_status == "paid"]),
        ({"status": Status.CANCELLED}, [order for order in found if order.cancelled_at]),
        ({"search": "b2b"}, [order for order in found if order.name.lower().startswith("b2b")]),
    ]
    for narrowed, expected in matching:
        assert len(expected) > SIZE
        for least in (1, 10**9):
            assert acme.ask(count_orders, OrderQuestion(acme.days(*NOVEMBER), **narrowed), many=least) == len(
                expected
            )
        many = [order_id for page in forwards(acme, sort, many=1, **narrowed) for order_id in ids(page)]
        assert many == in_order(expected, sort)
        walked = [order_id for page in forwards(acme, sort, **narrowed) for order_id in ids(page)]
        assert walked == in_order(expected, sort)


def test_net_sales_after_a_refund_are_where_the_list_has_the_order(acme: Shop) -> None:
    """The third of three equal orders loses 20.00 of its 40.00 by a refund a day later."""
    acme.receive(*(at(utc(2026, 11, 3, hour), hour) for hour in (1, 2, 3)))
    changed = {"refunds": (made.refund(),), "updated_at": utc(2026, 11, 12)}
    placed = utc(2026, 11, 3, 3)
    acme.receive(made.order(order_id=3, created_at=placed, processed_at=placed, **changed))
    down = Sort(OrderKey.NET_SALES, is_descending=True)
    assert [ids(page) for page in forwards(acme, down)] == [[2, 1, 3]]


@pytest.mark.parametrize("key", COLUMNS)
@pytest.mark.parametrize(
    "values",
    [
        [],
        [1],
        [1, 2],
        [True, 1],
        [2**63, 1],
        [None] * 4,
        ["x"] * 4,
        ["\0", "2026-11-03", "2026-11-03T01:00:00+00:00", 1],
        ["paid", "2026-11-03", "2026-11-03T01:00:00", 1],
        ["paid", "2026-11-31", "2026-11-03T01:00:00+00:00", 1],
    ],
)
def test_a_cursor_that_is_none_is_left_out(acme: Shop, key: OrderKey, values: list[Any]) -> None:
    """Addresses are typed: a text is a cursor of this sort and page, or none."""
    written = urlsafe_b64encode(json.dumps(values).encode()).decode()
    found = read_cursor(written, COLUMNS[key], False)
    assert found is None or list(found.values) == values == [1, 2]
    if found:
        question = OrderQuestion(acme.days(*NOVEMBER), limit=5, sort=Sort(key), cursor=found)
        assert acme.ask(orders_page, question).rows == ()


@pytest.mark.parametrize("written", ["", "x", "ä", "W10", "Ww==", "=" * 9, "W" * 9999, "eyJhIjoxfQ", "MQ", "bnVsbA"])
def test_any_text_in_an_address_is_no_cursor(written: str) -> None:
    for is_before in (True, False):
        assert read_cursor(written, COLUMNS[NEWEST_FIRST.key], is_before) is None


def test_a_long_list_has_the_sorts_that_an_index_has() -> None:
    assert sortable(MOST_SORTED) == tuple(OrderKey)
    assert set(OrderKey) - set(sortable(MOST_SORTED + 1)) == {OrderKey.CUSTOMER, OrderKey.ITEMS}
