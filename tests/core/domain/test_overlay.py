"""Shopify's ledger of an order and webhooks that came since it was read: nothing is booked twice, nothing that was
right is lost, and each row is of its own day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Agreement, Order, RefundAdjustment, Source
from core.domain.ledger import sale_rows
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

LATER = REFUNDED + timedelta(days=3)
SHIRTS = sale(quantity=2, total="47.60", tax="7.60")
ONE_BACK = sale(action="return", quantity=-1, total="-23.80", tax="-3.80")


def read(*agreements: Agreement, **changes: Any) -> Order:
    """Two shirts as they were read whole."""
    said = {"line_items": (line(),), "shipping_lines": ()}
    return order(agreements=(agreement(SHIRTS), *agreements), **said | changes)


def later_on(reason: str, *sales: Any, at: datetime = REFUNDED, refund_id: int | None = None) -> Agreement:
    return agreement(*sales, agreement_id=62, at=at, reason=reason, refund_id=refund_id)


def brief(rows: tuple[SaleRow, ...]) -> list[tuple[str, str, int, Decimal]]:
    return [(row.reason, row.action, row.quantity, row.net) for row in rows]


SOLD = ("order", "order", 2, Decimal("40.00"))


@pytest.mark.parametrize("reason", ["return", "order_edit"])
def test_a_refund_that_the_reading_listed_is_booked_once_though_no_agreement_names_it(reason: str) -> None:
    """An edit that removes a line makes a refund without money; a return is booked first and refunded later."""
    order_read = read(later_on(reason, ONE_BACK), refunds=(refund(31, at=LATER),), agreed_refunds=(31,))

    assert brief(sale_rows(order_read)) == [SOLD, (reason, "return", -1, Decimal("-20.00"))]


def test_a_newer_refund_is_laid_on_top() -> None:
    order_read = read(refunds=(refund(31),))

    assert brief(sale_rows(order_read)) == [SOLD, ("refund", "return", -1, Decimal("-20.00"))]


def test_a_newer_refund_of_goods_that_their_return_took_back_takes_none_back_again() -> None:
    order_read = read(later_on("return", ONE_BACK), refunds=(refund(31, at=LATER),))

    assert brief(sale_rows(order_read)) == [SOLD, ("return", "return", -1, Decimal("-20.00"))]


def test_of_a_newer_refund_only_the_units_count_that_are_not_back_yet() -> None:
    both = refund(31, at=LATER, lines=(refund_line(quantity=2, subtotal="40.00", tax="7.60"),))

    rows = sale_rows(read(later_on("return", ONE_BACK), refunds=(both,)))

    assert brief(rows) == [
        SOLD,
        ("return", "return", -1, Decimal("-20.00")),
        ("refund", "return", -1, Decimal("-20.00")),
    ]
    assert [row.tax for row in rows] == [Decimal("7.60"), Decimal("-3.80"), Decimal("-3.80")]


def test_what_was_kept_of_a_newer_refund_counts_though_its_goods_are_back() -> None:
    kept = refund(31, at=LATER, adjustments=(adjustment("discrepancy", "3.00"),))

    rows = sale_rows(read(later_on("return", ONE_BACK), refunds=(kept,)))

    assert [(row.line_type, row.net) for row in rows[2:]] == [("adjustment", Decimal("3.00"))]


def test_goods_that_a_listed_refund_explains_are_not_ahead_of_the_next_one() -> None:
    order_read = read(
        later_on("refund", ONE_BACK, refund_id=31),
        refunds=(refund(31), refund(32, at=LATER)),
        agreed_refunds=(31,),
    )

    assert [row.quantity for row in sale_rows(order_read)] == [2, -1, -1]


def test_a_webhook_about_a_fulfilment_changes_no_row() -> None:
    edited = later_on("order_edit", sale(quantity=1, total="11.90", tax="1.90", line_item_id=12))
    lines = (line(), line(12, "10.00", 1, "1.90"))
    before = sale_rows(read(edited, line_items=lines))

    assert sale_rows(read(edited, line_items=lines, source=Source.WEBHOOK, updated_at=LATER)) == before


def test_a_line_that_a_newer_webhook_has_is_laid_on_top_as_an_edit_of_that_moment() -> None:
    lines = (line(), line(12, "10.00", 3, "5.70", discount=Decimal("3.00")))

    rows = sale_rows(read(line_items=lines, source=Source.WEBHOOK, updated_at=LATER))

    assert brief(rows) == [SOLD, ("order_edit", "order", 3, Decimal("27.00"))]
    assert (rows[1].happened_at, rows[1].discount, rows[1].tax) == (LATER, Decimal("3.00"), Decimal("5.70"))


def test_units_that_an_edit_added_to_a_line_are_laid_on_top() -> None:
    rows = sale_rows(read(line_items=(line(quantity=3, tax="11.40"),), source=Source.WEBHOOK, updated_at=LATER))

    assert brief(rows) == [SOLD, ("order_edit", "order", 1, Decimal("20.00"))]
    assert rows[1].tax == Decimal("3.80")


@pytest.mark.parametrize("changes", [{"is_tip": True}, {"is_gift_card": True}])
def test_a_newer_tip_or_gift_card_is_not_laid_on_top(changes: dict[str, bool]) -> None:
    lines = (line(), line(12, **changes))

    assert len(sale_rows(read(line_items=lines, source=Source.WEBHOOK))) == 1


def test_lines_of_the_reading_itself_are_never_laid_on_top() -> None:
    assert len(sale_rows(read(line_items=(line(), line(12))))) == 1


def test_an_order_and_its_sales_share_a_day_though_it_was_agreed_on_later() -> None:
    """An imported order keeps its year; one placed a second before midnight its day."""
    placed, imported = datetime(2019, 3, 1, 12, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    order_read = order(
        processed_at=placed,
        agreements=(agreement(SHIRTS, at=imported), later_on("order_edit", ONE_BACK, at=LATER)),
    )

    assert [row.happened_at for row in sale_rows(order_read)] == [placed, LATER]


@pytest.mark.parametrize("strange", [{"line_type": "unknown"}, {"line_type": "carbon_offset"}, {"action": "unknown"}])
def test_a_sale_of_an_unknown_kind_is_a_row_of_its_own_kind(strange: dict[str, str]) -> None:
    (row,) = sale_rows(order(agreements=(agreement(sale(**strange)),)))

    assert (row.line_type, row.net, row.tax) == ("unknown", Decimal("20.00"), Decimal("3.80"))
    assert row.action in ("order", "update")


def test_duties_and_fees_on_top_of_the_prices_are_sold_with_the_order() -> None:
    levied = order(line_items=(), shipping_lines=(), duties=Decimal("3.98"), fees=Decimal("1.50"))

    assert [(row.line_type, row.quantity, row.net) for row in sale_rows(levied)] == [
        ("duty", 0, Decimal("3.98")),
        ("fee", 0, Decimal("1.50")),
    ]
    assert sale_rows(order(line_items=(), shipping_lines=(), duties=Decimal(0), fees=None)) == ()


def test_duties_given_back_are_taken_from_duties() -> None:
    back = refund(lines=(), adjustments=(adjustment("duty", "3.98"),))

    _, row = sale_rows(order(line_items=(), shipping_lines=(), duties=Decimal("3.98"), refunds=(back,)))

    assert (row.line_type, row.action, row.net, row.happened_at) == ("duty", "return", Decimal("-3.98"), REFUNDED)


@pytest.mark.parametrize(
    ("included", "price", "given", "expected"),
    [
        (True, "6.15", "6.15", ("-5.00", "-1.15")),
        (True, "6.15", "3.00", ("-2.44", "-0.56")),
        (False, "5.00", "5.00", ("-5.00", "-1.15")),
        (False, "5.00", "2.00", ("-2.00", "-0.46")),
    ],
)
def test_shipping_given_back_is_split_by_the_shipping_lines_own_tax(
    included: bool, price: str, given: str, expected: tuple[str, str]
) -> None:
    charged = (shipping(21, price, taxes=taxes("1.15", rate="0.23")), shipping(22, "99.00"))

    row = shipping_back(given, 21, taxes_included=included, shipping_lines=charged)

    assert (f"{row.net:.2f}", f"{row.tax:.2f}") == expected


def test_the_only_shipping_line_is_meant_where_the_one_named_is_not_here() -> None:
    summary = (shipping(0, "6.15", taxes=taxes("1.15", rate="0.23")),)

    assert shipping_back("6.15", 21, taxes_included=True, shipping_lines=summary).tax == Decimal("-1.15")
    assert shipping_back("6.15", None, taxes_included=True, shipping_lines=summary).tax == Decimal("-1.15")
    assert shipping_back("6.15", 21, taxes_included=True, shipping_lines=()).net == Decimal("-6.15")


def test_the_tax_of_refunded_shipping_is_the_one_that_shopify_sends() -> None:
    adjustment = RefundAdjustment(
        51, "shipping", Decimal("6.15"), Decimal("1.00"), is_as_priced=True, shipping_line_id=21
    )
    back = refund(lines=(), adjustments=(adjustment,))

    row = sale_rows(order(line_items=(), taxes_included=True, refunds=(back,)))[-1]

    assert (row.net, row.tax) == (Decimal("-5.15"), Decimal("-1.00"))


def shipping_back(amount: str, shipping_line_id: int | None, **changes: Any) -> SaleRow:
    given = RefundAdjustment(
        51, "shipping", Decimal(amount), None, is_as_priced=True, shipping_line_id=shipping_line_id
    )
    rows = sale_rows(order(line_items=(), refunds=(refund(lines=(), adjustments=(given,)),), **changes))
    return rows[-1]


def test_the_day_of_an_order_is_when_it_was_processed() -> None:
    assert sale_rows(read())[0].happened_at == PLACED
