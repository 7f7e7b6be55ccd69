"""Pending deliveries become orders, customers and products; one that cannot be applied delays no other."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select

from core import database
from core.database import StoreKey, tenant_session
from core.database.models import (
    Customer,
    Order,
    Product,
    Redaction,
    Sale,
    Store,
    StoreState,
    UnsettledOrder,
)
from core.errors import DatabaseUnavailable
from core.webhooks import apply, pending, retry
from tests.cast import NOW, Cast, add_store
from tests.core.database.refusals import giving_up
from tests.end_to_end.processes import wait_until
from tests.shopify_sends import ACME_SECRET, deliveries, give_secret, store_delivery
from tests.stored import row, rows, total_sales

SAMPLES = Path(__file__).parents[2] / "payloads" / "webhooks"


def sample(name: str, **changes: Any) -> dict[str, Any]:
    """One of Shopify's sample bodies, as if it had happened: not a test order."""
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found | changes


def an_order(number: int, **changes: Any) -> dict[str, Any]:
    # The sample was cancelled unpaid without a refund: its sales would be reversed on that day.
    return sample("orders__create", id=number, **{"test": False, "cancelled_at": None} | changes)


def states(cast: Cast) -> list[tuple[str, str | None]]:
    return [(delivery.state, delivery.reason) for delivery in deliveries(cast.acme)]


def queued(database_url: str, task: str) -> list[dict[str, Any]]:
    """The arguments of the waiting jobs of a task."""
    with psycopg.connect(database_url) as owner:
        result = owner.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task])
        return [args for (args,) in result]


def test_an_order_delivery_becomes_an_order(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))

    assert apply.apply_pending(cast.acme.key, NOW) == 1
    assert row(cast.acme, Order)["total"] == Decimal("404.95")
    (delivery,) = deliveries(cast.acme)
    assert (delivery.state, delivery.reason, delivery.applied_at, delivery.attempts) == ("applied", None, NOW, 1)


def test_an_applied_delivery_is_not_applied_again(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    apply.apply_pending(cast.acme.key, NOW)

    assert apply.apply_pending(cast.acme.key, NOW) == 0


def test_more_deliveries_than_a_batch_holds_are_all_applied(cast: Cast) -> None:
    for number in range(pending.BATCH + 5):
        store_delivery(cast.acme, "products/create", sample("products__create", id=number + 1, variants=[]))

    assert apply.apply_pending(cast.acme.key, NOW) == pending.BATCH + 5
    assert len(rows(cast.acme, Product)) == pending.BATCH + 5


def test_one_poison_delivery_in_a_batch_of_a_hundred_fails_alone(cast: Cast) -> None:
    """Its number has more digits than any column holds: it maps, and cannot be written."""
    for number in range(99):
        store_delivery(cast.acme, "orders/create", an_order(number + 1, line_items=[], shipping_lines=[]))
        if number == 50:
            store_delivery(cast.acme, "orders/create", an_order(1000, order_number=10**30))

    assert apply.apply_pending(cast.acme.key, NOW) == 100

    outcome = states(cast)
    assert len(rows(cast.acme, Order)) == 99
    assert [state for state, _ in outcome].count("applied") == 99
    (reason,) = [reason for state, reason in outcome if state == "failed"]
    assert reason == "It could not be written (DataError); the log has the details."


def test_an_unmappable_body_fails_with_its_reason_and_the_others_are_applied(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", sample("orders__create", id=1, total_price=None, total_price_set=None))
    store_delivery(cast.acme, "orders/create", b"not json")
    store_delivery(cast.acme, "orders/create", an_order(3))

    apply.apply_pending(cast.acme.key, NOW)

    assert states(cast) == [
        ("failed", "orders/create: total_price is missing"),
        ("failed", "orders/create: the body is not JSON"),
        ("applied", None),
    ]
    assert [order_row["order_id"] for order_row in rows(cast.acme, Order)] == [3]


@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"id": 1e400}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b'{"id": 1, "updated_at": "0001-01-01T00:00:00+14:00"}',
        b"\xff\xfe\x00",
        b"",
        b"null",
        b"[]",
    ],
    ids=[
        "deep lists",
        "deep objects",
        "huge float",
        "huge number",
        "year one",
        "not text",
        "empty",
        "null",
        "a list",
    ],
)
def test_a_hostile_body_fails_and_the_delivery_behind_it_is_applied(cast: Cast, hostile: bytes) -> None:
    store_delivery(cast.acme, "customers/update", hostile)
    store_delivery(cast.acme, "orders/create", an_order(3))

    apply.apply_pending(cast.acme.key, NOW)

    (bad, good) = deliveries(cast.acme)
    assert (bad.state, good.state) == ("failed", "applied")
    assert bad.reason is not None
    assert bad.reason.endswith((".", "JSON", "object", "missing", "number", "time"))


