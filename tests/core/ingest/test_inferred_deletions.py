"""Inferred deletions last until the API returns the record; confirmed ones stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import ingest
from core.database import tenant_session
from core.database.models import Customer, Deletion, Order, Product, Sale, UnsettledOrder, Variant
from core.domain import Deleted, Kind, Merged, Source
from tests.cast import NOW, Cast
from tests.factories import ORDER_ID, REFUNDED, agreement, customer, line, order, product, refund, sale, variant
from tests.stored import ledger, row, rows, write

LAST_SEEN = REFUNDED + timedelta(days=1)
INFERRED = Deleted(Kind.ORDER, ORDER_ID, LAST_SEEN, is_inferred=True)
CONFIRMED = Deleted(Kind.ORDER, ORDER_ID, LAST_SEEN)


def test_an_order_that_the_api_returns_again_is_restored_though_nothing_changed(cast: Cast) -> None:
    whole = order(
        line_items=(line(quantity=2),), refunds=(refund(),), agreements=(agreement(sale()),), email="a@b.example"
    )
    write(cast.acme, whole)
    before = ledger(cast.acme)

    assert write(cast.acme, INFERRED).deleted == 1
    assert rows(cast.acme, Sale) == []
    assert write(cast.acme, whole).orders == 1

    assert ledger(cast.acme) == before
    assert rows(cast.acme, Deletion) == []


def test_a_late_webhook_does_not_bring_it_back_however_new(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.acme, INFERRED)
    write(cast.acme, order(updated_at=LAST_SEEN + timedelta(days=1), source=Source.WEBHOOK), refund())
    write(cast.acme, order(updated_at=LAST_SEEN + timedelta(days=1), source=Source.CSV))

    assert row(cast.acme, Order)["deleted_at"] == LAST_SEEN
    assert rows(cast.acme, Sale) == []


def test_what_shopify_said_was_deleted_stays_so_whatever_was_inferred_before_or_after(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.acme, INFERRED)
    write(cast.acme, CONFIRMED)
    write(cast.acme, INFERRED)
    write(cast.acme, order(updated_at=LAST_SEEN + timedelta(days=1)))

    assert (row(cast.acme, Order)["deleted_at"], rows(cast.acme, Sale)) == (LAST_SEEN, [])
    assert row(cast.acme, Deletion)["is_inferred"] is False


def test_an_answer_that_may_have_been_under_way_when_it_was_inferred_does_not_bring_it_back(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.acme, INFERRED)

    assert write(cast.acme, order(), now=LAST_SEEN + timedelta(minutes=4)).orders == 0
    assert write(cast.acme, order(), now=LAST_SEEN + timedelta(minutes=6)).orders == 1


def test_one_that_was_never_here_may_come_in(cast: Cast) -> None:
    write(cast.acme, INFERRED)
    assert write(cast.acme, order()).orders == 1


def collected(cast: Cast, at: datetime) -> ingest.Written:
    """The order, as a bulk operation that began at this time collected it."""
    with tenant_session(cast.acme.tenant_id) as session:
        reading = ingest.Reading(at)
        prepared = ingest.PreparedOrders.of(cast.acme.key, ZoneInfo("Europe/Berlin"), [order()], reading)
        return ingest.write(session, cast.acme.key, [order()], NOW, prepared=prepared, reading=reading)


def test_what_a_bulk_operation_collected_before_does_not_bring_it_back(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.acme, INFERRED)

    assert collected(cast, LAST_SEEN - timedelta(hours=1)).orders == 0
    assert row(cast.acme, Order)["deleted_at"] == LAST_SEEN


def test_what_a_bulk_operation_collects_afterwards_brings_it_back(cast: Cast) -> None:
    write(cast.acme, order())
    before = ledger(cast.acme)
    write(cast.acme, INFERRED)

    assert collected(cast, LAST_SEEN + timedelta(hours=1)).orders == 1
    assert ledger(cast.acme)["sales"] == before["sales"]
    assert row(cast.acme, Order)["deleted_at"] is None


def test_an_order_deletes_and_brings_back_nothing_else_with_its_number(cast: Cast) -> None:
    write(cast.acme, product(ORDER_ID))
    write(cast.acme, Deleted(Kind.PRODUCT, ORDER_ID, LAST_SEEN, is_inferred=True))
    write(cast.acme, order())

    assert row(cast.acme, Product)["deleted_at"] == LAST_SEEN


def test_another_tenants_reading_brings_back_nothing_here(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.acme, INFERRED)
    write(cast.globex, order())

    assert row(cast.acme, Order)["deleted_at"] == LAST_SEEN


def test_a_product_comes_back_with_its_variants(cast: Cast) -> None:
    kept = product(variants=(variant(71), variant(72)))
    write(cast.acme, kept)
    before = rows(cast.acme, Product), rows(cast.acme, Variant)
    write(cast.acme, Deleted(Kind.PRODUCT, kept.product_id, LAST_SEEN, is_inferred=True))
    write(cast.acme, kept)

    assert (rows(cast.acme, Product), rows(cast.acme, Variant)) == before


def test_a_customer_comes_back_with_their_name_and_their_orders_are_read_back(cast: Cast) -> None:
    restored = order(customer_id=81, email="ada@example.com")
    write(cast.acme, customer(81), restored)
    before = rows(cast.acme, Customer), rows(cast.acme, Order)
    write(cast.acme, Deleted(Kind.CUSTOMER, 81, LAST_SEEN, is_inferred=True))
    assert row(cast.acme, Order)["email"] is None

    write(cast.acme, customer(81))
    assert rows(cast.acme, Customer) == before[0]
    assert [each["order_id"] for each in rows(cast.acme, UnsettledOrder)] == [restored.order_id]
    write(cast.acme, restored)
    assert rows(cast.acme, Order) == before[1]


@pytest.mark.parametrize("source", [Source.API, Source.WEBHOOK])
def test_a_customer_who_was_merged_into_another_does_not_come_back(cast: Cast, source: Source) -> None:
    write(cast.acme, customer(81), customer(82))
    write(cast.acme, Deleted(Kind.CUSTOMER, 81, LAST_SEEN, is_inferred=True))
    write(cast.acme, Merged(82, 81, LAST_SEEN))
    write(cast.acme, customer(81, updated_at=LAST_SEEN, source=source))

    assert {each["customer_id"] for each in rows(cast.acme, Customer) if each["deleted_at"] is None} == {82}
