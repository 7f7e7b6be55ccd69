"""Webhooks about a shop change its store: scopes, name, currency, and the time zone of its days."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from core.database import StoreKey, jobs, tenant_session
from core.database.models import BackfillSlice, Order, Refund, Sale, Store
from core.errors import Stopping
from core.ingest import business_dates
from core.sync import runs
from core.webhooks import apply
from tests.cast import NOW, Cast
from tests.core.webhooks.test_apply import sample
from tests.factories import order, refund
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import row, rows, write

LATE = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
"""In Berlin this is the 3rd, in New York still the 2nd."""


def send(cast: Cast, topic: str, content: Any, at: datetime = NOW + timedelta(hours=1)) -> None:
    store_delivery(cast.acme, topic, content, at)
    apply.apply_pending(cast.acme.key, NOW)


def moved(cast: Cast, zone: str, **changes: Any) -> None:
    send(cast, "shop/update", sample("shop__update", iana_timezone=zone, **changes))


def recompute_days(cast: Cast, **options: Any) -> None:
    business_dates.recompute(cast.acme.key, **options)


def days(cast: Cast, model: Any) -> set[date]:
    return {line["business_date"] for line in rows(cast.acme, model)}


def test_a_revoked_scope_is_stored_as_missing(cast: Cast, database_url: str) -> None:
    send(cast, "app/scopes_update", {"current": ["read_orders", "read_products"], "previous": []})

    store = row(cast.acme, Store)
    assert store["scopes"] == ["read_orders", "read_products"]
    assert store["missing_scopes"] == ["read_customers"]
    with psycopg.connect(database_url) as owner:
        queued = owner.execute("SELECT task_name FROM procrastinate_jobs").fetchall()
    assert ("check_subscriptions",) in queued, "other topics than before may be subscribed to"


def test_the_shops_new_name_and_currency_are_the_stores(cast: Cast) -> None:
    send(cast, "shop/update", sample("shop__update"))

    store = row(cast.acme, Store)
    assert (store["name"], store["currency"]) == ("Super Toys", "USD")
    assert store["time_zone"] == "Europe/Berlin", "what is null was not told"


def test_a_change_of_currency_re_fetches_the_shop_because_updates_may_arrive_in_the_wrong_order(
    cast: Cast, database_url: str
) -> None:
    send(cast, "shop/update", {"currency": "USD"})
    send(cast, "shop/update", {"currency": "USD"})
    send(cast, "shop/update", {"name": "Acme", "currency": ""})

    assert row(cast.acme, Store)["currency"] == "USD"
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_subscriptions'"
        assert owner.execute(query).fetchone() == (1,)


def test_a_delivery_from_before_the_connection_changes_nothing(cast: Cast) -> None:
    send(cast, "shop/update", sample("shop__update"), at=NOW - timedelta(hours=1))
    send(cast, "app/scopes_update", {"current": []}, at=NOW - timedelta(hours=1))

    store = row(cast.acme, Store)
    assert (store["name"], store["missing_scopes"]) == ("Acme", [])


def test_an_unknown_time_zone_fails_with_its_reason(cast: Cast) -> None:
    moved(cast, "Mars/Olympus")

    (delivery,) = deliveries(cast.acme)
    assert (delivery.state, delivery.reason) == ("failed", "shop/update: iana_timezone is not a time zone")
    assert row(cast.acme, Store)["name"] == "Acme"


def test_a_new_time_zone_moves_every_stored_day(cast: Cast, database_url: str) -> None:
    for number in range(5):
        write(
            cast.acme, order(order_id=number + 1, processed_at=LATE), refund(number + 1, order_id=number + 1, at=LATE)
        )
    write(cast.globex, order(order_id=1, processed_at=LATE))
    before = row(cast.acme, Store)["revision"]
    assert days(cast, Order) == days(cast, Sale) == days(cast, Refund) == {date(2026, 11, 3)}

    moved(cast, "America/New_York")
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'date_anew'"
        assert owner.execute(query).fetchone() == (1,)
    recompute_days(cast, chunk=2)

    assert days(cast, Order) == days(cast, Sale) == days(cast, Refund) == {date(2026, 11, 2)}
    assert row(cast.acme, Store)["revision"] > before
    assert row(cast.globex, Order)["business_date"] == date(2026, 11, 2), "New York's all along"


def test_a_stopped_redating_goes_on(cast: Cast) -> None:
    for number in range(3):
        write(cast.acme, order(order_id=number + 1, processed_at=LATE))
    moved(cast, "America/New_York")
    leaving = threading.Event()
    leaving.set()

    with pytest.raises(Stopping):
        recompute_days(cast, chunk=1, stop=leaving)
    recompute_days(cast, chunk=1)

    assert days(cast, Order) == {date(2026, 11, 2)}


def test_an_unchanged_time_zone_queues_no_job(cast: Cast, database_url: str) -> None:
    moved(cast, "Europe/Berlin")

    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'date_anew'"
        assert owner.execute(query).fetchone() == (0,)


OPERATION = "gid://shopify/BulkOperation/147595010"


def loading(cast: Cast, operation_id: str = OPERATION, state: str = "started") -> int:
    """A first load of Acme whose next poll of Shopify is in an hour; returns its run's id."""
    tenant_id, store_id = cast.acme.tenant_id, cast.acme.store_id
    run_id = runs.request(StoreKey(tenant_id, store_id), "connect", NOW)
    store = {"tenant_id": tenant_id, "store_id": store_id}
    with tenant_session(tenant_id) as session:
        runs.claim(session, runs.key_of(StoreKey(tenant_id, store_id), run_id), NOW)
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.add(
            BackfillSlice(
                **store, slice_no=0, entity="orders", planned_at=NOW, state=state, operation_id=operation_id
            )
        )
        jobs.enqueue(session, jobs.Task.SYNC_STORE, StoreKey(tenant_id, store_id), timedelta(hours=1), run_id=run_id)
    return run_id


