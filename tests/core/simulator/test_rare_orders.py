"""A shop with every rare kind of order has some of each, and all of its orders still add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.simulator.life.history import make_shop
from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import RARE_ORDERS, Shop, ShopSpec

SPEC = ShopSpec(seed=11, customers=250, orders=900, until=date(2026, 11, 20), rare_orders=RARE_ORDERS)


@pytest.fixture(scope="module", params=[False, True], ids=["tax on top", "tax included"])
def shop(request: pytest.FixtureRequest) -> Shop:
    return make_shop(replace(SPEC, taxes_included=request.param))


@pytest.fixture(scope="module")
def orders(shop: Shop) -> list[Order]:
    return list(shop.orders.values())


def test_there_is_some_of_each(shop: Shop, orders: list[Order]) -> None:
    assert any(order.tip and order.source_name == "web" for order in orders)
    assert any((order.created_at - order.processed_at).days > 30 for order in orders)
    assert any(order.tender.presentment != shop.currency for order in orders)
    assert 0 < sum(order.tender.currency != shop.currency for order in orders) < len(orders) / 10
    assert any(order.cash_rounding for order in orders)
    assert any(order.surcharge for order in orders)
    assert any(shop.local(order.processed_at).day != shop.local(order.created_at).day for order in orders)
    assert any(order.returns and order.is_edited for order in orders), "an exchange"
    assert any(order_return.is_refunded for order in orders for order_return in order.returns)
    assert any(not order_return.is_refunded for order in orders for order_return in order.returns)
    edits = [order for order in orders if any(agreement.reason == "ORDER_EDIT" for agreement in order.agreements)]
    assert any({"ORDER", "RETURN"} <= {sale.action for sale in order.sales(("ORDER_EDIT",))} for order in edits)
    waiting = [r.transaction.status for order in orders for r in order.refunds if r.transaction]
    assert {"SUCCESS", "PENDING"} == set(waiting)


def test_every_order_adds_up_and_no_more_goes_back_than_came_in(shop: Shop, orders: list[Order]) -> None:
    for order in orders:
        figures = OrderFigures(shop, order)
        on_top = ZERO if shop.spec.taxes_included else figures.tax - order.surcharge_tax
        besides = figures.shipping + figures.tip + order.duties + order.fees + order.surcharge + order.surcharge_tax
        assert figures.total == figures.subtotal + besides + on_top, order.name
        assert figures.refunded <= figures.received, order.name
        assert all(0 <= line.current_quantity <= line.quantity for line in order.lines), order.name
        if order.cancelled_at and not order.fees and not order.duties and not order.surcharge:
            assert sum(sale.tax for sale in order.sales()) == 0, order.name


def test_each_unit_is_returned_once_by_a_refund_or_a_return(orders: list[Order]) -> None:
    for order in orders:
        for line in order.lines:
            sales = [sale for sale in order.sales() if sale.line_id == line.line_id]
            assert sum(sale.quantity or 0 for sale in sales) == line.current_quantity, order.name
            returned = [refund_line for refund in order.refunds for refund_line in refund.lines]
            returned += [
                refund_line
                for order_return in order.returns
                if not order_return.is_refunded
                for refund_line in order_return.lines
            ]
            assert (
                sum(refund_line.quantity for refund_line in returned if refund_line.line_id == line.line_id)
                == line.removed_quantity
            ), order.name


def test_rare_orders_change_nothing_of_the_other_orders() -> None:
    spec = ShopSpec(seed=11, customers=60, orders=200, rare_orders=())
    plain, with_rare = make_shop(spec), make_shop(replace(spec, rare_orders=("surcharge",)))
    assert any(order.surcharge for order in with_rare.orders.values())
    for before, after in zip(plain.orders.values(), with_rare.orders.values(), strict=True):
        assert before.lines == after.lines
        assert (before.surcharge, after.surcharge) in ((ZERO, ZERO), (ZERO, Decimal("3.00")))
