"""Payments are summed by day and gateway."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from core import rollups
from core.database.models import PaymentsByDay
from core.domain import Deleted, Kind
from core.domain import Transaction as Payment
from core.metrics.money.payments import GatewayPayments, payments_by_gateway
from tests.cast import NOW, Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.factories import ORDER_ID, PLACED, REFUNDED, order
from tests.stored import rows, write

PAID = Payment(1, "sale", "success", PLACED, Decimal("52.60"), "shopify_payments")
ATTEMPTS = (
    Payment(2, "authorization", "success", PLACED, Decimal("52.60"), "shopify_payments"),
    Payment(3, "sale", "failure", PLACED, Decimal("52.60"), "paypal"),
    Payment(4, "sale", "success", PLACED, Decimal("9.00"), "paypal", test=True),
)
TESTED = Payment(9, "sale", "success", PLACED, Decimal("52.60"), "bogus", test=True)
RETURNED = Payment(5, "refund", "success", REFUNDED, Decimal("23.80"), "shopify_payments")


def by_gateway(shop: Shop) -> list[GatewayPayments]:
    return list(shop.ask(payments_by_gateway, shop.days("2026-10-01", "2026-12-31")))


def test_only_money_that_moved_counts_on_the_day_it_moved(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    write(cast.acme, order(transactions=(PAID, *ATTEMPTS, RETURNED)))
    amounts = (Decimal("52.60"), 1, Decimal("23.80"), Decimal("28.80"))
    assert by_gateway(shop) == [GatewayPayments("shopify_payments", 1, *amounts)]
    days = {str(row["business_date"]) for row in rows(cast.acme, PaymentsByDay)}
    assert days == {str(PLACED.date()), str(REFUNDED.date())}
    until = shop.days(str(PLACED.date()), until=PLACED + timedelta(seconds=1))
    assert [row.received for row in shop.ask(payments_by_gateway, until)] == [Decimal("52.60")]
    before = shop.days(str(PLACED.date()), until=PLACED)
    assert shop.ask(payments_by_gateway, before) == ()


def test_the_payments_of_a_deleted_or_test_order_are_in_no_figure(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    write(cast.acme, order(transactions=(PAID,)), order(order_id=2, test=True, transactions=(TESTED,)))
    assert [row.payments for row in by_gateway(shop)] == [1]
    write(cast.acme, Deleted(Kind.ORDER, ORDER_ID, REFUNDED))
    assert by_gateway(shop) == []
    assert rollups.audit(cast.acme.key, NOW) == {}


def test_the_fees_of_a_gateway_are_those_that_shopify_says_with_their_share(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    other = Payment(6, "sale", "success", PLACED, Decimal("17.40"), "shopify_payments")
    abroad = replace(other, transaction_id=7, fee=Decimal("0.90"), fee_currency="USD")
    known = replace(PAID, fee=Decimal("1.03"), fee_tax=Decimal("0.20"), fee_currency="EUR")
    write(cast.acme, order(transactions=(known, other, abroad)))
    (found,) = by_gateway(shop)
    assert (found.fees, found.received_with_fees, found.received) == (
        Decimal("1.03"),
        Decimal("52.60"),
        Decimal("87.40"),
    )
    today = shop.days(str(PLACED.date()), until=PLACED + timedelta(seconds=1))
    assert [row.fees for row in shop.ask(payments_by_gateway, today)] == [Decimal("1.03")]
    assert rollups.audit(cast.acme.key, NOW) == {}
