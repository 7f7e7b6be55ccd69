"""What an order adds to and takes from the sales figures, and on which day: each row reckoned by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.domain import RefundAdjustment, ShippingLine, Source, TaxLine
from core.domain.ledger import is_all_placed, sale_rows
from core.domain.sales import SaleRow
from tests.factories import (
    PLACED,
    REFUNDED,
    adjustment,
    agreement,
    line,
    order,
    refund,
    refund_line,
    sale,
    shipping,
    taxes,
)


def money(rows: tuple[SaleRow, ...] | list[SaleRow]) -> list[tuple[str, str, int, str, str, str]]:
    """Of each row what it is, how many units, and net, discount and tax as they would be printed."""
    return [
        (row.line_type, row.action, row.quantity, f"{row.net:.2f}", f"{row.discount:.2f}", f"{row.tax:.2f}")
        for row in rows
    ]


def total(rows: tuple[SaleRow, ...]) -> Decimal:
    return sum((row.net + row.tax for row in rows), Decimal(0))


def test_an_order_is_its_lines_and_its_shipping_on_the_day_it_was_processed() -> None:
    rows = sale_rows(order(created_at=PLACED + timedelta(days=3)))

    assert money(rows) == [
        ("product", "order", 2, "40.00", "0.00", "7.60"),
        ("shipping", "order", 1, "5.00", "0.00", "0.00"),
    ]
    assert {row.happened_at for row in rows} == {PLACED}
    assert {row.reason for row in rows} == {"order"}
    assert total(rows) == order().total


@pytest.mark.parametrize("extra", ["3.00", "-0.01"])
def test_a_total_of_another_amount_than_the_lines_has_something_else_in_it(extra: str) -> None:
    charged_order = order(tip=Decimal("2.00"), duties=Decimal("6.00"), total=order().total + Decimal("8.00"))

    assert is_all_placed(order())
    assert is_all_placed(charged_order)
    assert not is_all_placed(replace(charged_order, total=charged_order.total + Decimal(extra)))


def test_a_line_keeps_which_product_it_sold() -> None:
    (row, _) = sale_rows(order())

    assert (row.line_item_id, row.product_id, row.variant_id) == (11, 7, 71)


def test_gross_sales_are_the_prices_before_discounts() -> None:
    discounted = line(discount=Decimal("4.00"), tax="6.84")

    (row,) = sale_rows(order(line_items=(discounted,), shipping_lines=()))

    assert money([row]) == [("product", "order", 2, "36.00", "4.00", "6.84")]
    assert row.net + row.discount == Decimal("40.00")


def test_where_prices_contain_tax_neither_net_nor_discounts_do() -> None:
    """23.80 with 19 % in it is 20.00 net; 2.38 off is 2.00 before tax."""
    inclusive = line(price="23.80", quantity=1, discount=Decimal("2.38"), tax="3.42")

    (row,) = sale_rows(order(taxes_included=True, line_items=(inclusive,), shipping_lines=()))

    assert money([row]) == [("product", "order", 1, "18.00", "2.00", "3.42")]
    assert row.net + row.tax == Decimal("21.42")


def test_the_discount_on_a_line_that_is_exempt_from_its_taxes_is_no_more_than_it_is() -> None:
    exempt = line(
        price="120.00", quantity=1, discount=Decimal("12.00"), taxes=(TaxLine("VAT", Decimal("0.2"), Decimal(0)),)
    )

    (row,) = sale_rows(order(taxes_included=True, line_items=(exempt,), shipping_lines=()))

    assert money([row]) == [("product", "order", 1, "108.00", "10.00", "0.00")]


def test_a_discount_before_tax_is_rounded_to_the_coins_of_the_currency() -> None:
    inclusive = line(price="1100", quantity=1, discount=Decimal("100"), taxes=taxes("91", rate="0.10"))

    (row,) = sale_rows(order(currency="JPY", taxes_included=True, line_items=(inclusive,), shipping_lines=()))

    assert (row.net, row.discount, row.tax) == (Decimal(909), Decimal(91), Decimal(91))


def test_shipping_given_free_is_a_discount_and_no_sale() -> None:
    free = shipping(discount=Decimal("5.00"))

    rows = sale_rows(order(line_items=(), shipping_lines=(free,)))

    assert money(rows) == [("shipping", "order", 1, "0.00", "5.00", "0.00")]


def test_shipping_that_was_taken_off_the_order_is_not_charged() -> None:
    assert sale_rows(order(line_items=(), shipping_lines=(shipping(is_removed=True),))) == ()


@pytest.mark.parametrize(
    ("kept", "back"),
    [
        ((), adjustment("shipping", "5.00")),
        ((shipping(22, "3.00"),), adjustment("shipping", "5.00")),
        (
            (shipping(22, "9.00"),),
            RefundAdjustment(51, "shipping", Decimal(5), Decimal(0), True, shipping_line_id=21),
        ),
    ],
    ids=["alone", "more than the kept one", "by its id"],
)
def test_a_shipping_line_that_was_removed_and_given_back_was_charged(
    kept: tuple[ShippingLine, ...], back: RefundAdjustment
) -> None:
    lines = (shipping(is_removed=True), *kept)
    rows = sale_rows(order(line_items=(), shipping_lines=lines, refunds=(refund(lines=(), adjustments=(back,)),)))
    assert sum(row.net for row in rows) == sum(line.price for line in kept)
    assert [row.net for row in rows if row.action == "return"] == [-5]


def test_a_refund_of_the_kept_shipping_does_not_charge_the_removed_one() -> None:
    lines = (shipping(is_removed=True), shipping(22, "9.00"))
    back = refund(lines=(), adjustments=(adjustment("shipping", "9.00"),))
    assert [row.net for row in sale_rows(order(line_items=(), shipping_lines=lines, refunds=(back,)))] == [9, -9]


def test_a_gift_card_is_no_product_so_that_selling_one_is_no_sale_yet() -> None:
    rows = sale_rows(order(line_items=(line(is_gift_card=True, tax="0"),), shipping_lines=()))

    assert [row.line_type for row in rows] == ["gift_card"]


def test_a_tip_is_a_line_of_its_own() -> None:
    rows = sale_rows(order(line_items=(), shipping_lines=(), tip=Decimal("3.00")))

    assert money(rows) == [("tip", "order", 1, "3.00", "0.00", "0.00")]


def test_no_tip_is_no_line() -> None:
    assert sale_rows(order(line_items=(), shipping_lines=(), tip=Decimal(0))) == ()


def test_a_test_order_sells_nothing() -> None:
    ledger = (agreement(sale()),)

    assert sale_rows(order(test=True, refunds=(refund(),))) == ()
    assert sale_rows(order(test=True, agreements=ledger)) == ()


def test_a_cancelled_order_stays_in_the_sales_of_its_day_and_goes_out_on_the_day_of_its_refund() -> None:
    everything = refund(lines=(refund_line(quantity=2, subtotal="40.00", tax="7.60"),))
    cancelled = order(cancelled_at=REFUNDED, refunds=(everything,), shipping_lines=())

    rows = sale_rows(cancelled)

    assert [(row.action, row.happened_at) for row in rows] == [("order", PLACED), ("return", REFUNDED)]
    assert total(rows) == 0


@pytest.mark.parametrize("source", [Source.CSV, Source.WEBHOOK])
@pytest.mark.parametrize("status", ["paid", "partially_paid", "partially_refunded"])
def test_a_cancelled_order_whose_money_the_shop_kept_stays_in_the_sales(source: Source, status: str) -> None:
    cancelled = order(cancelled_at=REFUNDED, financial_status=status, source=source)

    assert sale_rows(cancelled) == sale_rows(order(financial_status=status, source=source))


@pytest.mark.parametrize("source", [Source.CSV, Source.WEBHOOK])
@pytest.mark.parametrize("status", [None, "pending", "authorized", "voided", "refunded", "expired"])
def test_a_cancelled_order_of_which_no_money_was_kept_goes_out_on_the_day_of_its_cancellation(
    source: Source, status: str | None
) -> None:
    rows = sale_rows(order(cancelled_at=REFUNDED, financial_status=status, source=source))

    assert {(row.action, row.happened_at) for row in rows} == {("order", PLACED), ("return", REFUNDED)}
    assert total(rows) == 0


def test_what_came_back_is_taken_away_with_its_tax_and_its_share_of_the_discount() -> None:
    discounted = line(quantity=3, discount=Decimal("10.00"), tax="9.50")
    back = refund(lines=(refund_line(quantity=1, subtotal="16.67", tax="3.17"),))

    rows = sale_rows(order(line_items=(discounted,), shipping_lines=(), refunds=(back,)))

    assert money(rows[1:]) == [("product", "return", -1, "-16.67", "-3.33", "-3.17")]
    assert (rows[1].line_item_id, rows[1].product_id, rows[1].variant_id) == (11, 7, 71)
    assert rows[1].reason == "refund"


def test_returned_goods_are_before_tax_where_prices_contain_it() -> None:
    inclusive = line(price="23.80", quantity=1, tax="3.80")
    back = refund(lines=(refund_line(subtotal="23.80", tax="3.80"),))

    rows = sale_rows(order(taxes_included=True, line_items=(inclusive,), shipping_lines=(), refunds=(back,)))

    assert money(rows) == [
        ("product", "order", 1, "20.00", "0.00", "3.80"),
        ("product", "return", -1, "-20.00", "0.00", "-3.80"),
    ]


def test_a_returned_gift_card_is_no_return_of_goods() -> None:
    card = order(line_items=(line(is_gift_card=True, tax="0"),), refunds=(refund(),))

    assert [row.line_type for row in sale_rows(card) if row.action == "return"] == ["gift_card"]


def test_a_return_of_a_line_that_is_not_known_still_takes_its_money_away() -> None:
    unknown = refund(lines=(refund_line(line_item_id=999),))

    (row,) = sale_rows(order(line_items=(), shipping_lines=(), refunds=(unknown,)))

    assert money([row]) == [("product", "return", -1, "-20.00", "0.00", "-3.80")]
    assert (row.line_item_id, row.product_id) == (999, None)


@pytest.mark.parametrize(
    ("kind", "amount", "tax", "expected"),
    [
        ("shipping", "5.00", "0.95", ("shipping", "return", 0, "-5.00", "0.00", "-0.95")),
        ("discrepancy", "3.00", "0", ("adjustment", "return", 0, "3.00", "0.00", "0.00")),
        ("discrepancy", "-3.00", "-0.57", ("adjustment", "return", 0, "-3.00", "0.00", "-0.57")),
    ],
)
def test_shipping_given_back_takes_away_and_a_discrepancy_counts_as_shopify_signs_it(
    kind: str, amount: str, tax: str, expected: tuple[str, str, int, str, str, str]
) -> None:
    given = refund(lines=(), adjustments=(adjustment(kind, amount, tax),))

    rows = sale_rows(order(line_items=(), shipping_lines=(), refunds=(given,)))

    assert money(rows) == [expected]


def test_rows_stand_in_the_order_in_which_they_happened() -> None:
    late, early = refund(32, at=REFUNDED + timedelta(days=1)), refund(31)

    rows = sale_rows(order(refunds=(late, early)))

    assert [row.happened_at for row in rows] == sorted(row.happened_at for row in rows)


def test_shopifys_own_ledger_is_taken_as_it_stands() -> None:
    ledger = (
        agreement(
            sale(quantity=2, total="47.60", tax="7.60", discount="1.00"),
            sale("shipping", total="5.00", tax="0", quantity=1),
        ),
        agreement(
            sale(action="return", quantity=-1, total="-23.80", tax="-3.80", discount="-0.50"),
            agreement_id=62,
            at=REFUNDED,
            reason="refund",
            refund_id=31,
        ),
    )

    rows = sale_rows(order(agreements=ledger, line_items=(line(quantity=9),), refunds=(refund(31),)))

    assert money(rows) == [
        ("product", "order", 2, "40.00", "1.00", "7.60"),
        ("shipping", "order", 1, "5.00", "0.00", "0.00"),
        ("product", "return", -1, "-20.00", "-0.50", "-3.80"),
    ]
    assert [(row.reason, row.happened_at) for row in rows] == [
        ("order", PLACED),
        ("order", PLACED),
        ("refund", REFUNDED),
    ]
    assert rows[0].product_id == 7, "the product is that of the line"


def test_an_edit_is_dated_by_the_edit_and_not_by_the_order() -> None:
    edited = PLACED + timedelta(days=2)
    ledger = (
        agreement(sale(quantity=1)),
        agreement(sale(quantity=1), agreement_id=62, at=edited, reason="order_edit"),
    )

    rows = sale_rows(order(agreements=ledger))

    assert [(row.reason, row.happened_at) for row in rows] == [("order", PLACED), ("order_edit", edited)]


def test_a_refund_that_shopifys_ledger_does_not_know_yet_is_reckoned_until_it_does() -> None:
    ledger = (agreement(sale(quantity=2, total="47.60", tax="7.60")),)

    rows = sale_rows(order(agreements=ledger, refunds=(refund(31),)))

    assert [(row.action, row.quantity) for row in rows] == [("order", 2), ("return", -1)]


def test_a_ledger_without_a_row_is_no_sale_and_not_an_invitation_to_reckon() -> None:
    assert sale_rows(order(agreements=())) == ()


def test_a_plain_order_gives_the_same_rows_by_its_lines_and_by_shopifys_ledger() -> None:
    discounted = line(discount=Decimal("4.00"), tax="6.84")
    placed = order(line_items=(discounted, line(12, "9.99", 1, "1.90", product_id=8)), tip=Decimal("2.00"))
    ledger = (
        agreement(
            sale(quantity=2, total="42.84", tax="6.84", discount="4.00"),
            sale(quantity=1, total="11.89", tax="1.90", line_item_id=12),
            sale("shipping", total="5.00", tax="0"),
            sale("tip", total="2.00", tax="0"),
        ),
    )

    assert sale_rows(placed) == sale_rows(order(line_items=placed.line_items, agreements=ledger))
