"""Batches of deliveries: a store's own, in time slices, beside other stores, and through a busy database."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url, select

from core import database
from core.database import StoreKey, tenant_session
from core.database.models import (
    Order,
    Redaction,
    Store,
)
from core.errors import DatabaseUnavailable
from core.webhooks import apply, pending, retry
from tests.cast import NOW, Cast, add_store
from tests.core.database.refusals import giving_up
from tests.core.webhooks.test_apply import an_order, queued, states
from tests.end_to_end.processes import wait_until
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import row, rows


def test_deliveries_of_another_store_stay_pending(cast: Cast) -> None:
    store_delivery(cast.globex, "orders/create", an_order(1))

    assert apply.apply_pending(cast.acme.key, NOW) == 0
    assert apply.apply_pending(StoreKey(cast.acme.tenant_id, cast.globex.store_id), NOW) == 0
    assert [delivery.state for delivery in deliveries(cast.globex)] == ["pending"]


@contextlib.contextmanager
def impatient(database_url: str, milliseconds: int) -> Iterator[None]:
    """Sessions of this database wait for a lock no longer than this."""
    name = make_url(database_url).database
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f'ALTER DATABASE "{name}" SET lock_timeout = {milliseconds}')
        database.pools().dispose()
        try:
            yield
        finally:
            owner.execute(f'ALTER DATABASE "{name}" RESET lock_timeout')
            database.pools().dispose()


def test_a_database_that_is_too_busy_loses_no_delivery(cast: Cast, database_url: str) -> None:
    """Another session locks the order's row; the timeout of the write is no fault of the delivery."""
    store_delivery(cast.acme, "orders/create", an_order(1))
    apply.apply_pending(cast.acme.key, NOW)
    store_delivery(cast.acme, "orders/updated", an_order(1, updated_at="2026-11-20T12:00:00Z"))

    with impatient(database_url, milliseconds=200), psycopg.connect(database_url) as other:
        other.execute("SELECT * FROM orders FOR UPDATE")
        with pytest.raises(DatabaseUnavailable, match="too busy"):
            apply.apply_pending(cast.acme.key, NOW)

    assert deliveries(cast.acme)[1].state == "pending"
    apply.apply_pending(cast.acme.key, NOW)
    assert deliveries(cast.acme)[1].state == "applied"


@pytest.mark.parametrize("code", ["57014", "53200", "54000"], ids=["took too long", "no memory", "beyond limits"])
def test_a_delivery_that_the_database_gives_up_fails_alone_and_is_retried_with_backoff(
    cast: Cast, database_url: str, code: str
) -> None:
    """PostgreSQL answers: retrying the same batch would block the store for ever."""
    for number in (1, 2, 3):
        store_delivery(cast.acme, "orders/create", an_order(number))
    with giving_up(database_url, 2, code):
        assert apply.apply_pending(cast.acme.key, NOW) == 3

    assert [order_row["order_id"] for order_row in rows(cast.acme, Order)] == [1, 3]
    failed = deliveries(cast.acme)[1]
    assert [state for state, _ in states(cast)] == ["applied", "failed", "applied"]
    assert (failed.attempts, failed.retry_at) == (1, NOW + timedelta(minutes=1))
    assert "the database gave it up" in str(failed.reason)

    retry.retry_due(cast.acme.key, NOW + timedelta(minutes=1))
    apply.apply_pending(cast.acme.key, NOW)
    assert {state for state, _ in states(cast)} == {"applied"}


@pytest.mark.parametrize("code", ["53100", "55P03"], ids=["disk full", "waited for a lock"])
def test_trouble_of_the_database_leaves_the_whole_batch_pending(cast: Cast, database_url: str, code: str) -> None:
    for number in (1, 2):
        store_delivery(cast.acme, "orders/create", an_order(number))
    with giving_up(database_url, 2, code), pytest.raises(DatabaseUnavailable):
        apply.apply_pending(cast.acme.key, NOW)
    assert [state for state, _ in states(cast)] == ["pending", "pending"]
    apply.apply_pending(cast.acme.key, NOW)
    assert [state for state, _ in states(cast)] == ["applied", "applied"]