def test_a_delivery_of_an_unmapped_topic_is_ignored_with_its_reason(cast: Cast) -> None:
    store_delivery(cast.acme, "carts/create", sample("carts__create"))

    apply.apply_pending(cast.acme.key, NOW)

    assert states(cast) == [("ignored", "Stored; nothing is made of this topic yet.")]


def test_a_duplicate_never_doubles_a_customers_orders(cast: Cast) -> None:
    for _ in range(3):
        store_delivery(cast.acme, "orders/create", an_order(1))
        store_delivery(cast.acme, "customers/create", sample("customers__create"))

    apply.apply_pending(cast.acme.key, NOW)
    store_delivery(cast.acme, "orders/create", an_order(1))
    apply.apply_pending(cast.acme.key, NOW)

    assert len(rows(cast.acme, Order)) == 1
    assert len(rows(cast.acme, Customer)) == 1
    assert total_sales(cast.acme) == Decimal("424.95"), "the sample's own lines and shipping"


def test_a_name_with_a_nul_is_stored_without_the_nul(cast: Cast) -> None:
    store_delivery(
        cast.acme, "customers/create", sample("customers__create", first_name="B\0ob", last_name="\ud83dBiller")
    )

    apply.apply_pending(cast.acme.key, NOW)

    stored = row(cast.acme, Customer)
    assert (stored["first_name"], stored["last_name"]) == ("Bob", "?Biller")


def test_a_body_of_three_hundred_kilobytes_is_an_order_like_any_other(cast: Cast) -> None:
    line = sample("orders__create")["line_items"][0]
    many = [line | {"id": 10**18 + number} for number in range(300)]
    store_delivery(cast.acme, "orders/create", an_order(1, line_items=many))

    apply.apply_pending(cast.acme.key, NOW)

    assert len(deliveries(cast.acme)[0].body) > 300_000
    assert len(rows(cast.acme, Sale)) == 301


def test_a_deleted_order_stays_deleted_when_its_creation_arrives_later(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/delete", {"id": 1}, triggered_at=NOW, confirmed_at=NOW)
    store_delivery(cast.acme, "orders/create", an_order(1))

    apply.apply_pending(cast.acme.key, NOW)

    assert rows(cast.acme, Order) == []
    assert states(cast) == [("applied", None), ("applied", None)]


def unsettled(cast: Cast) -> list[int]:
    return [unsettled_order["order_id"] for unsettled_order in rows(cast.acme, UnsettledOrder)]


def test_an_edited_order_is_re_fetched_because_its_body_has_no_money(cast: Cast) -> None:
    for order_id in (7, 8, 7):
        store_delivery(cast.acme, "orders/edited", {"order_edit": {"order_id": order_id}})

    apply.apply_pending(cast.acme.key, NOW)

    assert unsettled(cast) == [7, 8]


def test_a_refund_counts_at_once_and_its_order_is_re_fetched(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(820982911946154508))
    store_delivery(cast.acme, "refunds/create", sample("refunds__create"))

    apply.apply_pending(cast.acme.key, NOW)

    assert {sale["action"] for sale in rows(cast.acme, Sale)} == {"order", "return"}
    assert unsettled(cast) == [820982911946154508]


def test_a_burst_of_orders_queues_one_re_fetch_job(cast: Cast, database_url: str) -> None:
    for number in range(3):
        store_delivery(cast.acme, "orders/create", an_order(number + 1))
        apply.apply_pending(cast.acme.key, NOW)

    assert unsettled(cast) == [1, 2, 3]
    store = cast.acme.key.parameters
    assert queued(database_url, "settle_orders") == [store]


def test_an_uninstalled_app_leaves_the_data_and_asks_to_reconnect(cast: Cast) -> None:
    store_delivery(cast.acme, "app/uninstalled", sample("app__uninstalled"), triggered_at=NOW + timedelta(hours=1))

    apply.apply_pending(cast.acme.key, NOW)

    store = row(cast.acme, Store)
    assert store["state"] == "reconnect"
    assert "install it again" in store["state_reason"]


@pytest.mark.parametrize("hours", [-1, 1, 9999])
def test_an_uninstallation_of_any_time_changes_nothing_before_shopify_confirms_it(cast: Cast, hours: int) -> None:
    """The time is not signed; and an uninstallation from before a reinstallation is no reason to disconnect."""
    give_secret(cast.acme, ACME_SECRET)
    store_delivery(
        cast.acme, "app/uninstalled", sample("app__uninstalled"), triggered_at=NOW + timedelta(hours=hours)
    )

    apply.apply_pending(cast.acme.key, NOW)

    assert row(cast.acme, Store)["state"] == "connected"


def test_an_uninstallation_does_not_ask_to_reconnect_a_disconnected_store(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert store is not None
        store.state = StoreState.DISCONNECTED
    store_delivery(cast.acme, "app/uninstalled", sample("app__uninstalled"), triggered_at=NOW + timedelta(hours=1))

    apply.apply_pending(cast.acme.key, NOW)

    assert row(cast.acme, Store)["state"] == "disconnected"


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
