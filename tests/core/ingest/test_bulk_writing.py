"""Many rows at once are written by COPY and merged as a set: what is in the tables is the same as row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core import ingest
from core.database import StoreKey, tenant_session
from core.database.models import (
    Base,
    Checkout,
    CheckoutLine,
    Customer,
    Deletion,
    LineItem,
    Order,
    Product,
    Refund,
    RefundLine,
    Sale,
    ShippingLine,
    Store,
    Variant,
)
from core.domain import Checkout as CheckoutRecord
from core.domain import CheckoutLine as CheckoutLineRecord
from core.domain import Deleted, Kind, Merged, Record, Source, TaxLine
from core.domain import Order as OrderRecord
from core.domain import Refund as RefundRecord
from core.ingest import sales
from core.ingest.order_rows import NONE_PREPARED
from tests import factories as f
from tests.cast import Business, Cast

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TABLES: tuple[type[Base], ...] = (
    Order,
    LineItem,
    ShippingLine,
    Refund,
    RefundLine,
    Sale,
    Customer,
    Product,
    Variant,
    Checkout,
    CheckoutLine,
    Deletion,
)
BY_COPY, BY_ROW = 1, 10**9


def write(
    business: Business, records: Sequence[Record], copy_from: int, prepared: ingest.PreparedOrders = NONE_PREPARED
) -> ingest.Written:
    with tenant_session(business.tenant_id) as session:
        return ingest.write(session, business.key, records, NOW, copy_from, prepared.stage(session, least=1))


def prepare(business: Business, records: Sequence[Record], zone: str = "Europe/Berlin") -> ingest.PreparedOrders:
    """The orders' rows, made before the store is locked."""
    orders = [record for record in records if isinstance(record, OrderRecord)]
    return ingest.PreparedOrders.of(business.key, ZoneInfo(zone), orders, ingest.Reading(NOW))


def stored(business: Business) -> dict[str, list[dict[str, Any]]]:
    """All rows of the store, without whose they are."""
    found = {}
    with tenant_session(business.tenant_id) as session:
        for model in TABLES:
            table = model.__table__
            rows = session.execute(select(table).order_by(*table.primary_key))
            found[model.__tablename__] = [
                {key: value for key, value in row._mapping.items() if key not in ("tenant_id", "store_id")}
                for row in rows
            ]
    return found


@pytest.fixture
def twins(cast: Cast) -> tuple[Business, Business]:
    """Two stores with the same currency and clock."""
    with tenant_session(cast.globex.tenant_id) as session:
        store = session.get(Store, (cast.globex.tenant_id, cast.globex.store_id))
        assert store is not None
        store.currency, store.time_zone = "EUR", "Europe/Berlin"
    return cast.acme, cast.globex


def checkout(checkout_id: int = 91, **changes: Any) -> CheckoutRecord:
    lines = (CheckoutLineRecord(1, 2, Decimal("20.00"), Decimal("35.00"), "Shirt", "M", "S-1", 7, 71),)
    said: dict[str, Any] = {
        "created_at": f.PLACED,
        "updated_at": f.PLACED,
        "currency": "EUR",
        "subtotal": Decimal("35.00"),
        "total": Decimal("41.65"),
        "lines": lines,
    }
    return CheckoutRecord(checkout_id=checkout_id, **said | changes)


NASTY = [
    "plain",
    "tab\there",
    "line\nbreak",
    "back\\slash",
    "\\N",
    'quote"d',
    "{a,b}",
    "",
    " ",
    "naïve Grüße 漢字",
    "\r\n",
    "null",
    'all "of\\ it\n,\\.\n',
    "\x1f\x7f\u2028",
]


@pytest.mark.parametrize("text", NASTY)
def test_every_text_survives_the_copy(cast: Cast, text: str) -> None:
    tagged = f.product(title=text, tags=(text, "x"), vendor=text)
    taxes = (TaxLine(text, Decimal("0.19"), Decimal("7.60")),)
    ordered = f.order(
        email=text, name=text, discount_codes=(text,), line_items=(f.line(title=text, sku=text, taxes=taxes),)
    )
    write(cast.acme, [tagged, ordered, f.customer(tags=(text,), last_name=text)], BY_COPY)

    rows = stored(cast.acme)
    assert rows["products"][0]["title"] == rows["products"][0]["vendor"] == text
    assert rows["products"][0]["tags"] == [text, "x"]
    assert rows["orders"][0]["discount_codes"] == rows["customers"][0]["tags"] == [text]
    assert rows["line_items"][0]["sku"] == rows["line_items"][0]["taxes"][0]["title"] == text