def test_a_retry_has_the_whole_body_even_of_a_redacted_person(cast: Cast, database_url: str) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        store = cast.acme.key.parameters
        session.add(Redaction(**store, kind="order", shopify_id=1, redacted_at=NOW))
    store_delivery(cast.acme, "orders/create", an_order(1))
    with giving_up(database_url, 1, "57014"):
        apply.apply_pending(cast.acme.key, NOW)
    assert deliveries(cast.acme)[0].state == "failed"

    retry.retry_due(cast.acme.key, NOW + timedelta(minutes=1))
    apply.apply_pending(cast.acme.key, NOW)

    assert (deliveries(cast.acme)[0].state, deliveries(cast.acme)[0].body) == ("applied", b"{}")
    assert row(cast.acme, Order)["email"] is None


def test_large_bodies_are_applied_in_small_batches_and_the_largest_alone(cast: Cast) -> None:
    half = {"id": 1, "note": "x" * (pending.BATCH_BYTES // 2)}
    for content in (half, half, half | {"more": "x" * pending.BATCH_BYTES}, {"id": 2}, {"id": 3}):
        store_delivery(cast.acme, "products/delete", content, confirmed_at=NOW)

    left = []
    for _ in range(4):
        apply.apply_slice(cast.acme.key, slice_length=timedelta(0))
        left.append([state for state, _ in states(cast)].count("pending"))
    assert left == [4, 3, 2, 0]


def test_after_large_bodies_the_rest_is_applied_without_another_job(cast: Cast) -> None:
    for number in range(3):
        large = {"id": number + 1, "note": "x" * (pending.BATCH_BYTES // 2)}
        store_delivery(cast.acme, "products/delete", large, confirmed_at=NOW)

    assert apply.apply_pending(cast.acme.key, NOW) == 3
    assert {state for state, _ in states(cast)} == {"applied"}


def test_a_second_job_of_a_store_is_queued_again_while_the_first_one_runs(cast: Cast, database_url: str) -> None:
    """A delivery that arrived after the first job selected its batch would else have no job."""
    store_delivery(cast.acme, "orders/create", an_order(1))
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(select(Store).with_for_update())
        first = threading.Thread(target=apply.apply_slice, args=(cast.acme.key,))
        first.start()
        wait_until(lambda: waiting(database_url) == 1, "the first has begun")

        apply.apply_slice(cast.acme.key)

        assert queued(database_url, "apply_deliveries") == [_job(cast)]
    first.join()
    assert states(cast) == [("applied", None)]


def test_eight_stores_are_applied_in_parallel_while_a_ninth_is_locked(cast: Cast) -> None:
    stores = [
        add_store(cast.dana.tenant_id, str(number), f"shop-{number}.myshopify.com", "EUR", "UTC")
        for number in range(8)
    ]
    for store in (cast.acme, *stores):
        for number in range(3):
            store_delivery(store, "orders/create", an_order(number + 1))
    jobs = [threading.Thread(target=apply.apply_slice, args=(store.key,)) for store in stores]
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(select(Store).with_for_update())
        held_up = threading.Thread(target=apply.apply_slice, args=(cast.acme.key,))
        for job in (held_up, *jobs):
            job.start()
        for job in jobs:
            job.join(30)
        assert {delivery.state for store in stores for delivery in deliveries(store)} == {"applied"}
        assert {state for state, _ in states(cast)} == {"pending"}
    held_up.join()
    assert {state for state, _ in states(cast)} == {"applied"}


def test_after_its_slice_of_time_a_store_is_queued_behind_the_others(cast: Cast, database_url: str) -> None:
    for number in range(pending.BATCH + 1):
        store_delivery(cast.acme, "products/delete", {"id": number + 1}, confirmed_at=NOW)

    apply.apply_slice(cast.acme.key, slice_length=timedelta(0))

    assert [state for state, _ in states(cast)].count("pending") == 1
    assert queued(database_url, "apply_deliveries") == [_job(cast)]


def waiting(database_url: str) -> int:
    """How many sessions wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(database_url) as owner:
        ((found,),) = owner.execute(query).fetchall()
        return int(found)


def _job(cast: Cast) -> dict[str, int]:
    return cast.acme.key.parameters
