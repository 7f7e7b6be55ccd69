"""One order in detail: its parts, the day that each change counts on, and sums that equal the figures elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from core.domain import Deleted, Kind
from core.metrics.orders.details import LedgerRow, OrderDetails, order_details
from core.metrics.sales.overview import Headline
from tests import factories as made
from tests.cast import Cast, add_store
from tests.core.metrics.conftest import NOW, Shop, headline, shop_of

ALL_YEAR = ("2026-01-01", "2026-12-31")


def details(shop: Shop, order_id: int = made.ORDER_ID) -> OrderDetails:
    order = shop.ask(order_details, order_id)
    assert order is not None
    return order


def signed(rows: tuple[LedgerRow, ...]) -> list[tuple[object, ...]]:
    return [(row.day.day, row.reason, row.line_type, row.quantity, row.net, row.tax) for row in rows]


def test_each_change_of_an_order_has_the_day_that_it_counts_on(acme: Shop) -> None:
    """Two shirts and a tip on the 2nd; one shirt back on the 11th."""
    tip = made.line(12, price="3.00", quantity=1, tax="0", title="Tip", product_id=None, variant_id=None, is_tip=True)
    acme.receive(
        made.product(),
        made.customer(81),
        made.order(customer_id=81, line_items=(made.line(), tip), total=Decimal("55.60"), refunds=(made.refund(),)),
    )
    order = details(acme)
    assert (order.name, order.day, order.customer) == ("#1001", date(2026, 11, 2), "Ada Lovelace")
    assert signed(order.ledger) == [
        (2, "order", "product", 2, Decimal("40.00"), Decimal("7.60")),
        (2, "order", "tip", 1, Decimal("3.00"), Decimal("0")),
        (2, "order", "shipping", 1, Decimal("5.00"), Decimal("0")),
        (11, "refund", "product", -1, Decimal("-20.00"), Decimal("-3.80")),
    ]
    assert [(line.title, line.product_id, line.quantity, line.charged) for line in order.lines] == [
        ("Shirt", 7, 2, Decimal("40.00")),
        ("Tip", None, 1, Decimal("3.00")),
    ]
    assert [(refund.day, refund.refunded, refund.units) for refund in order.refunds] == [
        (date(2026, 11, 11), Decimal("23.80"), 1)
    ]


def test_the_sums_of_an_order_are_the_figures_of_the_overview(acme: Shop) -> None:
    acme.receive(made.order(duties=Decimal("4.00"), total=Decimal("56.60"), refunds=(made.refund(),)))
    sums = details(acme).sums
    figures = acme.ask(headline, acme.days(*ALL_YEAR))
    assert sums.net_sales == Decimal("20.00")
    assert sums.total_sales == Decimal("32.80"), "20.00 net + 5.00 shipping + 3.80 tax + 4.00 duties"
    for name in sums.__slots__:
        assert getattr(sums, name) == getattr(figures, name)


def test_an_edit_counts_on_its_own_day_and_comes_from_shopifys_ledger(acme: Shop) -> None:
    edited_at = datetime(2026, 11, 5, 10, tzinfo=UTC)
    acme.receive(
        made.order(
            agreements=(
                made.agreement(made.sale(total="47.60", quantity=2, tax="7.60")),
                made.agreement(made.sale(action="update"), agreement_id=62, at=edited_at, reason="order_edit"),
            )
        )
    )
    order = details(acme)
    assert order.is_ledger_read
    assert [(row.day.day, row.reason, row.net) for row in order.ledger] == [
        (2, "order", Decimal("40.00")),
        (5, "order_edit", Decimal("20.00")),
    ]


def test_an_order_of_another_currency_keeps_its_own(acme: Shop) -> None:
    acme.receive(made.order(currency="USD"))
    order = details(acme)
    assert (order.currency, order.sums.net_sales) == ("USD", Decimal("40.00"))
    assert acme.ask(headline, acme.days(*ALL_YEAR)) == Headline(), "and is in no figure of the store"


def test_a_test_order_is_found_and_has_no_ledger(acme: Shop) -> None:
    acme.receive(made.order(test=True))
    order = details(acme)
    assert order.test
    assert order.ledger == ()
    assert order.sums.total_sales == 0


def test_a_cancelled_order_says_when_and_why(acme: Shop) -> None:
    acme.receive(made.order(cancelled_at=NOW, cancel_reason="customer"))
    assert (details(acme).cancelled_at, details(acme).cancel_reason) == (NOW, "customer")


def test_a_deleted_or_unknown_order_is_not_found(acme: Shop) -> None:
    acme.receive(made.order(), Deleted(Kind.ORDER, made.ORDER_ID, NOW))
    assert acme.ask(order_details, made.ORDER_ID) is None
    assert acme.ask(order_details, 1) is None


def test_an_order_of_another_store_or_business_is_not_found(acme: Shop, cast: Cast) -> None:
    acme.receive(made.order())
    second = add_store(cast.alice.tenant_id, "Acme Two", "acme-two.myshopify.com", "EUR", "Europe/Berlin")
    assert shop_of(second).ask(order_details, made.ORDER_ID) is None
    assert shop_of(cast.globex).ask(order_details, made.ORDER_ID) is None