def test_a_character_that_postgresql_cannot_keep_is_left_out(cast: Cast) -> None:
    taxed = f.line(title="\0", taxes=(TaxLine("V\0AT \\u0000", Decimal("0.19"), Decimal("7.60")),))
    write(cast.acme, [f.product(title="a\0b", tags=("c\0", "\ud800")), f.order(line_items=(taxed,))], BY_COPY)

    rows = stored(cast.acme)
    assert (rows["products"][0]["title"], rows["products"][0]["tags"]) == ("ab", ["c", "?"])
    assert rows["line_items"][0]["taxes"][0]["title"] == "VAT \\u0000"


def test_what_is_not_known_stays_unknown(cast: Cast) -> None:
    write(cast.acme, [f.order(email=None, agreements=None), f.customer(tags=None)], BY_COPY)
    rows = stored(cast.acme)
    assert rows["orders"][0]["email"] is rows["orders"][0]["agreements"] is rows["customers"][0]["tags"] is None


def _refund(order: int, number: int, lines: int) -> RefundRecord:
    """One of an order's refunds, its lines as Shopify may list them: the latest first."""
    returned = tuple(f.refund_line(41 + 10 * number + line, 11 + line) for line in reversed(range(lines)))
    return f.refund(31 + order + 100 * number, f.ORDER_ID + order, lines=returned)


versions = st.builds(
    lambda number, minutes, source, refunds, lines, test, ledger, turned: f.order(
        order_id=f.ORDER_ID + number,
        updated_at=f.PLACED + timedelta(minutes=minutes),
        source=source,
        test=test,
        line_items=tuple(f.line(11 + line, title=f"{minutes}") for line in range(lines))[:: -1 if turned else 1],
        refunds=tuple(_refund(number, one, lines) for one in range(refunds))[:: -1 if turned else 1],
        agreements=(f.agreement(f.sale()),) if ledger else None,
    ),
    number=st.integers(0, 3),
    minutes=st.integers(0, 3),
    source=st.sampled_from([Source.API, Source.WEBHOOK]),
    refunds=st.integers(0, 2),
    lines=st.integers(0, 3),
    test=st.booleans(),
    ledger=st.booleans(),
    turned=st.booleans(),
)
others = st.one_of(
    st.builds(
        lambda minutes, spent: f.customer(
            updated_at=f.PLACED + timedelta(minutes=minutes),
            amount_spent=spent,
            tags=None if spent is None else ("a",),
        ),
        minutes=st.integers(0, 3),
        spent=st.sampled_from([None, Decimal("10.50")]),
    ),
    st.builds(
        lambda minutes, count, complete: f.product(
            updated_at=f.PLACED + timedelta(minutes=minutes),
            variants=tuple(f.variant(71 + place) for place in range(count)),
            variants_complete=complete,
        ),
        minutes=st.integers(0, 3),
        count=st.integers(0, 3),
        complete=st.booleans(),
    ),
    st.builds(lambda minutes: checkout(updated_at=f.PLACED + timedelta(minutes=minutes)), minutes=st.integers(0, 3)),
    st.builds(lambda number: f.refund(31 + number, f.ORDER_ID + number), number=st.integers(0, 3)),
    st.just(Deleted(Kind.ORDER, f.ORDER_ID + 3, f.PLACED)),
    st.just(Deleted(Kind.CHECKOUT, 91, f.PLACED)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.one_of(versions, others), max_size=8), min_size=1, max_size=3))
def test_both_ways_give_the_same_rows_and_counts(
    twins: tuple[Business, Business], batches: list[list[Record]]
) -> None:
    for business in twins:
        _empty(business)
    for batch in batches:
        assert write(twins[0], batch, BY_COPY) == write(twins[1], batch, BY_ROW)
    assert stored(twins[0]) == stored(twins[1])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.one_of(versions, others), max_size=8), min_size=1, max_size=3))
def test_rows_prepared_ahead_are_the_rows_that_are_written(
    twins: tuple[Business, Business], batches: list[list[Record]]
) -> None:
    for business in twins:
        _empty(business)
    for batch in batches:
        write(twins[0], batch, BY_COPY, prepare(twins[0], batch))
        write(twins[1], batch, BY_ROW)
    assert stored(twins[0]) == stored(twins[1])


