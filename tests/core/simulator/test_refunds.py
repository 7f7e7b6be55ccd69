"""Refunds, cancellations and edits: customers get back what they paid, in any number of parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import InvalidInput
from core.simulator.life import order_changes, refunds
from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import Discount, Order
from core.simulator.shop.shop import Shop
from tests.core.simulator.small_shop import cart_item, customer, order, tiny_shop

AT = "2026-03-02T12:00:00+01:00"
LATER = datetime(2026, 3, 9, 12, tzinfo=UTC)
THIRD_OFF = Discount("Third", "order", Decimal("33.33"), is_percent=True, code="THIRD")
POST = ("Standard", Decimal("4.90"))


@pytest.fixture(params=[False, True], ids=["tax on top", "tax included"])
def shop(request: pytest.FixtureRequest) -> Shop:
    return tiny_shop(taxes_included=request.param)


def mugs(shop: Shop, quantity: int = 7, **purchase: object) -> Order:
    return order(shop, AT, ("Mug", quantity), discounts=(THIRD_OFF,), shipping=POST, **purchase)


def test_an_order_that_comes_back_unit_by_unit_gives_back_every_cent(shop: Shop) -> None:
    sold = mugs(shop)
    line_id = sold.lines[0].line_id
    for day in range(7):
        refunds.refund(shop, sold, LATER + timedelta(days=day), {line_id: 1}, shipping=day == 6)
    assert sold.refunded == sold.transactions[0].amount
    assert OrderFigures(shop, sold).current_total == 0
    assert OrderFigures(shop, sold).financial_status == "REFUNDED"
    assert sum(sale.tax for sale in sold.sales()) == 0


def test_part_of_a_line_is_refunded_at_its_paid_price() -> None:
    shop = tiny_shop()
    sold = mugs(shop, quantity=3)
    refund = refunds.refund(shop, sold, LATER, {sold.lines[0].line_id: 1})
    # 30.00 less 10.00 is 20.00, with 3.80 tax: a third of it is 6.67 and 1.27
    assert (refund.lines[0].subtotal, refund.lines[0].tax) == (Decimal("6.67"), Decimal("1.27"))
    assert refund.transaction
    assert refund.transaction.amount == Decimal("7.94")
    assert OrderFigures(shop, sold).financial_status == "PARTIALLY_REFUNDED"
    assert sold.lines[0].current_quantity == 2
    back = sold.agreements[-1].sales[0]
    assert (back.action, back.quantity, back.total, back.tax) == ("RETURN", -1, Decimal("-7.94"), Decimal("-1.27"))
    assert back.discount == Decimal("-3.33")


def test_a_withheld_fee_lowers_the_money_not_the_goods(shop: Shop) -> None:
    sold = mugs(shop, quantity=2)
    value = sold.lines[0].charged + (Decimal(0) if shop.spec.taxes_included else sold.lines[0].tax)
    refund = refunds.refund(shop, sold, LATER, {sold.lines[0].line_id: 2}, discrepancy=Decimal("2.50"))
    assert refund.transaction
    assert refund.transaction.amount == value - Decimal("2.50")
    adjustment = sold.agreements[-1].sales[-1]
    assert (adjustment.line_type, adjustment.action, adjustment.total) == ("ADJUSTMENT", "RETURN", Decimal("2.50"))


def test_goodwill_gives_money_without_goods(shop: Shop) -> None:
    sold = mugs(shop)
    refund = refunds.refund(shop, sold, LATER, {}, discrepancy=Decimal("-5.00"))
    assert refund.transaction
    assert refund.transaction.amount == Decimal("5.00")
    assert sold.lines[0].current_quantity == 7
    assert OrderFigures(shop, sold).current_total == OrderFigures(shop, sold).total


def test_a_cancelled_order_is_on_the_shelf_again_and_paid_back(shop: Shop) -> None:
    ann = customer(shop, "Ann")
    sold = mugs(shop, customer=ann)
    refund = refunds.cancel(shop, sold, LATER, "INVENTORY")
    assert refund
    assert {line.restock_type for line in refund.lines} == {"CANCEL"}
    assert sold.refunded == sold.transactions[0].amount
    assert (sold.cancelled_at, sold.cancel_reason) == (LATER, "INVENTORY")
    assert cart_item(shop, "Mug").variant.stock == 100
    assert ann.amount_spent == 0


def test_an_unpaid_order_is_voided_without_money(shop: Shop) -> None:
    sold = mugs(shop, is_paid=False)
    assert OrderFigures(shop, sold).financial_status == "PENDING"
    assert OrderFigures(shop, sold).outstanding == OrderFigures(shop, sold).total
    refund = refunds.cancel(shop, sold, LATER)
    assert refund
    assert refund.transaction is None
    assert OrderFigures(shop, sold).financial_status == "VOIDED"
    assert OrderFigures(shop, sold).outstanding == 0


def test_an_edit_that_adds_is_paid_and_an_agreement_of_its_own(shop: Shop) -> None:
    sold = mugs(shop)
    before = OrderFigures(shop, sold).total
    order_changes.add_line(shop, sold, cart_item(shop, "Lamp"), LATER)
    figures = OrderFigures(shop, sold)
    assert sold.is_edited
    assert sold.agreements[-1].reason == "ORDER_EDIT"
    assert figures.original_total == before
    assert figures.total == figures.received > before


def test_an_edit_that_removes_units_leaves_the_placed_totals(shop: Shop) -> None:
    sold = mugs(shop)
    placed = OrderFigures(shop, sold)
    order_changes.lower_quantity(shop, sold, sold.lines[0].line_id, 2, LATER)
    edited = OrderFigures(shop, sold)
    assert (edited.total, edited.subtotal, edited.tax) == (placed.total, placed.subtotal, placed.tax)
    assert edited.current_total < placed.total
    assert (sold.lines[0].quantity, sold.lines[0].current_quantity) == (7, 5)
    row = sold.agreements[-1].sales[0]
    assert (row.action, row.quantity) == ("RETURN", -2)
    (removal,) = sold.refunds  # Shopify lists a refund without money for the units, which no agreement names
    assert (removal.transaction, [line.quantity for line in removal.lines]) == (None, [2])
    assert removal.refund_id not in {agreement.refund_id for agreement in sold.agreements}


def test_units_lowered_and_units_refunded_sum_to_the_whole_line(shop: Shop) -> None:
    sold = mugs(shop)
    line = sold.lines[0]
    order_changes.lower_quantity(shop, sold, line.line_id, 2, LATER)
    refunds.refund(shop, sold, LATER, {line.line_id: 3})
    refunds.refund(shop, sold, LATER, {line.line_id: 2})
    assert sum(sale.total for sale in sold.sales() if sale.line_type == "PRODUCT") == 0


def test_units_that_are_not_left_cannot_be_refunded_and_nothing_changes(shop: Shop) -> None:
    sold = order(shop, AT, ("Mug", 2), "Lamp", shipping=POST)
    mug, lamp = (line.line_id for line in sold.lines)
    with pytest.raises(InvalidInput, match="has 1 of Lamp left, not 2"):
        refunds.refund(shop, sold, LATER, {mug: 2, lamp: 2}, shipping=True)
    assert [line.current_quantity for line in sold.lines] == [2, 1]
    with pytest.raises(InvalidInput, match="no line 5"):
        refunds.refund(shop, sold, LATER, {5: 1})
    with pytest.raises(InvalidInput, match="nothing left to refund"):
        refunds.refund(shop, sold, LATER, {})
    with pytest.raises(InvalidInput, match="not 0"):
        order_changes.lower_quantity(shop, sold, mug, 0, LATER)
    assert (sold.refunds, len(sold.agreements), sold.is_edited) == ([], 1, False)


def test_an_order_is_cancelled_once(shop: Shop) -> None:
    sold = mugs(shop)
    refunds.cancel(shop, sold, LATER)
    with pytest.raises(InvalidInput, match="is cancelled already"):
        refunds.cancel(shop, sold, LATER)
    assert len(sold.refunds) == 1


def test_shipping_is_refunded_once(shop: Shop) -> None:
    sold = mugs(shop)
    line_id = sold.lines[0].line_id
    first = refunds.refund(shop, sold, LATER, {line_id: 1}, shipping=True)
    second = refunds.refund(shop, sold, LATER, {line_id: 1}, shipping=True)
    assert (first.shipping > 0, second.shipping) == (True, 0)


def test_damaged_goods_do_not_go_back_on_the_shelf(shop: Shop) -> None:
    sold = mugs(shop)
    refunds.refund(shop, sold, LATER, {sold.lines[0].line_id: 7}, restock_type="NO_RESTOCK")
    assert cart_item(shop, "Mug").variant.stock == 93
