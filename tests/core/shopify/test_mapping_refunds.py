"""Refunds from webhooks: goods, shipping, discrepancies and money, each with the sign that the ledger expects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Refund, RefundAdjustment, RefundLine
from core.shopify import mapping
from tests.core.shopify.samples import mapped, webhook_samples

NEW_YEAR = datetime(2022, 1, 1, tzinfo=UTC)
SAMPLES = {origin: raw for origin, topic, raw in webhook_samples() if topic == "refunds/create"}


def refund(**changes: Any) -> Refund:
    """Map the reference refund with some fields replaced."""
    body = json.loads(SAMPLES["reference"]) | changes
    (record,) = mapping.from_webhook("refunds/create", json.dumps(body).encode(), NEW_YEAR)
    assert isinstance(record, Refund)
    return record


def both(shop: str, presentment: str | None = None) -> dict[str, dict[str, str]]:
    """Make a `*_set`: rupees for the shop, dollars for the customer."""
    return {
        "shop_money": {"amount": shop, "currency_code": "INR"},
        "presentment_money": {"amount": presentment or shop, "currency_code": "CAD" if presentment else "INR"},
    }


def paid(amount: str, currency: str | None = "INR", status: str = "success", kind: str = "refund") -> dict[str, Any]:
    return {"id": 1, "kind": kind, "status": status, "amount": amount, "currency": currency}


def shipping_line(amount: str, presentment: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": 54026469547, "shipping_line_id": 3, "subtotal_amount_set": both(amount, presentment), **more}


def adjustment(kind: str | None, amount: str, tax: str = "0.00", reason: str = "", number: int = 9) -> dict[str, Any]:
    return {"id": number, "kind": kind, "reason": reason, "amount_set": both(amount), "tax_amount_set": both(tax)}


def test_the_reference_refund_is_read_to_the_cent() -> None:
    record = refund()
    assert (record.refund_id, record.order_id) == (890088186047892319, 820982911946154508)
    assert record.processed_at == record.created_at == NEW_YEAR
    assert record.note == "Things were damaged"
    assert record.refunded == Decimal("85.00")  # two transactions of 75.00 and 10.00, currency null
    assert record.adjustments == ()
    assert record.lines[0] == RefundLine(
        487817672276298627, 487817672276298554, 1, Decimal("89.99"), Decimal("0.00"), "no_restock"
    )
    assert [line.subtotal for line in record.lines] == [
        Decimal("89.99"),
        Decimal("19.99"),
        Decimal("24.99"),
        Decimal("159.99"),
        Decimal("119.99"),
    ]


def test_the_refund_delivered_in_2024_restocks_without_money() -> None:
    (record,) = mapping.from_webhook("refunds/create", SAMPLES["delivered"], NEW_YEAR)
    assert isinstance(record, Refund)
    assert record.refunded == 0
    assert [(line.quantity, line.subtotal) for line in record.lines] == [
        (1, Decimal("199.00")),
        (1, Decimal("199.00")),
    ]


def test_the_exact_sets_are_taken_where_the_plain_numbers_differ() -> None:
    line = {"id": 1, "line_item_id": 2, "quantity": 1, "restock_type": "return", "subtotal": 0.1, "total_tax": 0.2}
    exact = line | {"subtotal_set": both("60.93"), "total_tax_set": both("9.73")}
    assert refund(refund_line_items=[line]).lines[0] == RefundLine(1, 2, 1, Decimal("0.1"), Decimal("0.2"), "return")
    assert refund(refund_line_items=[exact]).lines[0].subtotal == Decimal("60.93")
    assert refund(refund_line_items=[exact]).lines[0].tax == Decimal("9.73")


def test_shipping_given_back_is_positive_and_its_tax_is_left_to_the_shipping_line() -> None:
    record = refund(refund_shipping_lines=[shipping_line("5.00")])
    assert record.adjustments == (
        RefundAdjustment(54026469547, "shipping", Decimal("5.00"), None, is_as_priced=True, shipping_line_id=3),
    )


def test_duties_given_back_are_an_adjustment_of_their_own() -> None:
    duty = {"duty_id": 91, "amount_set": both("3.98")}
    for duties in ({"total_duties_set": both("3.98"), "duties": [duty]}, {"duties": [duty]}):
        (adjustment,) = refund(**duties).adjustments
        assert (adjustment.kind, adjustment.amount, adjustment.tax) == ("duty", Decimal("3.98"), 0)
    assert refund(total_duties_set=both("0.00"), duties=[]).adjustments == ()


def test_shipping_given_back_before_2024_was_a_negative_adjustment_with_its_tax_beside_it() -> None:
    record = refund(order_adjustments=[adjustment("shipping_refund", "-5.90", "-1.12")])
    assert record.adjustments == (RefundAdjustment(9, "shipping", Decimal("5.90"), Decimal("1.12")),)


def test_shipping_reported_twice_is_refunded_once() -> None:
    record = refund(
        refund_shipping_lines=[shipping_line("7.02")],
        order_adjustments=[adjustment("shipping_refund", "-5.90", "-1.12")],
    )
    assert record.adjustments == (RefundAdjustment(54026469547, "shipping", Decimal("5.90"), Decimal("1.12")),)


def test_where_lines_and_adjustments_do_not_pair_the_lines_count() -> None:
    record = refund(
        refund_shipping_lines=[shipping_line("5.00"), shipping_line("2.00", tax_amount_set=both("0.38"))],
        order_adjustments=[adjustment("shipping_refund", "-7.00")],
    )
    assert [(each.amount, each.tax) for each in record.adjustments] == [
        (Decimal("5.00"), None),
        (Decimal("2.00"), Decimal("0.38")),
    ]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("refund_discrepancy", "Refund discrepancy"), (None, "damage"), (None, "Refund discrepancy"), (None, "")],
)
def test_a_discrepancy_keeps_the_sign_that_shopify_gives_it(kind: str | None, reason: str) -> None:
    less_given_back = refund(order_adjustments=[adjustment(kind, "277.61", reason=reason)])
    more_given_back = refund(order_adjustments=[adjustment(kind, "-33.84", reason=reason)])
    assert less_given_back.adjustments == (RefundAdjustment(9, "discrepancy", Decimal("277.61"), Decimal("0.00")),)
    assert more_given_back.adjustments == (RefundAdjustment(9, "discrepancy", Decimal("-33.84"), Decimal("0.00")),)


def test_the_reason_identifies_refunded_shipping_without_a_kind() -> None:
    record = refund(order_adjustments=[adjustment(None, "-5.00", reason="Shipping refund"), adjustment(None, "1.00")])
    assert [(each.kind, each.amount) for each in record.adjustments] == [
        ("shipping", Decimal("5.00")),
        ("discrepancy", Decimal("1.00")),
    ]


def test_only_money_that_went_back_is_refunded() -> None:
    transactions = [
        paid("10.00"),
        paid("20.00", status="pending"),
        paid("40.00", status="failure"),
        paid("80.00", kind="void"),
        paid("0.50", currency=None),
        paid("0.25", currency="XXX"),
    ]
    assert refund(transactions=transactions).refunded == Decimal("10.75")


def test_a_refund_in_another_currency_is_converted_to_the_shops() -> None:
    """A delivery of 2026-07: 0.90 CAD of goods and 0.90 CAD of shipping, 60.93 INR each; 1.80 CAD was refunded."""
    line = {"id": 1, "line_item_id": 2, "quantity": 1, "restock_type": "cancel"}
    line |= {"subtotal_set": both("60.93", "0.90"), "total_tax_set": both("0.00", "0.00")}
    record = refund(
        refund_line_items=[line],
        refund_shipping_lines=[shipping_line("60.93", "0.90")],
        transactions=[paid("1.80", "CAD")],
    )
    assert record.refunded == Decimal("121.86")
    assert record.lines[0].subtotal == Decimal("60.93")
    assert record.adjustments[0].amount == Decimal("60.93")


def test_a_transaction_that_has_both_sides_is_taken_at_its_word() -> None:
    assert refund(transactions=[paid("1.80", "CAD") | {"amount_set": both("121.87", "1.80")}]).refunded == Decimal(
        "121.87"
    )


def test_a_refund_that_was_imported_without_a_processing_time_is_dated_by_its_creation() -> None:
    assert refund(processed_at=None).processed_at == NEW_YEAR


def test_a_refund_of_money_alone_in_another_currency_is_at_the_rate_of_its_orders_totals() -> None:
    money = {**json.loads(SAMPLES["reference"]), "refund_line_items": [], "transactions": [paid("9.00", "CAD")]}
    for field in ("order_adjustments", "refund_shipping_lines"):
        money[field] = []
    totals = {"total_price": "600.00", "total_price_set": both("600.00", "10.00"), "currency": "INR"}
    order = mapped("orders/create", change=lambda body: body.update(totals, refunds=[money]))
    assert [each.refunded for each in order.refunds] == [Decimal("540.00")]


def test_the_rounding_of_cash_is_no_return() -> None:
    rounding = adjustment(None, "-0.01", reason="Cash rounding adjustment")
    assert refund(order_adjustments=[rounding, adjustment(None, "-5.00", number=10)]).adjustments == (
        RefundAdjustment(10, "discrepancy", Decimal("-5.00"), Decimal("0.00")),
    )
