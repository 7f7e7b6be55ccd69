"""The sums that are kept equal the ledger after any writes, and an audit finds and repairs a sum that does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from core import rollups
from core.database import StoreKey, tenant_session
from core.database.models import RollupAudit, Store
from core.domain import Deleted, Kind, Merged, Record, Source, Transaction
from core.ingest import business_dates, redaction
from core.rollups.recomputed import ROLLUPS
from tests.cast import NOW, Business, Cast
from tests.factories import (
    ORDER_ID,
    PLACED,
    REFUNDED,
    agreement,
    checkout,
    line,
    order,
    product,
    refund,
    refund_line,
    sale,
    variant,
)
from tests.stored import write

Act = Callable[[Business], None]
TABLES = tuple(rollup.table for rollup in ROLLUPS)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATE = PLACED.replace(hour=23, minute=40)
"""An instant whose day differs from zone to zone."""


def writing(*records: Record) -> Act:
    return lambda business: write(business, *records) and None


def moving_to(zone: str) -> Act:
    def move(business: Business) -> None:
        with tenant_session(business.tenant_id) as session:
            session.execute(update(Store).where(business.key.owns(Store)).values(time_zone=zone))
        business_dates.recompute(business.key, threading.Event(), chunk=2)

    return move


def redacting(business: Business) -> None:
    with tenant_session(business.tenant_id) as session:
        redaction.blank(session, business.key, [7], [ORDER_ID, 1002])


RETURNED = agreement(
    sale(action="return", quantity=-1, total="-23.80", tax="-3.80", sale_id=72),
    *(sale("adjustment", total="3.80", tax="0", sale_id=73), sale("shipping", "return", total="-5.00", sale_id=74)),
    agreement_id=61,
    at=REFUNDED,
    reason="refund",
    refund_id=31,
)
ACTS: tuple[Act, ...] = (
    writing(order()),
    writing(order(updated_at=PLACED + MINUTE, line_items=(line(), line(13, "9.99", 3, "1.90", product_id=502)))),
    writing(order(updated_at=PLACED + 2 * MINUTE, cancelled_at=PLACED + MINUTE)),
    writing(order(updated_at=REFUNDED, refunds=(refund(31, lines=(refund_line(),)),))),
    writing(order(updated_at=REFUNDED, agreements=(agreement(sale(), sale("tip", total="2.00", tax="0")), RETURNED))),
    writing(order(order_id=1002, processed_at=LATE, line_items=(line(product_id=None), line(14, is_gift_card=True)))),
    writing(order(order_id=1002, processed_at=LATE, updated_at=REFUNDED, test=True)),
    writing(
        order(order_id=1003, processed_at=LATE + 20 * DAY, currency="USD"),
        order(order_id=1004, processed_at=LATE - 300 * DAY),
    ),
    writing(refund(32, note=" Late parcel ", lines=()), refund(33, 1002, LATE, note="Broken")),
    writing(order(updated_at=PLACED + 3 * MINUTE, country="DE", source_name="pos", customer_id=7)),
    writing(order(order_id=1005, processed_at=PLACED - DAY, country="AT", source_name="web", customer_id=7)),
    writing(Deleted(Kind.ORDER, ORDER_ID, REFUNDED, is_inferred=True)),
    writing(Deleted(Kind.ORDER, 1003, REFUNDED)),
    writing(order(updated_at=REFUNDED + DAY, source=Source.API)),
    writing(Merged(merged_id=7, kept_id=8, merged_at=REFUNDED)),
    writing(checkout(token="t", customer_id=7, recovery_path="/checkouts/ac/tttttt/recover")),
    writing(checkout(92, token="u"), checkout(93, completed_at=PLACED + 5 * DAY), checkout(94, currency="USD")),
    writing(checkout(92, token="u", updated_at=REFUNDED, completed_at=PLACED + MINUTE, total=Decimal(7))),
    writing(order(order_id=1005, processed_at=LATE, created_at=LATE, checkout_token="u")),
    writing(order(updated_at=PLACED + 3 * MINUTE, checkout_token="t")),
    writing(order(order_id=1007, created_at=LATE - DAY, processed_at=LATE, checkout_token="u")),
    writing(order(order_id=1006, created_at=LATE, processed_at=LATE, checkout_token="u", source_name="pos")),
    writing(Deleted(Kind.CHECKOUT, 92, REFUNDED), Deleted(Kind.ORDER, 1005, REFUNDED)),
    writing(product(variants=(variant(71, unit_cost=Decimal(8)), variant(72)))),
    writing(
        product(updated_at=REFUNDED, variants=(variant(unit_cost=Decimal(9)), variant(72, unit_cost=Decimal(1))))
    ),
    redacting,
    moving_to("Pacific/Auckland"),
    moving_to("America/Los_Angeles"),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=10))
def test_after_any_writes_the_sums_equal_the_ledger(cast: Cast, database_url: str, acts: list[Act]) -> None:
    delete_rows(database_url)
    assert stored(cast.acme) == {rollup.table: [] for rollup in ROLLUPS}, "without rows there are no sums"
    for number, act in enumerate(acts, 1):
        if number == len(acts):
            # The last act finds the days of profit kept, and has to mark those that it changes.
            rollups.refresh_money(cast.acme.key)
        act(cast.acme)
        assert rollups.audit(cast.acme.key, NOW) == {}, act


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    before=st.lists(st.sampled_from(ACTS), min_size=1, max_size=4),
    meanwhile=st.dictionaries(st.sampled_from(TABLES), st.sampled_from(ACTS), min_size=1, max_size=4),
)
def test_writes_between_the_tables_of_a_rebuild_are_in_its_sums(
    cast: Cast, database_url: str, before: list[Act], meanwhile: dict[str, Act]
) -> None:
    delete_rows(database_url)
    for act in before:
        act(cast.acme)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("SET xeno.sums = 'deferred'")
        for table in TABLES[::2]:
            owner.execute(f"DELETE FROM {table}")
    for table in rollups.rebuild_by_table(cast.acme.key):
        if table in meanwhile:
            meanwhile[table](cast.acme)
    assert rollups.audit(cast.acme.key, NOW) == {}


def test_a_batch_that_is_copied_is_summed_like_single_orders(cast: Cast) -> None:
    orders = [order(order_id=number, processed_at=PLACED + number * DAY) for number in range(2000, 2040)]
    write(cast.acme, *orders, copy_from=1)
    copied = stored(cast.acme)
    write(cast.acme, *(Deleted(Kind.ORDER, each.order_id, PLACED) for each in orders))
    assert stored(cast.acme)["sales_by_day"] == []
    assert len(copied["sales_by_day"]) == 40


def test_a_wrong_sum_is_found_repaired_and_reported(cast: Cast) -> None:
    write(cast.acme, order(), order(order_id=1002, processed_at=LATE + DAY))
    right = stored(cast.acme)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(text("UPDATE sales_by_day SET net_sales = net_sales + 0.01"))
        session.execute(text("DELETE FROM product_sales_by_span WHERE span = '2026'"))

    assert rollups.audit(cast.acme.key, NOW) == {"sales_by_day": 2, "product_sales_by_span": 1}
    with tenant_session(cast.acme.tenant_id) as session:
        recorded = session.scalars(select(RollupAudit.differing).where(cast.acme.key.owns(RollupAudit))).one()
    assert recorded == 3
    assert stored(cast.acme) == right
    assert rollups.audit(cast.acme.key, NOW) == {}


def test_a_rebuild_touches_no_other_tenant(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.globex, order())
    theirs = stored(cast.globex)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(text("DELETE FROM sales_by_day"))
    assert stored(cast.globex) == theirs
    rollups.rebuild(StoreKey(cast.acme.tenant_id, cast.globex.store_id))
    rollups.rebuild(cast.acme.key)
    assert stored(cast.globex) == theirs
    assert len(stored(cast.acme)["sales_by_day"]) == 1


def test_the_sums_go_with_the_store(cast: Cast, database_url: str) -> None:
    write(cast.acme, order(), order(order_id=1002, processed_at=LATE))
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM stores WHERE store_id = %s", [cast.acme.store_id])
    assert stored(cast.acme) == {rollup.table: [] for rollup in ROLLUPS}


@pytest.mark.parametrize("table", sorted({rollup.table for rollup in ROLLUPS} - {"checkouts_by_day"}))
def test_an_order_that_leaves_the_ledger_leaves_no_row_of_zeros(cast: Cast, table: str) -> None:
    paid = (Transaction(1, "sale", "success", PLACED, Decimal("52.60"), "paypal"),)
    write(cast.acme, order(refunds=(refund(),), checkout_token="t", transactions=paid))
    assert stored(cast.acme)[table]
    write(cast.acme, Deleted(Kind.ORDER, order().order_id, REFUNDED))
    assert stored(cast.acme)[table] == []


def test_an_order_that_changes_its_day_and_product_leaves_no_row_of_zeros(cast: Cast) -> None:
    later = order(
        processed_at=PLACED + 100 * DAY, updated_at=REFUNDED, line_items=(line(product_id=8, variant_id=81),)
    )
    write(cast.acme, order())
    write(cast.acme, later)
    with tenant_session(cast.acme.tenant_id) as session:
        products = session.execute(text("SELECT DISTINCT product_id, units_sold FROM product_sales_by_span")).all()
        variants = session.execute(text("SELECT DISTINCT variant_id, net_sales FROM variant_sales_by_span")).all()
        spans = session.scalars(text("SELECT span FROM product_sales_by_span ORDER BY span")).all()
        days = session.execute(text("SELECT business_date, sale_rows, orders FROM sales_by_day")).all()
    moved = later.processed_at.date()
    quarter = f"{moved.year}Q{(moved.month - 1) // 3 + 1}"
    third = moved.replace(day=min((moved.day - 1) // 10, 2) * 10 + 1)
    assert (products, variants) == ([(8, 2)], [(81, Decimal("40.00"))])
    assert spans == sorted([f"{moved:%Y}", f"{moved:%Y-%m}", quarter, f"{third}"])
    assert days == [(moved, 2, 1)]


def test_each_store_is_audited_once_a_night_on_its_own_clock(cast: Cast, database_url: str) -> None:
    write(cast.acme, order())
    before, night = NOW.replace(hour=2, minute=59), NOW.replace(hour=3, minute=1)  # Berlin is an hour ahead
    rollups.audit(cast.acme.key, before - DAY / 2)
    rollups.queue_if_due(cast.acme.key, before)
    assert queued_audits(database_url) == 0
    rollups.queue_if_due(cast.acme.key, night)
    rollups.queue_if_due(cast.acme.key, night + MINUTE)
    assert queued_audits(database_url) == 1
    rollups.audit(cast.acme.key, night + 2 * MINUTE)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")
    rollups.queue_if_due(cast.acme.key, night + 3 * MINUTE)
    assert queued_audits(database_url) == 0


def delete_rows(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        tables = ("orders", "checkouts", "refunds", "customers", "products", "deletions", "customer_merges")
        owner.execute("; ".join(f"DELETE FROM {table}" for table in tables))


def queued_audits(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'audit_rollups'"
        (count,) = owner.execute(query).fetchone() or (0,)
    return int(count)


def stored(business: Business) -> dict[str, list[tuple[object, ...]]]:
    """Return the sums of a store by table, sorted."""
    with tenant_session(business.tenant_id) as session:
        return {
            rollup.table: sorted(
                tuple(_plain(value) for value in row)
                for row in session.execute(
                    text(f"SELECT {', '.join(rollup.columns)} FROM {rollup.table} WHERE store_id = :store_id"),
                    {"store_id": business.store_id},
                )
            )
            for rollup in ROLLUPS
        }


def _plain(value: object) -> object:
    return value.normalize() if isinstance(value, Decimal) else value
