"""An order's page: what it shows, and that nobody opens an order of another business or store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.domain import Deleted, Kind
from core.metrics.orders.details import LedgerRow
from dashboard.drawing.order_words import what_happened
from dashboard.parts.records import MISSING
from tests import factories as made
from tests.cast import Cast, add_store
from tests.core.metrics.conftest import NOW, Shop, shop_of
from tests.dashboard.pages import downloads, links, open_page, open_record, page_text, tables, tiles

ORDER = str(made.ORDER_ID)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def test_an_order_shows_what_it_is_worth_and_the_day_each_change_counts_on(cast: Cast, acme: Shop) -> None:
    acme.receive(
        made.product(),
        made.customer(81),
        made.order(customer_id=81, financial_status="partially_refunded", refunds=(made.refund(),)),
    )
    app = open_record(cast.alice, "order", order=ORDER)
    assert not app.exception
    assert app.title[0].value == "Order \\#1001"
    assert {label: tile["text"] for label, tile in tiles(app).items()} == {
        "Order total": "€52.60",
        "Refunded": "€23.80",
        "Net sales": "€20.00",
        "Gross profit": "–",
        "Gross margin": "–",
        "Contribution": "–",
        "Cost coverage": "0.0%",
    }
    assert "red-badge[Partially refunded]" in page_text(app)
    assert tables(app)["Sales, day by day"] == [
        ["Mon 2 Nov 2026", "Sale", "Shirt", "2", "€40.00", "€7.60", "Net sales"],
        ["Mon 2 Nov 2026", "Sale", "Shipping", "1", "€5.00", "", "Shipping"],
        ["Wed 11 Nov 2026", "Refund", "Shirt", "−1", "−€20.00", "−€3.80", "Net sales"],
    ]
    assert [row[:2] for row in tables(app)["Sales of this order"]] == [
        ["Gross sales", "€40.00"],
        ["Returns", "−€20.00"],
        ["Net sales", "€20.00"],
        ["Shipping", "€5.00"],
        ["Taxes", "€3.80"],
        ["Total sales", "€28.80"],
    ]
    assert tables(app)["Refunds and returns"][0][2:] == ["1", "€23.80"]
    assert [file.partition("?")[0] for file in downloads(app)] == [
        f"/exports/{parts}-of-order.csv" for parts in ("items", "refunds", "sales")
    ]
    assert all(f"order={ORDER}" in file for file in downloads(app))
    (shopify,) = [link.url for link in app.get("link_button")]
    assert shopify == f"https://admin.shopify.com/store/acme/orders/{ORDER}"


def test_the_list_of_orders_leads_to_each_order_and_its_customer(cast: Cast, acme: Shop) -> None:
    now = datetime.now(UTC)
    acme.receive(made.order(order_id=5, created_at=now, processed_at=now, updated_at=now))
    assert links(open_page(cast.alice, "orders")) == {
        "#1001": "/order?shop=acme&order=5",
        "Guest": "/customer?shop=acme&customer=o%3A5",
    }


def test_what_is_special_about_an_order_is_said(cast: Cast, acme: Shop) -> None:
    acme.receive(
        made.order(
            test=True,
            currency="USD",
            cancelled_at=NOW,
            cancel_reason="fraud",
            presentment_currency="GBP",
            presentment_total=Decimal("41.00"),
            discount_codes=("**10OFF**",),
        )
    )
    app = open_record(cast.alice, "order", order=ORDER)
    assert [link.label for link in app.get("page_link")] == ["Orders", "Guest"]
    for sentence in (
        "Test order: it counts in no figure.",
        "This order is in USD: the figures in EUR leave it out.",
        "The customer paid £41.00.",
        "Reason: fraud.",
        "Discount codes: \\*\\*10OFF\\*\\*.",
    ):
        assert sentence in page_text(app)


@pytest.mark.parametrize("typed", ["", "abc", "0", "-1", "1", "9" * 30, "1; DROP TABLE orders", f"{ORDER} "])
def test_an_order_that_is_not_there_has_one_sentence_and_a_way_back(cast: Cast, acme: Shop, typed: str) -> None:
    acme.receive(made.order())
    app = open_record(cast.alice, "order", order=typed)
    assert not app.exception
    assert app.title[0].value == "Not found"
    assert MISSING in page_text(app)
    assert [link.label for link in app.get("page_link")] == ["Orders"]


def test_a_deleted_order_reads_as_one_that_never_was(cast: Cast, acme: Shop) -> None:
    acme.receive(made.order(), Deleted(Kind.ORDER, made.ORDER_ID, NOW))
    assert MISSING in page_text(open_record(cast.alice, "order", order=ORDER))


def test_nobody_opens_an_order_of_another_business_or_store(cast: Cast, acme: Shop) -> None:
    acme.receive(made.order())
    add_store(cast.alice.tenant_id, "Acme Two", "acme-two.myshopify.com", "EUR", "Europe/Berlin")
    assert "1001" in open_record(cast.alice, "order", shop="acme", order=ORDER).title[0].value
    for person, store in (
        (cast.alice, "acme-two"),
        (cast.alice, "globex"),
        (cast.alice, ""),
        (cast.charlie, "acme"),
        (cast.charlie, "globex"),
        (cast.dana, "acme"),
    ):
        app = open_record(person, "order", shop=store, order=ORDER)
        assert not app.exception
        assert MISSING in page_text(app), (person.email, store)
        assert app.title[0].value == "Not found"


@pytest.mark.parametrize(
    ("reason", "action", "words"),
    [
        ("order", "order", "Sale"),
        ("order_edit", "order", "Edit"),
        ("order_edit", "return", "Item removed"),
        ("refund", "return", "Refund"),
        ("return", "return", "Return"),
        ("something_new", "update", "Something new"),
    ],
)
def test_each_change_is_named(reason: str, action: str, words: str) -> None:
    zero = Decimal(0)
    row = LedgerRow(date(2026, 11, 2), NOW, reason, action, "product", None, 0, zero, zero, zero)
    assert what_happened(row) == words