def is_due(database_url: str) -> bool:
    with psycopg.connect(database_url) as owner:
        (found,) = owner.execute("SELECT scheduled_at <= now() FROM procrastinate_jobs").fetchall()
        return bool(found[0])


def test_a_first_load_polls_at_once_when_its_bulk_operation_finishes(cast: Cast, database_url: str) -> None:
    loading(cast)
    assert not is_due(database_url)

    send(cast, "bulk_operations/finish", sample("bulk_operations__finish"))

    assert is_due(database_url)
    assert deliveries(cast.acme)[0].state == "applied"


@pytest.mark.parametrize(
    "waits_for", [{"operation_id": "gid://shopify/BulkOperation/1"}, {"state": "done"}], ids=["another", "nothing"]
)
def test_a_finished_operation_that_no_run_waits_for_brings_no_job_forward(
    cast: Cast, database_url: str, waits_for: dict[str, str]
) -> None:
    loading(cast, **waits_for)

    send(cast, "bulk_operations/finish", sample("bulk_operations__finish"))

    assert not is_due(database_url)
    assert deliveries(cast.acme)[0].state == "applied"


def test_a_failed_operation_is_polled_too_because_the_body_is_not_believed(cast: Cast, database_url: str) -> None:
    run_id = loading(cast)

    send(cast, "bulk_operations/finish", sample("bulk_operations__finish", status="failed"))

    assert is_due(database_url)
    assert runs.recent(cast.acme.key)[0].run_id == run_id
    assert row(cast.acme, BackfillSlice)["state"] == "started"


def test_a_body_without_an_operation_fails_with_its_reason(cast: Cast) -> None:
    send(cast, "bulk_operations/finish", {"admin_graphql_api_id": {"$ne": 1}})

    (delivery,) = deliveries(cast.acme)
    assert (delivery.state, delivery.reason) == (
        "failed",
        "bulk_operations/finish: admin_graphql_api_id is not an id of Shopify's",
    )
