"""A store's subscriptions are checked every day; deleted and outdated ones are repaired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import update

from core import stores
from core.config import settings
from core.connections import subscriptions
from core.database import StoreKey, tenant_session
from core.database.models import Store, StoreState
from core.shopify.webhooks import TOPICS
from core.simulator.http.simulator import Simulator
from core.webhooks import apply
from tests.cast import NOW, Business, Cast
from tests.core.shopify.fakes import reply
from tests.core.sync import syncing
from tests.core.transports import always
from tests.core.webhooks.test_apply import an_order
from tests.shopify_sends import store_delivery

HOOKS = "https://hooks.example.com"
ADDRESS = f"{HOOKS}/webhooks/shopify"


@pytest.fixture
def reachable(connected: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """The cast, with a receiver that has a public address."""
    monkeypatch.setenv("PUBLIC_WEBHOOK_URL", HOOKS)
    settings.cache_clear()
    yield connected
    settings.cache_clear()


def check(business: Business, **options: object) -> str | None:
    return subscriptions.check_store(business.key, datetime.now(UTC), **options)  # type: ignore[arg-type]


def addresses(shopify: Simulator) -> list[str]:
    return [subscription.uri for subscription in shopify.live_shop().subscriptions.by_id.values()]


def test_missing_subscriptions_are_created_and_a_second_check_changes_nothing(
    reachable: Cast, shopify: Simulator
) -> None:
    assert check(reachable.acme) is None
    created = dict(shopify.live_shop().subscriptions.by_id)
    assert {subscription.header_topic for subscription in created.values()} == set(TOPICS)

    assert check(reachable.acme) is None
    assert shopify.live_shop().subscriptions.by_id == created


def test_a_check_finds_a_change_of_the_shop_without_a_webhook(
    reachable: Cast, shopify: Simulator, database_url: str
) -> None:
    """A webhook may be lost or arrive late, so a check re-fetches the shop."""
    spec = shopify.live_shop().shop.spec
    change = {"currency": "USD", "time_zone": "America/New_York", "name": "Old name"}
    with tenant_session(reachable.acme.tenant_id) as session:
        session.execute(update(Store).where(reachable.acme.key.owns(Store)).values(change))

    check(reachable.acme)

    store = stores.find(reachable.acme.key)
    assert (store.currency, store.time_zone.key, store.name) == (spec.currency, spec.time_zone, spec.name)
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'date_anew'"
        assert owner.execute(query).fetchone() == (1,)


def test_a_subscription_that_shopify_deleted_is_created_again(reachable: Cast, shopify: Simulator) -> None:
    check(reachable.acme)
    have = shopify.live_shop().subscriptions.by_id
    lost = next(number for number, each in have.items() if each.topic == "ORDERS_UPDATED")
    del have[lost]

    check(reachable.acme)

    assert [subscription.topic for subscription in have.values()].count("ORDERS_UPDATED") == 1


def test_after_the_receiver_moved_nothing_goes_to_the_old_address(
    reachable: Cast, shopify: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(reachable.acme)
    monkeypatch.setenv("PUBLIC_WEBHOOK_URL", "https://moved.example.com")
    settings.cache_clear()

    assert check(reachable.acme) is None

    assert set(addresses(shopify)) == {"https://moved.example.com/webhooks/shopify"}
    assert len(addresses(shopify)) == len(TOPICS)


def test_without_a_public_address_the_store_says_so(connected: Cast) -> None:
    assert "PUBLIC_WEBHOOK_URL" in str(check(connected.acme))
    assert "PUBLIC_WEBHOOK_URL" in str(stores.find(connected.acme.key).webhook_note)


def test_a_refusal_is_noted_on_the_store_and_a_later_check_deletes_the_note(reachable: Cast) -> None:
    refused = {"data": None, "errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]}
    note = check(reachable.acme, transport=always(lambda: reply(refused)))
    assert note is not None
    assert stores.find(reachable.acme.key).webhook_note == note

    assert check(reachable.acme) is None
    assert stores.find(reachable.acme.key).webhook_note is None


def jobs(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_subscriptions'"
        result = owner.execute(query).fetchone()
        return result[0] if result else 0


def test_a_check_is_due_once_a_day_and_queued_once(reachable: Cast, database_url: str) -> None:
    acme, now = reachable.acme, datetime.now(UTC)
    assert subscriptions.queue_check_if_due(acme.key, now)
    assert subscriptions.queue_check_if_due(acme.key, now)
    assert jobs(database_url) == 1

    check(acme)
    assert not subscriptions.queue_check_if_due(acme.key, now + timedelta(hours=23))
    assert subscriptions.queue_check_if_due(acme.key, now + timedelta(hours=25))


def test_neither_a_disconnected_store_nor_another_tenants_is_checked(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert store is not None
        store.state = StoreState.DISCONNECTED
    assert not subscriptions.queue_check_if_due(cast.acme.key, NOW)
    assert not subscriptions.queue_check_if_due(StoreKey(cast.acme.tenant_id, cast.globex.store_id), NOW)


def sync(cast: Cast) -> None:
    run = syncing.work(cast.acme, syncing.ask(cast.acme), slice_length=timedelta(minutes=1))
    assert run.state == "succeeded", run.error


def is_live(cast: Cast) -> bool:
    return stores.find(cast.acme.key).is_live


def checks(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_subscriptions'"
        return owner.execute(query).fetchone()[0]  # type: ignore[index]


@pytest.fixture
def synced(reachable: Cast, shopify: Simulator) -> Cast:
    """The store was connected an hour ago, has its subscriptions, and its first load is over."""
    check(reachable.acme)
    sync(reachable)
    with tenant_session(reachable.acme.tenant_id) as session:
        store = session.get_one(Store, (reachable.acme.tenant_id, reachable.acme.store_id))
        store.connected_at = datetime.now(UTC) - timedelta(hours=1)
    return reachable


def some_time_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def test_a_sync_that_finds_an_order_without_a_webhook_queues_a_repair(
    synced: Cast, shopify: Simulator, database_url: str
) -> None:
    """At once, not at the next daily check."""
    shopify.live_shop().subscriptions.by_id.clear()
    shopify.sell(at=some_time_ago())
    assert is_live(synced)

    sync(synced)

    assert not is_live(synced)
    assert checks(database_url) == 1
    check(synced.acme)
    assert len(shopify.live_shop().subscriptions.by_id) == len(TOPICS)
    assert is_live(synced)


def test_a_store_whose_webhooks_do_not_arrive_is_not_live_until_one_does(synced: Cast, shopify: Simulator) -> None:
    shopify.sell(at=some_time_ago())
    sync(synced)
    check(synced.acme)
    assert not is_live(synced), "every subscription is there, and none was heard of"

    store_delivery(synced.acme, "orders/create", an_order(77, updated_at=datetime.now(UTC).isoformat()))
    apply.apply_slice(synced.acme.key)

    assert is_live(synced)


def test_an_order_that_was_just_placed_was_not_missed(synced: Cast, shopify: Simulator, database_url: str) -> None:
    """Its webhook may still arrive."""
    shopify.sell(at=datetime.now(UTC))
    sync(synced)

    assert is_live(synced)
    assert checks(database_url) == 0


def test_an_order_whose_webhook_is_pending_was_not_missed(
    synced: Cast, shopify: Simulator, database_url: str
) -> None:
    shopify.sell(at=some_time_ago())
    store_delivery(synced.acme, "orders/create", an_order(78))

    sync(synced)

    assert is_live(synced)
    assert checks(database_url) == 0