def test_rows_prepared_for_a_customer_who_was_merged_or_for_another_time_zone_are_not_used(cast: Cast) -> None:
    write(cast.acme, [Merged(80, 81, NOW)], BY_ROW)
    evening = f.order(customer_id=81, processed_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    write(cast.acme, [evening], BY_COPY, prepare(cast.acme, [evening], "America/New_York"))
    late = f.order(order_id=2, customer_id=81)
    write(cast.acme, [late], BY_COPY, prepare(cast.acme, [late]))

    rows = {row["order_id"]: row for row in stored(cast.acme)["orders"]}
    assert {row["customer_key"] for row in rows.values()} == {"c:80"}
    assert rows[f.ORDER_ID]["business_date"].isoformat() == "2026-11-21"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(versions, min_size=1, max_size=8))
def test_the_ledger_of_what_was_just_written_is_the_ledger_of_what_is_stored(
    twins: tuple[Business, Business], batch: list[Record]
) -> None:
    business = twins[0]
    _empty(business)
    write(business, batch, BY_COPY)
    at_once = stored(business)["sales"]

    with tenant_session(business.tenant_id) as session:
        store = session.get(Store, (business.tenant_id, business.store_id))
        assert store is not None
        target = ingest.Target(business.key, ZoneInfo(store.time_zone), "EUR", ingest.Reading(NOW))
        ids = list(session.scalars(select(Order.order_id)))
        sales.rewrite(session, target, ids)

    assert stored(business)["sales"] == at_once


def _empty(business: Business) -> None:
    with tenant_session(business.tenant_id) as session:
        for model in reversed(TABLES):
            session.execute(delete(model))


def test_an_order_read_whole_replaces_the_same_version_that_was_not(cast: Cast) -> None:
    """A first load brings a refunded order plain, then reads it whole: the time of its last change is the same."""
    ledger = (f.agreement(f.sale(total="11.90", tax="1.90")),)
    write(cast.acme, [f.order()], BY_ROW)
    assert write(cast.acme, [f.order(agreements=ledger)], BY_ROW).orders == 1
    assert write(cast.acme, [f.order()], BY_ROW).orders == 0, "and not the other way round"

    assert [row["net"] for row in stored(cast.acme)["sales"]] == [Decimal("10.00")]


def test_a_newer_version_replaces_an_order_read_whole(cast: Cast) -> None:
    write(cast.acme, [f.order(agreements=(f.agreement(f.sale()),))], BY_ROW)
    newer = f.order(updated_at=f.PLACED + timedelta(minutes=1), source=Source.WEBHOOK)
    assert write(cast.acme, [newer], BY_ROW).orders == 1


def test_a_checkout_is_kept_by_its_newest_version_with_its_lines(cast: Cast) -> None:
    back = f.PLACED + timedelta(hours=3)
    write(cast.acme, [checkout(updated_at=back, completed_at=back), checkout()], BY_ROW)
    write(cast.acme, [checkout()], BY_ROW)

    rows = stored(cast.acme)
    (row,) = rows["checkouts"]
    assert (row["completed_at"], row["total"]) == (back, Decimal("41.65"))
    assert row["business_date"] == f.PLACED.date()
    (line,) = rows["checkout_lines"]
    assert (line["quantity"], line["unit_price"], line["total"]) == (2, Decimal("20.00"), Decimal("35.00"))


def test_a_deleted_checkout_stays_deleted(cast: Cast) -> None:
    write(cast.acme, [checkout()], BY_ROW)
    written = write(cast.acme, [Deleted(Kind.CHECKOUT, 91, NOW)], BY_ROW)
    assert written.deleted == 1
    assert write(cast.acme, [checkout(updated_at=NOW)], BY_ROW).checkouts == 0
    assert stored(cast.acme)["checkouts"][0]["deleted_at"] == NOW


def test_a_copy_is_of_one_tenant_like_any_other_write(cast: Cast) -> None:
    write(cast.acme, [f.order(order_id=number) for number in range(1, 300)], BY_COPY)
    assert stored(cast.globex)["orders"] == []
    with tenant_session(cast.globex.tenant_id) as session, pytest.raises(Exception, match="no such store"):
        ingest.write(session, StoreKey(cast.globex.tenant_id, cast.acme.store_id), [f.order()], NOW, BY_COPY)


def test_many_orders_are_written_by_copy_without_being_asked_to(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        orders = [f.order(order_id=number) for number in range(1, 501)]
        assert ingest.write(session, cast.acme.key, orders, NOW).orders == 500
    assert len(stored(cast.acme)["sales"]) == 1000
