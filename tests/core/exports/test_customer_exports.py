"""The files of a customer's page have every event and month, of this customer only."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core import exports
from tests import factories as made
from tests.cast import Cast
from tests.core.exports.downloads import download
from tests.core.exports.test_workbooks import about, file_of, opened
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import at, utc


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def test_a_timeline_has_each_event_with_its_own_currency_and_no_total(acme: Shop) -> None:
    """Two shirts at 20.00 with VAT and 5.00 of shipping: 52.60; one comes back for 23.80. Another paid in yen."""
    acme.receive(
        made.customer(81),
        at(utc(2026, 11, 5), 1, customer_id=81, name="#1", refunds=(made.refund(31, 1, utc(2026, 12, 2)),)),
        at(utc(2026, 11, 6), 2, customer_id=81, name="=2", currency="JPY", total=Decimal(5260)),
        at(utc(2026, 11, 7), 3, name="#3"),
    )
    december = acme.days("2026-12-05", "2026-12-05")
    rows = download(acme, "customer-timeline", december, {"customer": "c:81"})
    assert [(row["happened_at"], row["kind"], row["order_name"], row["amount"], row["currency"]) for row in rows] == [
        ("2026-12-02 01:00:00", "refund", "#1", "-23.80", "EUR"),
        ("2026-12-02 01:00:00", "return", "#1", "-20.00", "EUR"),
        ("2026-11-06 01:00:00", "order", "'=2", "5260", "JPY"),
        ("2026-11-05 01:00:00", "order", "#1", "52.60", "EUR"),
    ]
    assert not download(acme, "customer-timeline", december, {"customer": "c:9"})
    assert not download(acme, "customer-timeline", december)
    facts = about(opened(file_of(acme, "customer-timeline", december, filters={"customer": "c:81"})))
    assert (facts["Customer key"][0], facts["Rows"][0]) == ("c:81", "4")
    assert "Period" not in facts, "the file is to date, whatever the page's days"


def test_the_months_of_a_customer_add_up(acme: Shop) -> None:
    acme.receive(
        made.customer(81),
        at(utc(2026, 11, 5), 1, customer_id=81, refunds=(made.refund(31, 1, utc(2026, 12, 2)),)),
    )
    december = acme.days("2026-12-05", "2026-12-05")
    rows = download(acme, "customer-months", december, {"customer": "c:81"})
    assert [tuple(row.values()) for row in rows] == [
        ("2026-11-01", "1", "40.00", "EUR"),
        ("2026-12-01", "0", "-20.00", "EUR"),
    ]
    assert exports.EXPORTS["customer-months"].title == "Net sales of a customer by month"
