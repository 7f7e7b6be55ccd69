"""A failed delivery is never lost: it is retried with a backoff, and on request."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from core.database import tenant_session
from core.database.models import Order
from core.domain.periods import Preset, preset
from core.errors import NotAllowed, NotFound
from core.metrics import Scope
from core.metrics.deliveries import DeliveryState, counts, deliveries, failed_by_topic, topics
from core.stores import find
from core.webhooks import apply as applying
from core.webhooks import retry, states
from core.webhooks.body import MOST_SHOWN, read_body
from tests.cast import NOW, Business, Cast
from tests.core.webhooks.test_apply import an_order
from tests.shopify_sends import deliveries as kept
from tests.shopify_sends import store_delivery
from tests.stored import rows

BROKEN = b'{"id": "no number"}'


def apply(business: Business, minutes: int = 0) -> None:
    retry.retry_due(business.key, NOW + timedelta(minutes=minutes))
    applying.apply_pending(business.key, NOW + timedelta(minutes=minutes))


@pytest.fixture
def no_orders(database_url: str, cast: Cast) -> str:
    """Make the database refuse orders inside the block, by a constraint."""
    _owner(database_url, "ALTER TABLE orders ADD CONSTRAINT for_a_while CHECK (order_id < 0) NOT VALID")
    return database_url


@pytest.fixture(autouse=True)
def _orders_again(database_url: str, cast: Cast) -> object:
    yield
    _owner(database_url, "ALTER TABLE orders DROP CONSTRAINT IF EXISTS for_a_while")


def _owner(database_url: str, statement: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(statement)


def state_of(business: Business) -> tuple[str, int]:
    (row,) = kept(business)
    return row.state, row.attempts


def test_a_delivery_that_could_not_be_written_is_retried_with_backoff_and_heals(cast: Cast, no_orders: str) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    apply(cast.acme)
    (row,) = kept(cast.acme)
    assert (row.state, row.retry_at) == ("failed", NOW + timedelta(minutes=1))
    apply(cast.acme, minutes=1)
    (row,) = kept(cast.acme)
    assert (row.attempts, row.retry_at) == (2, NOW + timedelta(minutes=3))
    apply(cast.acme, minutes=2)
    assert state_of(cast.acme) == ("failed", 2)
    _owner(no_orders, "ALTER TABLE orders DROP CONSTRAINT for_a_while")
    apply(cast.acme, minutes=3)
    (row,) = kept(cast.acme)
    assert (row.state, row.reason, row.retry_at) == ("applied", None, None)
    assert len(rows(cast.acme, Order)) == 1


def test_retries_end() -> None:
    waits = [states.next_retry(attempts, NOW) for attempts in range(1, states.RETRIES + 2)]
    assert waits[:3] == [NOW + timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert waits[-2] is not None
    assert waits[-1] is None


def test_an_unreadable_body_is_retried_with_backoff_too_and_at_once_on_request(cast: Cast) -> None:
    delivery_id = store_delivery(cast.acme, "orders/create", BROKEN)
    apply(cast.acme)
    (row,) = kept(cast.acme)
    assert (row.state, row.retry_at) == ("failed", NOW + timedelta(minutes=1))
    retry.retry_one(cast.alice.actor, cast.acme.store_id, delivery_id)
    assert state_of(cast.acme)[0] == "pending"
    for day in range(states.RETRIES + 2):
        apply(cast.acme, minutes=60 * 24 * day)
    (row,) = kept(cast.acme)
    assert (row.attempts, row.retry_at) == (states.RETRIES + 1, None)


def test_all_failed_deliveries_of_one_topic_are_retried_and_no_others(
    cast: Cast, no_orders: str, database_url: str
) -> None:
    for number in (1, 2):
        store_delivery(cast.acme, "orders/create", an_order(number))
    store_delivery(cast.acme, "products/create", BROKEN)
    apply(cast.acme)
    _owner(no_orders, "ALTER TABLE orders DROP CONSTRAINT for_a_while")
    assert retry.retry_topic(cast.alice.actor, cast.acme.store_id, "orders/create") == 2
    with psycopg.connect(database_url) as owner:
        (jobs,) = owner.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'apply_deliveries'"
        ).fetchall()
    assert jobs[0] >= 1
    apply(cast.acme)
    assert [row.state for row in kept(cast.acme)] == ["applied", "applied", "failed"]
    assert retry.retry_topic(cast.alice.actor, cast.acme.store_id, "orders/create") == 0


def test_an_applied_delivery_is_not_retried(cast: Cast) -> None:
    delivery_id = store_delivery(cast.acme, "orders/create", an_order(1))
    apply(cast.acme)
    with pytest.raises(NotFound, match="did not fail"):
        retry.retry_one(cast.alice.actor, cast.acme.store_id, delivery_id)


def test_a_viewer_may_neither_retry_nor_see_a_body(cast: Cast) -> None:
    delivery_id = store_delivery(cast.acme, "orders/create", BROKEN)
    apply(cast.acme)
    for ask in (
        lambda: retry.retry_one(cast.bob.actor, cast.acme.store_id, delivery_id),
        lambda: retry.retry_topic(cast.bob.actor, cast.acme.store_id, "orders/create"),
        lambda: read_body(cast.bob.actor, cast.acme.store_id, delivery_id),
    ):
        with pytest.raises(NotAllowed):
            ask()
    assert state_of(cast.acme)[0] == "failed"


def test_another_business_can_neither_retry_nor_see_a_delivery(cast: Cast) -> None:
    delivery_id = store_delivery(cast.acme, "orders/create", BROKEN)
    apply(cast.acme)
    with pytest.raises(NotFound):
        retry.retry_one(cast.charlie.actor, cast.acme.store_id, delivery_id)
    with pytest.raises(NotFound):
        read_body(cast.charlie.actor, cast.acme.store_id, delivery_id)
    assert retry.retry_topic(cast.charlie.actor, cast.acme.store_id, "orders/create") == 0
    assert state_of(cast.acme)[0] == "failed"
    period = preset(Preset.LAST_7_DAYS, find(cast.acme.key).time_zone, NOW)
    with tenant_session(cast.charlie.tenant_id) as session:
        scope = Scope(cast.acme.key)
        assert deliveries(session, scope, period) == ()
        assert counts(session, scope, period).total == 0


def test_the_body_is_what_shopify_sent_and_a_huge_one_is_cut(cast: Cast) -> None:
    sent = store_delivery(cast.acme, "orders/create", b'{"note": "<script>alert(1)</script>"}')
    assert read_body(cast.alice.actor, cast.acme.store_id, sent) == '{"note": "<script>alert(1)</script>"}'
    huge = store_delivery(cast.acme, "orders/create", b"x" * (MOST_SHOWN + 1))
    shown = read_body(cast.alice.actor, cast.acme.store_id, huge)
    assert shown.endswith("cut here; it has 200001 characters.")


def test_they_are_counted_by_state_and_listed_by_topic_and_period(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    store_delivery(cast.acme, "orders/create", BROKEN)
    store_delivery(cast.acme, "themes/publish", {"id": 1})
    apply(cast.acme)
    store_delivery(cast.acme, "orders/create", an_order(2))
    zone = find(cast.acme.key).time_zone
    period, before = preset(Preset.TODAY, zone, NOW), preset(Preset.YESTERDAY, zone, NOW)
    scope = Scope(cast.acme.key)
    with tenant_session(cast.acme.tenant_id) as session:
        assert counts(session, scope, period).total == 4
        assert counts(session, scope, period).by_state == {
            DeliveryState.PENDING: 1,
            DeliveryState.UNCONFIRMED: 0,
            DeliveryState.APPLIED: 1,
            DeliveryState.IGNORED: 1,
            DeliveryState.FAILED: 1,
        }
        assert counts(session, scope, period, "themes/publish").total == 1
        assert topics(session, scope, period) == ("orders/create", "themes/publish")
        assert failed_by_topic(session, scope) == {"orders/create": 1}
        (failed,) = deliveries(session, scope, period, state=DeliveryState.FAILED)
        assert (failed.topic, failed.size, failed.attempts) == ("orders/create", len(BROKEN), 1)
        assert failed.reason
        newest, *_ = deliveries(session, scope, period, limit=1)
        assert newest.state == "pending"
        assert deliveries(session, scope, before) == ()
