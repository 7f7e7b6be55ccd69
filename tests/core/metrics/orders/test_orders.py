"""The list of orders: its columns, its filters, its search and its pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from core.database import tenant_session
from core.ingest import redaction
from core.metrics.orders.listing import (
    OrderKey,
    OrderQuestion,
    Status,
    Summary,
    count_orders,
    orders,
    orders_page,
    summary,
)
from core.metrics.orders.rows import OrderRow
from core.metrics.sorting import Sort
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc


def names(acme: Shop, status: Status = Status.ALL, search: str = "") -> list[str]:
    question = OrderQuestion(acme.days(*NOVEMBER), status, search)
    found = [row.name for row in acme.ask(orders, question)]
    page = acme.ask(orders_page, question, many=1)
    assert [row.name for row in page.rows] == found, "orders are met in the order of the list if a search finds many"
    assert acme.ask(count_orders, question) == len(found)
    return found


def test_an_order_shows_its_first_total_and_its_current_net_sales(acme: Shop) -> None:
    acme.receive(
        made.customer(81),
        made.order(
            customer_id=81,
            country="France",
            financial_status="partially_refunded",
            fulfillment_status="fulfilled",
            refunds=(made.refund(),),
        ),
    )
    assert acme.ask(orders, OrderQuestion(acme.days(*NOVEMBER))) == (
        OrderRow(
            order_id=made.ORDER_ID,
            name="#1001",
            processed_at=made.PLACED,
            customer="Ada Lovelace",
            customer_key="c:81",
            country="France",
            items=2,
            total=Decimal("52.60"),
            net_sales=Decimal("20.00"),
            currency="EUR",
            financial_status="partially_refunded",
            fulfillment_status="fulfilled",
            cancelled_at=None,
            discounts=Decimal("0.00"),
            returns=Decimal("20.00"),
            shipping=Decimal("5.00"),
            taxes=Decimal("3.80"),
            discount_codes="",
            tags="",
        ),
    )


def test_an_order_shows_its_sums_codes_and_tags(acme: Shop) -> None:
    discounted = made.line(11, "20.00", 2, "5.70", discount=Decimal("10.00"))
    acme.receive(made.order(line_items=(discounted,), discount_codes=("TEN", "VIP"), tags=("gift", "b2b")))
    (row,) = acme.ask(orders, OrderQuestion(acme.days(*NOVEMBER)))
    assert (row.discounts, row.net_sales, row.shipping, row.taxes) == (
        Decimal("10.00"),
        Decimal("30.00"),
        Decimal("5.00"),
        Decimal("5.70"),
    )
    assert (row.discount_codes, row.tags) == ("TEN, VIP", "gift, b2b")


def test_the_newest_order_comes_first_and_pages_follow_without_gap(acme: Shop) -> None:
    acme.receive(*(at(utc(2026, 11, 3, 12), n, name=f"#{n}") for n in range(1, 8)))
    period = acme.days(*NOVEMBER)
    pages = [acme.ask(orders, OrderQuestion(period, limit=3, offset=offset)) for offset in (0, 3, 6)]
    assert [[row.name for row in page] for page in pages] == [["#7", "#6", "#5"], ["#4", "#3", "#2"], ["#1"]]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.ALL, ["#4", "#3", "#2", "#1"]),
        (Status.PAID, ["#2", "#1"]),
        (Status.PENDING, ["#3"]),
        (Status.REFUNDED, ["#4"]),
        (Status.PARTIALLY_REFUNDED, []),
        (Status.UNFULFILLED, ["#3", "#2"]),
        (Status.CANCELLED, ["#4"]),
    ],
)
def test_orders_are_narrowed_to_a_status(acme: Shop, status: Status, expected: list[str]) -> None:
    cases = [
        {"financial_status": "paid", "fulfillment_status": "fulfilled"},
        {"financial_status": "paid", "fulfillment_status": "partial"},
        {"financial_status": "pending"},
        {"financial_status": "refunded", "cancelled_at": utc(2026, 11, 5)},
    ]
    acme.receive(*(at(utc(2026, 11, 3, n), n, name=f"#{n}", **fields) for n, fields in enumerate(cases, start=1)))
    assert names(acme, status) == expected


@pytest.mark.parametrize("typed", ["#1001", "1001", "10", "ada", "Love", "ada@", "ada lovel"])
def test_an_order_is_found_by_its_number_or_its_customer(acme: Shop, typed: str) -> None:
    acme.receive(made.customer(81), made.order(customer_id=81), at(utc(2026, 11, 3), 2, name="#2002"))
    assert names(acme, search=typed) == ["#1001"]


@pytest.mark.parametrize("typed", ["001", "%", "_", "'; DROP TABLE orders --"])
def test_a_typed_search_is_text_not_a_pattern(acme: Shop, typed: str) -> None:
    acme.receive(made.order())
    assert names(acme, search=typed) == []


def test_a_very_long_address_is_stored_and_found_by_its_beginning(acme: Shop) -> None:
    acme.receive(made.order(email="ada" + "a" * 3000 + "@example.com"))
    assert names(acme, search="adaaaa") == ["#1001"]


def test_a_redacted_customer_is_no_longer_found(acme: Shop) -> None:
    acme.receive(made.customer(81), made.order(customer_id=81, email="ada@example.com"))
    assert names(acme, search="ada") == ["#1001"]
    with tenant_session(acme.business.tenant_id) as session:
        redaction.blank(session, acme.business.key, [81], [made.ORDER_ID])
    assert names(acme, search="ada") == names(acme, search="love") == []
    assert names(acme, search="1001") == ["#1001"]


@pytest.mark.parametrize("sort", [Sort(OrderKey.PLACED), Sort(OrderKey.PLACED, is_descending=True)])
@pytest.mark.parametrize("until", [None, utc(2026, 11, 5, 12)])
def test_each_page_goes_on_where_the_last_one_ended(acme: Shop, sort: Sort[OrderKey], until: datetime | None) -> None:
    """Two orders a day, on four days; the second of the last day is after the cut."""
    days = (1, 2, 4, 5)
    acme.receive(
        *(at(utc(2026, 11, day, hour), day * 24 + hour, name=f"#{day}.{hour}") for day in days for hour in (11, 13)),
        at(utc(2026, 11, 3), 1, test=True),
    )
    period = acme.days("2026-11-01", "2026-11-05", until)
    whole = [row.name for row in acme.ask(orders, OrderQuestion(period, sort=sort))]
    assert len(whole) == acme.ask(count_orders, OrderQuestion(period)) == (8 if until is None else 7)
    for offset in range(len(whole) + 2):
        page = acme.ask(orders, OrderQuestion(period, limit=3, offset=offset, sort=sort))
        assert [row.name for row in page] == whole[offset : offset + 3]


def test_test_orders_and_other_periods_are_not_listed(acme: Shop) -> None:
    acme.receive(at(utc(2026, 10, 3), 1), at(utc(2026, 11, 3), 2, test=True))
    assert names(acme) == []


def test_the_summary_counts_orders_as_placed(acme: Shop) -> None:
    acme.receive(
        made.order(refunds=(made.refund(),)),
        at(utc(2026, 11, 4), 2, cancelled_at=utc(2026, 11, 5), line_items=(made.line(quantity=1),)),
    )
    found = acme.ask(summary, acme.days(*NOVEMBER))
    assert found == Summary(orders=2, units_ordered=3, placed_value=Decimal("60.00"), cancelled_orders=1)
    assert found.average_order_value == Decimal("30.00")
    assert found.items_per_order == Decimal("1.5")
    assert found.cancelled_rate == Decimal("0.5")


def test_no_orders_have_no_averages(acme: Shop) -> None:
    found = acme.ask(summary, acme.days(*NOVEMBER))
    assert found == Summary(orders=0, units_ordered=0, placed_value=Decimal(0), cancelled_orders=0)
    assert found.average_order_value is None
    assert found.items_per_order is None
    assert found.cancelled_rate is None
