"""Old input is deleted in batches; pending deliveries, orders and other tenants' rows stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from core import stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.models import Cart, Checkout, CheckRun, Delivery, Order, SyncRun
from core.errors import NotFound
from core.privacy import retention
from core.privacy.retention import Pruned
from core.shopify.webhooks import WebhookHeaders, sign
from core.sync import runs
from core.webhooks import apply as applying
from core.webhooks.body import read_body
from core.webhooks.receive import Inbox
from core.webhooks.storage import Stored
from core.worker import schedule
from tests.cast import NOW, Business, Cast
from tests.core.webhooks.test_apply import an_order
from tests.factories import cart, checkout
from tests.shopify_sends import body as json_of
from tests.shopify_sends import deliveries as kept
from tests.shopify_sends import give_secret
from tests.stored import rows, write

DAY = timedelta(days=1)
YEAR = timedelta(days=365)
DAYS = 30


def receive(
    business: Business, webhook_id: str, at: datetime, topic: str = "orders/create", body: bytes = b""
) -> bool:
    """Receive a delivery; returns False for a duplicate."""
    content, secret = body or json_of(an_order(1, order_status_url=None)), f"shpss_{business.name}"
    give_secret(business, secret)
    headers = WebhookHeaders(webhook_id, topic, business.shop_domain, signature=sign(content, secret))
    return Inbox().receive(headers, content, at) is Stored.NEW


def apply(business: Business) -> None:
    applying.apply_pending(business.key, NOW)


def prune(business: Business, **options: Any) -> Pruned:
    said: dict[str, Any] = {"now": NOW, "delivery_days": DAYS}
    return retention.prune(business.key, **said | options)


def webhook_ids(business: Business) -> list[str]:
    return [delivery.webhook_id for delivery in kept(business)]


def sync_runs(business: Business, *, count: int, at: datetime, state: str = "succeeded") -> None:
    with tenant_session(business.tenant_id) as session:
        session.add_all(
            SyncRun(**business.key.parameters, trigger="schedule", state=state, requested_at=at) for _ in range(count)
        )


def check_runs(business: Business, *, count: int, at: datetime) -> None:
    check = {**business.key.parameters, "is_whole": False}
    days = {"first_day": at.date(), "last_day": at.date()}
    with tenant_session(business.tenant_id) as session:
        run = {"trigger": "schedule", "state": "succeeded", "requested_at": at}
        session.add_all(CheckRun(**check, **days, **run) for _ in range(count))


def test_applied_and_ignored_deliveries_are_deleted_after_their_days(cast: Cast) -> None:
    for name, age in (("old", DAYS + 1), ("young", DAYS - 1)):
        receive(cast.acme, name, NOW - age * DAY)
        receive(cast.acme, f"{name} and of no use", NOW - age * DAY, topic="themes/publish")
    apply(cast.acme)

    assert prune(cast.acme).deliveries == 2
    assert webhook_ids(cast.acme) == ["young", "young and of no use"]
    assert prune(cast.acme) == Pruned()


def test_a_pending_delivery_stays_at_any_age(cast: Cast) -> None:
    receive(cast.acme, "waits", NOW - YEAR)

    assert prune(cast.acme) == Pruned()
    assert [(delivery.state, bool(delivery.body)) for delivery in kept(cast.acme)] == [("pending", True)]


def test_a_failed_delivery_stays_whole_for_three_months_and_no_longer(cast: Cast) -> None:
    for age in (89, 91):
        receive(cast.acme, f"{age} days ago", NOW - age * DAY, body=b'{"id": "no number"}')
    apply(cast.acme)

    assert prune(cast.acme) == Pruned(failed=1)
    assert webhook_ids(cast.acme) == ["89 days ago"]
    assert kept(cast.acme)[0].body == b'{"id": "no number"}'


def test_failed_deliveries_never_stay_shorter_than_applied_ones(cast: Cast) -> None:
    receive(cast.acme, "failed", NOW - 100 * DAY, body=b'{"id": "no number"}')
    apply(cast.acme)

    assert prune(cast.acme, delivery_days=120) == Pruned()


def test_a_delivery_without_its_body_is_still_recognised_as_a_duplicate(cast: Cast) -> None:
    receive(cast.acme, "b54557e4", NOW - 2 * DAY)
    apply(cast.acme)

    assert prune(cast.acme, delivery_days=1) == Pruned(bodies=1)
    assert not receive(cast.acme, "b54557e4", NOW)
    (row,) = kept(cast.acme)
    assert (row.body, row.state) == (b"", "applied")


def test_the_id_of_a_delivery_is_deleted_a_week_after_it_arrived(cast: Cast) -> None:
    for age in (6, 8):
        receive(cast.acme, f"{age} days ago", NOW - age * DAY)
    apply(cast.acme)

    assert prune(cast.acme, delivery_days=1).deliveries == 1
    assert webhook_ids(cast.acme) == ["6 days ago"]


def test_a_deleted_body_is_reported_as_deleted(cast: Cast) -> None:
    receive(cast.acme, "old", NOW - 2 * DAY)
    apply(cast.acme)
    prune(cast.acme, delivery_days=1)

    with pytest.raises(NotFound, match="kept for some time only"):
        read_body(cast.alice.actor, cast.acme.store_id, kept(cast.acme)[0].delivery_id)


def test_orders_stay_when_their_deliveries_are_deleted(cast: Cast) -> None:
    receive(cast.acme, "old", NOW - YEAR)
    apply(cast.acme)
    before = rows(cast.acme, Order)

    prune(cast.acme)

    assert kept(cast.acme) == []
    assert rows(cast.acme, Order) == before != []


def test_runs_older_than_a_year_are_deleted_but_the_stores_latest_stay(cast: Cast) -> None:
    for make in (sync_runs, check_runs):
        make(cast.acme, count=3, at=NOW - YEAR - DAY)
        make(cast.acme, count=retention.RUNS_KEPT - 1, at=NOW - YEAR - DAY)
        make(cast.acme, count=1, at=NOW)

    assert prune(cast.acme) == Pruned(runs=6)
    assert len(rows(cast.acme, SyncRun)) == len(rows(cast.acme, CheckRun)) == retention.RUNS_KEPT


def test_every_run_of_the_last_year_stays(cast: Cast) -> None:
    sync_runs(cast.acme, count=retention.RUNS_KEPT + 10, at=NOW - YEAR + DAY)

    assert prune(cast.acme) == Pruned()


def test_a_run_that_never_ended_stays(cast: Cast) -> None:
    sync_runs(cast.acme, count=1, at=NOW - 2 * YEAR, state="running")
    sync_runs(cast.acme, count=retention.RUNS_KEPT, at=NOW)

    assert prune(cast.acme) == Pruned()
    assert sum(run.state == "running" for run in runs.recent(cast.acme.key, 100)) == 1


def test_carts_unchanged_for_three_months_are_deleted_and_checkouts_stay(cast: Cast) -> None:
    write(cast.acme, cart("left", updated_at=NOW - 91 * DAY), cart("full", updated_at=NOW - 89 * DAY))
    long_ago = NOW - 2 * YEAR
    write(cast.acme, checkout(1, updated_at=long_ago), checkout(2, updated_at=long_ago, completed_at=long_ago))

    assert prune(cast.acme) == Pruned(carts=1)
    assert [each["cart_token"] for each in rows(cast.acme, Cart)] == ["full"]
    assert len(rows(cast.acme, Checkout)) == 2


def fill(business: Business) -> None:
    """Store several rows of every kind that are too old."""
    for number in range(5):
        receive(business, str(number), NOW - YEAR)
    apply(business)
    sync_runs(business, count=retention.RUNS_KEPT + 5, at=NOW - 2 * YEAR)
    write(business, *(cart(f"c{number}", updated_at=NOW - YEAR) for number in range(5)))


def test_small_batches_delete_every_old_row(cast: Cast) -> None:
    fill(cast.acme)

    assert prune(cast.acme, batch=2) == Pruned(bodies=5, deliveries=5, runs=5, carts=5)


def test_pruning_one_tenant_with_the_store_id_of_another_deletes_nothing(cast: Cast) -> None:
    fill(cast.acme)
    fill(cast.globex)
    before = {model: rows(cast.globex, model) for model in (Delivery, SyncRun, CheckRun, Cart)}

    assert retention.prune(StoreKey(cast.acme.tenant_id, cast.globex.store_id), NOW, DAYS) == Pruned()
    assert prune(cast.acme).deliveries == 5

    assert {model: rows(cast.globex, model) for model in before} == before


def test_every_night_every_store_is_pruned_disconnected_ones_too(cast: Cast) -> None:
    for business in (cast.acme, cast.globex):
        fill(business)
    stores.delete_credentials(cast.globex.key, NOW)

    schedule.prune_old(timestamp=int(NOW.timestamp()))

    assert settings().delivery_days == DAYS
    assert kept(cast.acme) == kept(cast.globex) == []


def test_jobs_that_failed_for_good_are_deleted_a_month_later_with_their_events(cast: Cast, database_url: str) -> None:
    stay = {"todo", "doing", "recent"}
    jobs = [*((each, each, 31) for each in ("failed", "cancelled", "todo", "doing")), ("recent", "failed", 29)]
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("TRUNCATE procrastinate_jobs CASCADE")
        for name, status, age in jobs:
            _job_ended(owner, name, status, NOW - age * DAY)

        schedule.prune_old(timestamp=int(NOW.timestamp()))

        noted = "SELECT DISTINCT task_name FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id"
        assert {name for (name,) in owner.execute("SELECT task_name FROM procrastinate_jobs")} == stay
        assert {name for (name,) in owner.execute(noted)} == stay
        assert retention.prune_jobs(NOW, batch=1) == 0


def _job_ended(owner: psycopg.Connection[Any], name: str, status: str, at: datetime) -> None:
    job = owner.execute(
        "INSERT INTO procrastinate_jobs (task_name, queue_name, status) VALUES (%s, 'syncs', %s) RETURNING id",
        [name, status],
    ).fetchone()
    assert job is not None
    owner.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, job[0]])
    owner.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'started', %s)", [job[0], at])


def test_a_store_that_cannot_be_pruned_delays_no_other(cast: Cast, refusing: None) -> None:
    for business in (cast.acme, cast.globex):
        fill(business)

    schedule.prune_old(timestamp=int(NOW.timestamp()))

    assert len(kept(cast.acme)) == 5
    assert kept(cast.globex) == []


@pytest.fixture
def refusing(cast: Cast, database_url: str) -> Iterator[None]:
    """Make the database refuse to empty Acme's bodies inside the block, by a constraint."""
    check = f"CHECK (tenant_id <> {cast.acme.tenant_id} OR body <> '')"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"ALTER TABLE deliveries ADD CONSTRAINT for_a_while {check} NOT VALID")
        yield
        owner.execute("ALTER TABLE deliveries DROP CONSTRAINT for_a_while")
