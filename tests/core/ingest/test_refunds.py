"""Refunds come once, before or after their order, alone or inside it, and never go away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from core.database.models import Refund, RefundLine, Sale
from core.domain import Deleted, Kind, Source
from tests.cast import Cast
from tests.factories import ORDER_ID, PLACED, REFUNDED, adjustment, order, refund, refund_line
from tests.stored import ledger, row, rows, total_sales, write

LATER = REFUNDED + timedelta(minutes=1)


def test_a_refund_takes_its_goods_away_on_the_day_it_was_processed(cast: Cast) -> None:
    written = write(cast.acme, order(), refund(note="too small"))

    assert written.refunds == 1
    kept = row(cast.acme, Refund)
    assert (kept["order_id"], kept["refunded"], kept["currency"]) == (ORDER_ID, Decimal("23.80"), "EUR")
    assert (kept["note"], kept["business_date"]) == ("too small", date(2026, 11, 11))
    assert row(cast.acme, RefundLine)["restock_type"] == "return"
    (returned,) = [each for each in rows(cast.acme, Sale) if each["action"] == "return"]
    assert (returned["net"], returned["tax"], returned["happened_at"]) == (
        Decimal("-20.00"),
        Decimal("-3.80"),
        REFUNDED,
    )


def test_a_refund_late_in_the_evening_falls_on_the_shops_next_day(cast: Cast) -> None:
    write(cast.acme, order(), refund(at=datetime(2026, 11, 11, 23, 30, tzinfo=UTC)))

    assert row(cast.acme, Refund)["business_date"] == date(2026, 11, 12)


def test_a_refund_that_comes_before_its_order_waits_for_it(cast: Cast) -> None:
    write(cast.acme, refund())
    assert rows(cast.acme, Sale) == []

    write(cast.acme, order())

    assert total_sales(cast.acme) == Decimal("52.60") - Decimal("23.80")


def test_the_order_of_arrival_does_not_matter(cast: Cast) -> None:
    write(cast.acme, refund())
    write(cast.acme, order())
    write(cast.globex, order())
    write(cast.globex, refund())

    def values(business: object) -> list[tuple[object, ...]]:
        found = rows(cast.acme if business is cast.acme else cast.globex, Sale)
        return [(each["sale_no"], each["action"], each["net"], each["tax"]) for each in found]

    assert values(cast.acme) == values(cast.globex)


def test_a_refund_received_alone_and_inside_its_order_is_one(cast: Cast) -> None:
    write(cast.acme, order(), refund())
    write(cast.acme, order(updated_at=LATER, refunds=(refund(),)))
    once = ledger(cast.acme)

    assert not write(cast.acme, refund()).changed
    assert ledger(cast.acme) == once
    assert total_sales(cast.acme) == Decimal("28.80")


def test_two_refunds_of_one_order_are_two(cast: Cast) -> None:
    write(cast.acme, order(), refund(31), refund(32, at=LATER, lines=(refund_line(42),)))

    assert total_sales(cast.acme) == Decimal("5.00")


def test_a_refund_inside_a_stale_version_of_its_order_is_kept(cast: Cast) -> None:
    write(cast.acme, order(updated_at=LATER))
    write(cast.acme, order(updated_at=PLACED, refunds=(refund(),)))

    assert row(cast.acme, Refund)["refund_id"] == 31
    assert total_sales(cast.acme) == Decimal("28.80")


def test_a_newer_order_that_lacks_a_refund_does_not_undo_it(cast: Cast) -> None:
    write(cast.acme, order(), refund())
    write(cast.acme, order(updated_at=LATER, source=Source.WEBHOOK))

    assert total_sales(cast.acme) == Decimal("28.80")


def test_what_the_newest_order_says_of_a_refund_stands(cast: Cast) -> None:
    full = refund(lines=(refund_line(quantity=2, subtotal="40.00", tax="7.60"),))

    write(cast.acme, order(updated_at=LATER, refunds=(full,)), order(refunds=(refund(),)), refund())

    assert row(cast.acme, RefundLine)["quantity"] == 2


def test_a_newer_order_corrects_what_was_known_of_its_refund(cast: Cast) -> None:
    write(cast.acme, order(source=Source.WEBHOOK), refund())
    corrected = refund(
        lines=(refund_line(subtotal="21.00", tax="3.99"),), adjustments=(adjustment("shipping", "1.00"),)
    )

    write(cast.acme, order(updated_at=LATER, refunds=(corrected,)))

    assert row(cast.acme, RefundLine)["subtotal"] == Decimal("21.00")
    assert total_sales(cast.acme) == Decimal("52.60") - Decimal("24.99") - Decimal("1.00")


def test_shipping_given_back_and_a_discrepancy_are_kept_with_the_refund(cast: Cast) -> None:
    parts = (adjustment("shipping", "5.00", "0.95", 51), adjustment("discrepancy", "2.00", "0", 52))

    write(cast.acme, order(), refund(lines=(), adjustments=parts))

    assert row(cast.acme, Refund)["adjustments"] == [
        {"id": 51, "kind": "shipping", "amount": "5.00", "tax": "0.95"},
        {"id": 52, "kind": "discrepancy", "amount": "2.00", "tax": "0"},
    ]
    assert total_sales(cast.acme) == Decimal("52.60") - Decimal("5.95") + Decimal("2.00")


def test_a_refund_of_a_deleted_order_takes_nothing_away(cast: Cast) -> None:
    write(cast.acme, order(), Deleted(Kind.ORDER, ORDER_ID, LATER))
    write(cast.acme, refund())

    assert rows(cast.acme, Sale) == []


def test_a_refund_in_another_currency_than_the_shops_has_its_orders(cast: Cast) -> None:
    write(cast.acme, replace(order(), currency="JPY"), refund())

    assert row(cast.acme, Refund)["currency"] == "JPY"
    assert row(cast.acme, RefundLine)["currency"] == "JPY"
