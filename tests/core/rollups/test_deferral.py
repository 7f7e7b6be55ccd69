"""A first load defers the sums of its store: they are behind for a while, and right again after a rebuild."""

from __future__ import annotations

import time

import psycopg
from sqlalchemy import text

from core import ingest, rollups
from core.database import StoreKey, tenant_session
from core.rollups import deferral
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW


def kept_orders(store: StoreKey, database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        query = "SELECT coalesce(sum(orders), 0) FROM sales_by_day WHERE tenant_id = %s AND store_id = %s"
        row = owner.execute(query, [store.tenant_id, store.store_id]).fetchone()
    assert row is not None
    return int(row[0])


def write(store: StoreKey, number: int, is_deferred: bool) -> None:
    with tenant_session(store.tenant_id) as session:
        if is_deferred:
            rollups.defer(session, store)
        ingest.write(session, store, [made.order(order_id=number, line_items=(made.line(number),))], NOW)


def test_deferred_sums_are_rebuilt_and_then_equal_the_ledger(cast: Cast, database_url: str) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=True)
    assert kept_orders(store, database_url) == 0
    assert rollups.rebuild_deferred(store)
    assert kept_orders(store, database_url) == 1
    assert rollups.audit(store, NOW) == {}
    assert not rollups.rebuild_deferred(store), "nothing was written since"


def test_what_a_load_defers_during_a_rebuild_awaits_the_next_one(cast: Cast, database_url: str) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=True)
    for table in rollups.rebuild_by_table(store):
        if table == "sales_by_day":
            write(store, 2, is_deferred=True)
    assert deferral.is_deferred(store)
    assert rollups.rebuild_deferred(store)
    assert kept_orders(store, database_url) == 2
    assert rollups.audit(store, NOW) == {}
    assert not deferral.is_deferred(store)


def test_deferring_ends_with_the_transaction(cast: Cast, database_url: str) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=True)
    write(store, 2, is_deferred=False)
    assert kept_orders(store, database_url) == 1
    rollups.rebuild_deferred(store)
    assert kept_orders(store, database_url) == 2
    assert rollups.audit(store, NOW) == {}


def test_an_audit_rebuilds_what_a_killed_load_left_behind(cast: Cast, database_url: str) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=True)
    assert not deferral.is_forgotten(store), "the load may still go on"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE deferred_sums SET since = since - interval '2 hours'")
    assert deferral.is_forgotten(store)
    assert rollups.audit(store, NOW) == {}, "a deferral is no fault of the sums"
    assert kept_orders(store, database_url) == 1
    assert not deferral.is_forgotten(store)


def test_a_store_is_not_audited_while_a_load_defers_its_sums(cast: Cast, database_url: str) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=False)
    write(store, 2, is_deferred=True)
    assert rollups.audit(store, NOW) == {}, "the load rebuilds the sums itself"
    rollups.queue_if_due(store, NOW)
    with psycopg.connect(database_url) as owner:
        queued = owner.execute("SELECT FROM procrastinate_jobs WHERE task_name = 'audit_rollups'").fetchall()
        audited = owner.execute("SELECT FROM rollup_audits").fetchall()
    assert (queued, audited) == ([], [])
    assert kept_orders(store, database_url) == 1

    rollups.rebuild_deferred(store)
    assert rollups.audit(store, NOW) == {}
    with psycopg.connect(database_url) as owner:
        assert len(owner.execute("SELECT FROM rollup_audits WHERE differing = 0").fetchall()) == 1


def test_a_rebuild_returns_the_longest_of_its_locks(cast: Cast) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=False)
    held: list[rollups.Lock] = []
    for table in rollups.rebuild_by_table(store, held):
        assert held[-1].table == table
    assert len({lock.table for lock in held}) == len(held)
    began = time.monotonic()
    longest = rollups.rebuild(store)
    assert 0 < longest.seconds < time.monotonic() - began


def test_every_trigger_that_keeps_sums_can_be_deferred(clean_database: None, database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        forgotten = owner.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgqual IS NULL "
            "AND (tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL) AND NOT starts_with(tgname, 'mark_') "
            # These keep no sums: what a variant cost before, and removed sales, could not be recomputed.
            "AND NOT starts_with(tgname, 'keep_former_cost_') AND tgname <> 'keep_removed_sales'"
        ).fetchall()
    assert not forgotten, "create it with kept_sums.UNLESS_DEFERRED"


def test_profit_and_taxes_are_not_summed_again_and_again_during_a_first_load(cast: Cast) -> None:
    store = cast.acme.key
    write(store, 1, is_deferred=True)
    assert rollups.refresh_money(store) == 0
    rollups.rebuild_deferred(store)
    assert rollups.refresh_money(store) > 0


def test_a_rebuild_links_checkouts_to_orders_that_a_first_load_wrote(cast: Cast) -> None:
    store = cast.acme.key
    with tenant_session(store.tenant_id) as session:
        ingest.write(session, store, [made.checkout(token="t")], NOW)
    with tenant_session(store.tenant_id) as session:
        rollups.defer(session, store)
        ingest.write(session, store, [made.order(checkout_token="t")], NOW)
    assert rollups.rebuild_deferred(store)
    with tenant_session(store.tenant_id) as session:
        row = session.execute(text("SELECT order_id, order_net, ended_after FROM checkouts")).one()
    assert tuple(row) == (made.ORDER_ID, 40, 0)
    assert rollups.audit(store, NOW) == {}


def test_few_orders_in_a_large_store_are_not_worth_a_rebuild(cast: Cast) -> None:
    store = cast.acme.key
    assert rollups.is_worth_deferring(store, 100)
    assert not rollups.is_worth_deferring(store, 99), "whatever the store, a rebuild costs something"
    for number in range(1, 4):
        write(store, number, is_deferred=False)
    assert rollups.is_worth_deferring(store, 2, fewest=1)
    assert not rollups.is_worth_deferring(store, 1, fewest=1)
