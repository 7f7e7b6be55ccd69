"""Edits, returns and exchanges enter the ledger once, on their own day; their money is paid separately."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import InvalidInput
from core.simulator.life import order_changes, random_changes, refunds
from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import Discount, Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import Totals, truth
from tests.core.simulator.small_shop import cart_item, order, tiny_shop

AT, LATER = "2026-03-02T12:00+01:00", datetime(2026, 3, 5, 9, tzinfo=UTC)
LAMP, MUG = Decimal("99.99"), Decimal("10.00")


@pytest.fixture(params=[False, True], ids=["tax on top", "tax included"])
def shop(request: pytest.FixtureRequest) -> Shop:
    return tiny_shop(taxes_included=request.param)


def before_tax(shop: Shop, price: Decimal) -> Decimal:
    return {LAMP: Decimal("84.03"), MUG: Decimal("8.40")}[price] if shop.spec.taxes_included else price


def totals(shop: Shop, day: int, until: int | None = None) -> Totals:
    return truth(shop, date(2026, 3, day), date(2026, 3, until or day)).totals


def units_of(order: Order) -> list[int]:
    return [line.current_quantity for line in order.lines]


def test_a_line_swapped_by_an_edit_is_one_agreement_and_two_refunds(shop: Shop) -> None:
    sold = order(shop, AT, "Lamp")
    order_changes.swap(shop, sold, sold.lines[0].line_id, 1, cart_item(shop, "Mug"), LATER)
    edit, money = sold.agreements[1:]
    assert (edit.reason, [sale.action for sale in edit.sales]) == ("ORDER_EDIT", ["RETURN", "ORDER"])
    removal, back = sold.refunds
    assert (removal.transaction, len(removal.lines)) == (None, 1)
    assert (back.paid, back.lines) == (sold.transactions[0].amount - OrderFigures(shop, sold).current_total, ())
    assert (money.reason, money.sales, money.refund_id) == ("REFUND", (), back.refund_id)
    assert removal.refund_id not in {agreement.refund_id for agreement in sold.agreements}
    assert totals(shop, 5).returns == before_tax(shop, LAMP)
    assert totals(shop, 5).gross_sales == before_tax(shop, MUG)
    assert totals(shop, 1, 9).net_sales == before_tax(shop, MUG)


def test_a_dearer_line_swapped_in_is_paid(shop: Shop) -> None:
    sold = order(shop, AT, "Mug")
    order_changes.swap(shop, sold, sold.lines[0].line_id, 1, cart_item(shop, "Lamp"), LATER)
    figures = OrderFigures(shop, sold)
    assert (figures.received, len(sold.refunds)) == (figures.current_total, 1)
    assert figures.original_total < figures.current_total < figures.total


def test_an_exchange_is_a_return_and_a_sale_of_one_day_in_one_order(shop: Shop) -> None:
    sold = order(shop, AT, "Lamp")
    exchanged = order_changes.exchange(shop, sold, sold.lines[0].line_id, 1, cart_item(shop, "Mug"), LATER)
    booked, money = sold.agreements[1:]
    assert (booked.reason, [sale.action for sale in booked.sales]) == ("RETURN", ["RETURN", "ORDER"])
    (refund,) = sold.refunds
    assert (refund.return_id, refund.lines, money.sales) == (exchanged.return_id, exchanged.lines, ())
    assert refund.paid == OrderFigures(shop, sold).received - OrderFigures(shop, sold).current_total > 0
    assert refund.discrepancy == 0
    assert totals(shop, 5).returns == before_tax(shop, LAMP)
    assert totals(shop, 1, 9).net_sales == before_tax(shop, MUG)
    assert totals(shop, 1, 9).average_order_value == before_tax(shop, LAMP), "as first placed"


def test_a_return_counts_on_the_day_the_goods_came_and_once(shop: Shop) -> None:
    sold = order(shop, AT, ("Mug", 3))
    open_return = order_changes.take_return(shop, sold, {sold.lines[0].line_id: 2}, LATER)
    assert units_of(sold) == [1]
    assert sold.refunded == 0
    returned = totals(shop, 5).returns
    refund = order_changes.refund_return(shop, sold, open_return, LATER + timedelta(days=3))
    assert refund.paid == -sum(sale.total for sale in sold.agreements[1].sales)
    assert totals(shop, 1, 9).returns == returned
    assert (totals(shop, 8).returns, totals(shop, 8).taxes) == (0, 0)
    with pytest.raises(InvalidInput, match="no return that waits"):
        order_changes.refund_return(shop, sold, open_return, LATER)


def test_goods_refunded_without_money_are_worth_nothing_until_it_follows(shop: Shop) -> None:
    """W21: the discrepancies of the first and second refund cancel each other."""
    sold = order(shop, AT, "Lamp")
    line = sold.lines[0]
    worth = refunds.units_value(shop, sold, line.line_id, 1)
    first = refunds.refund(shop, sold, LATER, {line.line_id: 1}, discrepancy=worth)
    assert (first.transaction, totals(shop, 5).total_sales) == (None, 0)
    assert random_changes.pay_back(shop, sold, LATER + timedelta(days=2))
    assert sold.refunded == worth
    assert totals(shop, 7).total_sales == -worth


def test_a_pending_refund_takes_nothing_and_then_on_its_own_day_all(shop: Shop) -> None:
    """W01, G04."""
    sold = order(shop, AT, "Lamp")
    pending = refunds.refund(shop, sold, LATER, {sold.lines[0].line_id: 1}, pending=True)
    assert (pending.paid, pending.discrepancy, totals(shop, 5).total_sales) == (0, sold.transactions[0].amount, 0)
    refunds.settle(sold, pending, LATER + timedelta(days=2))
    assert (pending.paid, pending.discrepancy) == (sold.transactions[0].amount, 0)
    assert totals(shop, 5).returns == before_tax(shop, LAMP)
    assert totals(shop, 7).total_sales == 0
    with pytest.raises(InvalidInput, match="no pending refund"):
        refunds.settle(sold, pending, LATER)


def test_units_that_are_not_left_are_neither_returned_nor_exchanged_and_nothing_changes(shop: Shop) -> None:
    sold = order(shop, AT, "Mug")
    line_id = sold.lines[0].line_id
    with pytest.raises(InvalidInput, match="has 1 of Mug left, not 2"):
        order_changes.take_return(shop, sold, {line_id: 2}, LATER)
    with pytest.raises(InvalidInput, match="name the units"):
        order_changes.take_return(shop, sold, {}, LATER)
    with pytest.raises(InvalidInput, match="left, not 2"):
        order_changes.exchange(shop, sold, line_id, 2, cart_item(shop, "Lamp"), LATER)
    with pytest.raises(InvalidInput, match="left, not 2"):
        order_changes.swap(shop, sold, line_id, 2, cart_item(shop, "Lamp"), LATER)
    assert (len(sold.lines), len(sold.agreements), sold.refunds, sold.returns) == (1, 1, [], [])


def test_a_tip_is_a_line_that_sells_nothing_and_goes_back_with_the_goods(shop: Shop) -> None:
    sold = order(shop, AT, ("Mug", 2), tip=Decimal("5.00"))
    figures = OrderFigures(shop, sold)
    assert (figures.tip, figures.subtotal, figures.list_price) == (5, 20, 25)
    day = totals(shop, 2)
    refunds.cancel(shop, sold, LATER)
    assert sold.refunded == sold.transactions[0].amount
    assert totals(shop, 5).total_sales == -day.total_sales
    assert {row.title for row in truth(shop).products()} == {"Mug"}


def test_an_imported_order_counts_on_the_day_of_its_sale_not_of_its_import(shop: Shop) -> None:
    came = datetime(2026, 3, 20, 10, tzinfo=UTC)
    sold = order(shop, AT, "Mug", created_at=came)
    assert sold.agreements[0].happened_at == came
    assert (totals(shop, 2).orders, totals(shop, 2).gross_sales) == (1, before_tax(shop, MUG))
    assert totals(shop, 20).total_sales == 0
    refunds.refund(shop, sold, LATER, {sold.lines[0].line_id: 1})
    assert totals(shop, 5).returns == before_tax(shop, MUG)


def test_orders_of_another_currency_are_counted_and_in_no_sum(shop: Shop) -> None:
    order(shop, AT, "Mug")
    shop.currency = "USD"
    order(shop, AT, "Lamp")
    now, before = truth(shop), truth(shop, currency="EUR")
    assert (now.currency, now.totals.gross_sales, dict(now.other_currency_orders)) == (
        "USD",
        before_tax(shop, LAMP),
        {"EUR": 1},
    )
    assert (before.totals.gross_sales, dict(before.other_currency_orders)) == (before_tax(shop, MUG), {"USD": 1})


def test_ledger_rows_of_an_unnamed_type_are_neither_in_sales_nor_in_taxes(shop: Shop) -> None:
    sold = order(shop, AT, "Mug", surcharge=(Decimal("3.00"), Decimal("0.57")))
    plain = order(shop, AT, "Mug")
    assert OrderFigures(shop, sold).total - OrderFigures(shop, plain).total == Decimal("3.57")
    assert totals(shop, 2).total_sales == 2 * OrderFigures(shop, plain).total


def test_a_till_rounds_cash_and_no_figure_changes() -> None:
    shop = tiny_shop()
    sold = order(shop, AT, "Lamp", address=None, is_cash=True)
    assert (sold.transactions[0].amount, sold.cash_rounding) == (Decimal("119.00"), Decimal("0.01"))
    assert OrderFigures(shop, sold).received == OrderFigures(shop, sold).total == Decimal("118.99")


def test_a_discount_of_the_whole_price_takes_off_the_price_before_tax() -> None:
    """It bears no tax line, so only the ledger knows the rate."""
    shop = tiny_shop(taxes_included=True)
    sold = order(shop, AT, "Mug", discounts=(Discount("FREE", "order", Decimal(100), is_percent=True),))
    assert sold.lines[0].taxes == ()
    assert (totals(shop, 2).gross_sales, totals(shop, 2).discounts) == (Decimal("8.40"), Decimal("8.40"))
