"""A store's webhooks are looked at every day; what Shopify deleted, or what goes to an old address, is repaired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from core import stores, subscriptions
from core.config import settings
from core.db import tenant_session
from core.demo.simulator import Simulator
from core.models import Store
from core.shopify.webhooks import TOPICS
from tests.cast import NOW, Business, Cast
from tests.core.shopify.fakes import reply
from tests.core.transports import always

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
    return subscriptions.check(business.tenant_id, business.store_id, datetime.now(UTC), **options)  # type: ignore[arg-type]


def addresses(shopify: Simulator) -> list[str]:
    return [each.uri for each in shopify.live().subscriptions.by_id.values()]


def test_what_is_missing_is_made_and_a_second_check_changes_nothing(reachable: Cast, shopify: Simulator) -> None:
    assert check(reachable.acme) is None
    made = dict(shopify.live().subscriptions.by_id)
    assert {each.header_topic for each in made.values()} == set(TOPICS)

    assert check(reachable.acme) is None
    assert shopify.live().subscriptions.by_id == made


def test_a_subscription_that_shopify_deleted_is_made_again(reachable: Cast, shopify: Simulator) -> None:
    check(reachable.acme)
    have = shopify.live().subscriptions.by_id
    lost = next(number for number, each in have.items() if each.topic == "ORDERS_UPDATED")
    del have[lost]

    check(reachable.acme)

    assert [each.topic for each in have.values()].count("ORDERS_UPDATED") == 1


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
    assert "PUBLIC_WEBHOOK_URL" in str(stores.find(connected.acme.tenant_id, connected.acme.store_id).webhook_note)


def test_a_refusal_is_noted_on_the_store_and_a_later_check_takes_the_note_away(reachable: Cast) -> None:
    refused = {"data": None, "errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]}
    note = check(reachable.acme, transport=always(lambda: reply(refused)))
    assert note is not None
    assert stores.find(reachable.acme.tenant_id, reachable.acme.store_id).webhook_note == note

    assert check(reachable.acme) is None
    assert stores.find(reachable.acme.tenant_id, reachable.acme.store_id).webhook_note is None


def jobs(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_subscriptions'"
        found = owner.execute(query).fetchone()
        return found[0] if found else 0


def test_a_check_is_due_once_a_day_and_queued_once(reachable: Cast, database_url: str) -> None:
    acme, now = reachable.acme, datetime.now(UTC)
    assert subscriptions.ask_if_due(acme.tenant_id, acme.store_id, now)
    assert subscriptions.ask_if_due(acme.tenant_id, acme.store_id, now)
    assert jobs(database_url) == 1

    check(acme)
    assert not subscriptions.ask_if_due(acme.tenant_id, acme.store_id, now + timedelta(hours=23))
    assert subscriptions.ask_if_due(acme.tenant_id, acme.store_id, now + timedelta(hours=25))


def test_a_store_that_is_not_connected_is_not_checked_nor_another_tenants(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert store is not None
        store.state = "disconnected"
    assert not subscriptions.ask_if_due(cast.acme.tenant_id, cast.acme.store_id, NOW)
    assert not subscriptions.ask_if_due(cast.acme.tenant_id, cast.globex.store_id, NOW)
