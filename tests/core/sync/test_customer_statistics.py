"""Shopify's own segments of customers who do not change: they are re-fetched in batches, the stalest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.database import tenant_session
from core.database.models import Customer, Store
from core.domain import Source
from core.simulator.http.simulator import Simulator
from core.sync import customer_statistics
from tests.cast import Cast
from tests.core.sync.syncing import ask, jobs, work
from tests.core.sync.test_scopes import change_scopes, connect
from tests.core.transports import Wire
from tests.factories import customer
from tests.stored import rows, write

LATER = timedelta(days=3, minutes=1)


@pytest.fixture
def loaded(cast: Cast, shopify: Simulator) -> Cast:
    """Acme, after its first load."""
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    return cast


def segments(cast: Cast) -> dict[int, tuple[str | None, str | None]]:
    return {
        each["customer_id"]: (each["rfm_group"], each["predicted_spend_tier"]) for each in rows(cast.acme, Customer)
    }


def readings(cast: Cast) -> dict[int, datetime]:
    """When each customer's segment was read."""
    with tenant_session(cast.acme.tenant_id) as session:
        found = session.execute(select(Customer.customer_id, Customer.statistics_read_at))
        return {row.customer_id: row.statistics_read_at for row in found}


def let_read(cast: Cast, at: datetime, *customer_ids: int) -> None:
    """Let the segments of these customers, or of all, count as read at that time."""
    statement = update(Customer).values(statistics_read_at=at)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(statement.where(Customer.customer_id.in_(customer_ids)) if customer_ids else statement)


def refresh(cast: Cast, now: datetime) -> list[list[str]]:
    """Work on the job; returns the ids of each request for customers."""
    wire = Wire()
    customer_statistics.work_on(cast.acme.key, now, wire)
    return [variables["ids"] for variables in wire.of("customer_details")]


def queued(cast: Cast, database_url: str, now: datetime) -> int:
    customer_statistics.queue_if_due(cast.acme.key, now)
    return jobs(database_url, "refresh_statistics")


def test_a_segment_that_changes_without_a_new_version_is_read_when_it_is_stale(
    loaded: Cast, shopify: Simulator
) -> None:
    customer_id = next(iter(shopify.live_shop().shop.customers))
    before = rows(loaded.acme, Customer)
    expected = {**segments(loaded), customer_id: ("at_risk", "high")}
    shopify.regroup(customer_id, "AT_RISK", "HIGH")
    work(loaded.acme, ask(loaded.acme), slice_length=timedelta(minutes=1))
    assert rows(loaded.acme, Customer) == before

    began = datetime.now(UTC)
    refresh(loaded, began + LATER)

    assert segments(loaded) == expected
    assert [each["updated_at"] for each in rows(loaded.acme, Customer)] == [each["updated_at"] for each in before]
    assert min(readings(loaded).values()) >= began


def test_customers_are_asked_for_in_one_request_those_read_longest_ago_first(loaded: Cast) -> None:
    now = datetime.now(UTC)
    first, second, *others = readings(loaded)
    let_read(loaded, now - timedelta(days=4), second)
    let_read(loaded, now - timedelta(days=5), first)
    never = [customer(10_000 + number, source=Source.WEBHOOK) for number in range(99)]
    write(loaded.acme, *never)

    (asked,) = refresh(loaded, now)

    assert {int(gid.rpartition("/")[2]) for gid in asked[:99]} == {each.customer_id for each in never}
    assert asked[99:] == [f"gid://shopify/Customer/{first}"]
    assert refresh(loaded, now) == [[f"gid://shopify/Customer/{second}"]]
    assert all(readings(loaded)[each] < now for each in others)


def test_a_customer_whom_shopify_does_not_know_does_not_come_first_for_ever(loaded: Cast) -> None:
    write(loaded.acme, customer(81, source=Source.WEBHOOK))
    now = datetime.now(UTC)

    assert refresh(loaded, now) == [["gid://shopify/Customer/81"]]

    assert readings(loaded)[81] >= now
    assert refresh(loaded, now) == []


def test_the_job_is_queued_once_while_segments_are_stale(loaded: Cast, database_url: str) -> None:
    now = datetime.now(UTC)
    assert queued(loaded, database_url, now) == 0
    assert queued(loaded, database_url, now + LATER) == 1
    assert queued(loaded, database_url, now + LATER) == 1


def test_no_segment_is_read_during_a_first_load(loaded: Cast, database_url: str) -> None:
    with tenant_session(loaded.acme.tenant_id) as session:
        session.execute(update(Store).values(complete_until=None))

    assert queued(loaded, database_url, datetime.now(UTC) + LATER) == 0
    assert refresh(loaded, datetime.now(UTC) + LATER) == []


def test_no_segment_is_read_without_the_scope(loaded: Cast, shopify: Simulator, database_url: str) -> None:
    change_scopes(loaded, shopify, ["read_orders", "read_products"])

    assert queued(loaded, database_url, datetime.now(UTC) + LATER) == 0
    assert refresh(loaded, datetime.now(UTC) + LATER) == []
