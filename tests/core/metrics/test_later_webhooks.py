"""The next webhook of an order that was fetched whole changes no figure, however long Shopify's API is down then.

And webhook bodies of rarer kinds, reckoned by hand: other currencies' digits, a customer's own currency, duties.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Order
from core.metrics.orders.listing import OrderQuestion, orders
from core.shopify import mapping
from tests.cast import NOW, Cast, add_store
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.test_cases import ANSWERS, AUTUMN, a_shop, answer, figures, reckoned

Body = dict[str, Any]


def both(amount: str, paid: str | None = None, currency: str = "USD", paid_in: str = "USD") -> Body:
    return {
        "shop_money": {"amount": amount, "currency_code": currency},
        "presentment_money": {"amount": paid or amount, "currency_code": paid_in},
    }


def as_webhook(order: Order) -> Body:
    """Write orders/updated of the same order two days later, when it is fulfilled: REST's fields, without a
    ledger."""
    return {
        "id": order.order_id,
        "name": order.name,
        "currency": order.currency,
        "created_at": order.created_at.isoformat(),
        "processed_at": order.processed_at.isoformat(),
        "updated_at": (order.updated_at + timedelta(days=2)).isoformat(),
        "fulfillment_status": "fulfilled",
        "total_price": "9999.00",
        "total_tip_received": str(order.tip),
        "line_items": list(_lines(order)),
        "refunds": list(_refunds(order)),
    }


def _lines(order: Order) -> Iterator[Body]:
    for line in order.line_items:
        taxes = [{"title": tax.title, "rate": str(tax.rate), "price": str(tax.amount)} for tax in line.taxes]
        tip = {"tip_payment_gateway": "bogus"} if line.is_tip else {}
        named = {"id": line.line_item_id, "title": line.title, "product_id": line.product_id, "sku": line.sku}
        yield named | tip | {"quantity": line.quantity, "price": str(line.unit_price), "tax_lines": taxes}


def _refunds(order: Order) -> Iterator[Body]:
    for refund in order.refunds:
        lines = [
            {
                "id": line.refund_line_id,
                "line_item_id": line.line_item_id,
                "quantity": line.quantity,
                "restock_type": line.restock_type,
                "subtotal": str(line.subtotal),
                "total_tax": str(line.tax),
            }
            for line in refund.lines
        ]
        adjustments = [
            {"id": each.adjustment_id, "reason": "Refund discrepancy", "amount": str(each.amount)}
            for each in refund.adjustments
        ]
        at = refund.processed_at.isoformat()
        head = {"id": refund.refund_id, "order_id": order.order_id, "created_at": at, "processed_at": at}
        yield head | {"refund_line_items": lines, "order_adjustments": adjustments}


def receive(shop: Shop, topic: str, body: Body) -> None:
    shop.receive(*mapping.from_webhook(topic, json.dumps(body).encode(), NOW))


@pytest.mark.parametrize("name", ANSWERS)
def test_a_webhook_after_the_reading_changes_no_figure(cast: Cast, name: str) -> None:
    shop, order_read = a_shop(cast, "field-usd"), answer(name)
    shop.receive(order_read)

    receive(shop, "orders/updated", as_webhook(order_read))

    assert figures(shop) == {day: reckoned(said) for day, said in ANSWERS[name].items()}
    (listed,) = shop.ask(orders, OrderQuestion(shop.days(*AUTUMN)))
    assert (listed.fulfillment_status, listed.total) == ("fulfilled", order_read.total)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_reading_may_come_after_the_newer_webhook(cast: Cast, name: str) -> None:
    shop, order_read = a_shop(cast, "field-usd"), answer(name)
    receive(shop, "orders/updated", as_webhook(order_read))

    shop.receive(order_read)

    assert figures(shop) == {day: reckoned(said) for day, said in ANSWERS[name].items()}


def an_order(**changes: Any) -> Body:
    return {
        "id": 1,
        "name": "#1",
        "currency": "USD",
        "created_at": "2026-11-04T12:00:00Z",
        "updated_at": "2026-11-04T12:00:00Z",
        "total_price": "0",
    } | changes


def sold(price: str, quantity: int = 1, tax: str = "0", rate: str = "0.1", off: str = "0", **more: Any) -> Body:
    taxes = [{"title": "VAT", "rate": rate, "price": tax}] if Decimal(tax) else []
    return {
        "id": 11,
        "title": "Mug",
        "product_id": 7,
        "quantity": quantity,
        "price": price,
        "tax_lines": taxes,
        "discount_allocations": [{"amount": off}],
    } | more


def back(order_id: int = 1, **changes: Any) -> Body:
    return {
        "id": 31,
        "order_id": order_id,
        "created_at": "2026-11-06T12:00:00Z",
        "processed_at": "2026-11-06T12:00:00Z",
    } | changes


def shop_in(cast: Cast, currency: str, zone: str = "Europe/Berlin") -> Shop:
    return shop_of(add_store(cast.alice.tenant_id, "Field", "field.myshopify.com", currency, zone))


def test_yen_have_no_decimals(cast: Cast) -> None:
    """3 x 1100 with 10 % in it less 100: 3000 before tax, the discount is 91, and of one unit 30."""
    shop = shop_in(cast, "JPY", "Asia/Tokyo")
    line = sold("1100", 3, tax="291", off="100")
    receive(shop, "orders/create", an_order(currency="JPY", taxes_included=True, line_items=[line]))
    returned = {"id": 41, "line_item_id": 11, "quantity": 1, "restock_type": "return"}
    receive(shop, "refunds/create", back(refund_line_items=[returned | {"subtotal": 1067, "total_tax": 97}]))

    assert figures(shop) == {
        "2026-11-04": reckoned("gross 3000, discounts 91, net 2909, taxes 291, total 3200"),
        "2026-11-06": reckoned("returns 970, net -970, taxes -97, total -1067"),
    }


def test_dinars_have_three_decimals(cast: Cast) -> None:
    shop = shop_in(cast, "KWD", "Asia/Kuwait")
    receive(shop, "orders/create", an_order(currency="KWD", line_items=[sold("12.345", 2, off="0.005")]))

    assert figures(shop) == {"2026-11-04": reckoned("gross 24.690, discounts 0.005, net 24.685, total 24.685")}


def test_a_customer_who_pays_in_another_currency_counts_in_the_shops(cast: Cast) -> None:
    """Prices contain 20 %; the shipping of 6.00 is half off: 2.50 before tax, of which a third is given back."""
    shop = shop_in(cast, "EUR")
    line = sold("24.00", price_set=both("24.00", "20.00", "EUR", "GBP"), tax_lines=[taxed("4.00", "3.33")])
    parcel = {
        "id": 21,
        "title": "Parcel",
        "price": "6.00",
        "price_set": both("6.00", "5.00", "EUR", "GBP"),
        "discount_allocations": [{"amount": "2.50", "amount_set": both("3.00", "2.50", "EUR", "GBP")}],
        "tax_lines": [taxed("0.50", "0.42")],
    }
    receive(
        shop,
        "orders/create",
        an_order(currency="EUR", taxes_included=True, line_items=[line], shipping_lines=[parcel]),
    )
    given = {"id": 51, "shipping_line_id": 21, "subtotal_amount_set": both("1.00", "0.83", "EUR", "GBP")}
    paid = {"kind": "refund", "status": "success", "amount": "0.83", "currency": "GBP"}
    receive(shop, "refunds/create", back(refund_shipping_lines=[given], transactions=[paid]))

    assert figures(shop) == {
        "2026-11-04": reckoned("gross 20.00, net 20.00, shipping 2.50, taxes 4.50, total 27.00"),
        "2026-11-06": reckoned("shipping -0.83, taxes -0.17, total -1.00"),
    }


def taxed(amount: str, paid: str) -> Body:
    return {"title": "VAT", "rate": 0.2, "price": paid, "price_set": both(amount, paid, "EUR", "GBP")}


def test_duties_and_fees_are_charged_and_duties_are_given_back(cast: Cast) -> None:
    shop = shop_in(cast, "USD", "America/New_York")
    levied = {"original_total_duties_set": both("6.00"), "original_total_additional_fees_set": both("1.50")}
    receive(shop, "orders/create", an_order(line_items=[sold("20.00")], **levied))
    receive(shop, "refunds/create", back(duties=[{"duty_id": 1, "amount_set": both("6.00")}]))

    assert figures(shop) == {
        "2026-11-04": reckoned("gross 20.00, net 20.00, duties 6.00, fees 1.50, total 27.50"),
        "2026-11-06": reckoned("duties -6.00, total -6.00"),
    }


def test_duties_within_the_prices_are_not_added_to_them(cast: Cast) -> None:
    shop = shop_in(cast, "USD")
    levied = {"original_total_duties_set": both("6.00"), "duties_included": True}
    fee = {"original_total_additional_fees_set": both("1.00")}
    receive(shop, "orders/create", an_order(line_items=[sold("20.00")], **levied, **fee))

    assert figures(shop) == {"2026-11-04": reckoned("gross 20.00, net 20.00, fees 1.00, total 21.00")}


def test_an_unpaid_order_that_is_cancelled_stays_on_its_day_and_goes_back_on_the_day_of_it(cast: Cast) -> None:
    shop = shop_in(cast, "USD")
    receive(shop, "orders/create", an_order(financial_status="pending", line_items=[sold("20.00", 2)]))
    everything = {
        "id": 41,
        "line_item_id": 11,
        "quantity": 2,
        "restock_type": "cancel",
        "subtotal": 40,
        "total_tax": 0,
    }
    cancelled = {"cancelled_at": "2026-11-06T12:00:00Z", "updated_at": "2026-11-06T12:00:00Z"}
    body = an_order(financial_status="voided", line_items=[sold("20.00", 2)], **cancelled)
    receive(shop, "orders/cancelled", body | {"refunds": [back(refund_line_items=[everything], transactions=[])]})

    assert figures(shop) == {
        "2026-11-04": reckoned("gross 40.00, net 40.00, total 40.00"),
        "2026-11-06": reckoned("returns 40.00, net -40.00, total -40.00"),
    }


@pytest.mark.parametrize("state", ["pending", "voided", "authorized"])
def test_an_unpaid_order_that_is_cancelled_without_a_refund_goes_back_on_the_day_of_it(
    cast: Cast, state: str
) -> None:
    shop = shop_in(cast, "USD")
    placed = {"line_items": [sold("20.00", 2)], "shipping_lines": [{"id": 21, "title": "Parcel", "price": "5.00"}]}
    receive(shop, "orders/create", an_order(financial_status="pending", **placed))
    cancelled = {"cancelled_at": "2026-11-06T12:00:00Z", "updated_at": "2026-11-06T12:00:00Z"}
    receive(shop, "orders/cancelled", an_order(financial_status=state, **placed, **cancelled))

    assert figures(shop) == {
        "2026-11-04": reckoned("gross 40.00, net 40.00, shipping 5.00, total 45.00"),
        "2026-11-06": reckoned("returns 40.00, net -40.00, shipping -5.00, total -45.00"),
    }


def test_a_paid_order_that_is_cancelled_without_a_refund_keeps_its_sales(cast: Cast) -> None:
    shop = shop_in(cast, "USD")
    cancelled = {"cancelled_at": "2026-11-06T12:00:00Z", "updated_at": "2026-11-06T12:00:00Z"}
    receive(shop, "orders/cancelled", an_order(financial_status="paid", line_items=[sold("20.00", 2)], **cancelled))

    assert figures(shop) == {"2026-11-04": reckoned("gross 40.00, net 40.00, total 40.00")}


def test_duties_within_the_prices_are_not_given_back_twice(cast: Cast) -> None:
    shop = shop_in(cast, "USD")
    levied = {"original_total_duties_set": both("6.00"), "duties_included": True}
    receive(shop, "orders/create", an_order(line_items=[sold("20.00")], **levied))
    goods = {"id": 41, "line_item_id": 11, "quantity": 1, "subtotal": 20, "total_tax": 0, "restock_type": "return"}
    duties = [{"duty_id": 1, "amount_set": both("6.00")}]
    receive(shop, "refunds/create", back(refund_line_items=[goods], duties=duties))

    assert figures(shop) == {
        "2026-11-04": reckoned("gross 20.00, net 20.00, total 20.00"),
        "2026-11-06": reckoned("returns 20.00, net -20.00, total -20.00"),
    }


def test_taxes_on_duties_beside_the_prices_are_taxes(cast: Cast) -> None:
    def taxed_line(**order: Any) -> Body:
        duty = {
            "id": "91",
            "shop_money": {"amount": "6.00"},
            "tax_lines": [{"title": "VAT", "rate": 0.2, "price": "1.20"}],
        }
        tax = {"title": "VAT", "rate": 0.2, "price": "4.00"}
        return an_order(line_items=[sold("20.00", tax_lines=[tax], duties=[duty])], **order)

    beside = shop_in(cast, "USD")
    receive(beside, "orders/create", taxed_line(original_total_duties_set=both("6.00")))
    assert figures(beside) == {"2026-11-04": reckoned("gross 20.00, net 20.00, duties 6.00, taxes 5.20, total 31.20")}
    (order,) = mapping.from_webhook("orders/create", json.dumps(taxed_line(duties_included=True)).encode(), NOW)
    assert isinstance(order, Order)
    assert [tax.amount for tax in order.line_items[0].taxes] == [Decimal("4.00")]
