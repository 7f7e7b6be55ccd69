"""A delivery that was not applied, or not in full, has its reason as a value, which Data health counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from core.database import tenant_session
from core.database.models import Delivery, DeliveryState, Redaction
from core.domain import Deleted, Kind, Refusal
from core.domain.periods import Period, local_day
from core.metrics import Scope, deliveries
from core.metrics.deliveries import RefusalCount
from core.webhooks import apply, retry
from tests.cast import NOW, Business, Cast
from tests.core.webhooks.test_apply import an_order as dollar_order
from tests.core.webhooks.test_apply import sample
from tests.shopify_sends import deliveries as stored
from tests.shopify_sends import store_delivery
from tests.stored import write

BERLIN = ZoneInfo("Europe/Berlin")


def an_order(number: int, **changes: Any) -> dict[str, Any]:
    """The body of an order in the store's currency."""
    return dollar_order(number, **{"currency": "EUR"} | changes)


def refusals(business: Business) -> list[Refusal | None]:
    """Apply the pending deliveries; return the reasons of all, in the order of arrival."""
    apply.apply_pending(business.key, NOW)
    return [delivery.refusal for delivery in stored(business)]


def counted(business: Business) -> tuple[RefusalCount, ...]:
    today = local_day(NOW, BERLIN)
    with tenant_session(business.tenant_id) as session:
        return deliveries.refusals(session, Scope(business.key), Period(today, today, BERLIN))


def test_a_delivery_that_was_applied_has_none(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    assert refusals(cast.acme) == [None]


def test_the_same_version_again_is_stale(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    store_delivery(cast.acme, "orders/updated", an_order(1))
    assert refusals(cast.acme) == [None, Refusal.STALE]

    store_delivery(cast.acme, "orders/updated", an_order(1))
    assert refusals(cast.acme) == [None, Refusal.STALE, Refusal.STALE]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("customers/update", "customers__update"), ("products/update", "products__update")],
)
def test_customers_and_products_can_be_stale_too(cast: Cast, topic: str, payload: str) -> None:
    for _ in range(2):
        store_delivery(cast.acme, topic, sample(payload))
    assert refusals(cast.acme) == [None, Refusal.STALE]


def test_carts_and_stock_can_be_stale_too(cast: Cast) -> None:
    level = {"inventory_item_id": 1, "location_id": 2, "available": 3, "updated_at": "2026-11-20T11:00:00Z"}
    for topic, payload in (("carts/update", sample("carts__update")), ("inventory_levels/update", level)):
        store_delivery(cast.acme, topic, payload)
        applied = refusals(cast.acme)
        store_delivery(cast.acme, topic, payload)

        assert refusals(cast.acme) == [*applied, Refusal.STALE]
        assert applied[-1] is None


def test_a_stale_order_that_brings_a_new_refund_was_applied(cast: Cast) -> None:
    refunded = sample("refunds__create")
    store_delivery(cast.acme, "orders/create", an_order(refunded["order_id"]))
    store_delivery(cast.acme, "orders/updated", an_order(refunded["order_id"], refunds=[refunded]))
    assert refusals(cast.acme) == [None, None]

    store_delivery(cast.acme, "refunds/create", refunded)
    assert refusals(cast.acme) == [None, None, Refusal.STALE]


def test_an_order_that_was_deleted_stays_deleted(cast: Cast) -> None:
    write(cast.acme, Deleted(Kind.ORDER, 1, NOW))
    store_delivery(cast.acme, "orders/updated", an_order(1))
    assert refusals(cast.acme) == [Refusal.DELETED_BEFORE]


def test_an_order_of_a_redacted_customer_was_applied_without_personal_fields(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        key = cast.acme.key.parameters
        session.add(Redaction(**key, kind=Kind.ORDER, shopify_id=1, redacted_at=NOW))
    store_delivery(cast.acme, "orders/create", an_order(1))
    assert refusals(cast.acme) == [Refusal.REDACTED]


def test_an_order_in_another_currency_is_in_no_figure(cast: Cast) -> None:
    store_delivery(cast.globex, "orders/create", an_order(1, currency="XPF"))
    assert refusals(cast.globex) == [Refusal.OTHER_CURRENCY]


def test_what_cannot_be_read_says_so(cast: Cast) -> None:
    store_delivery(cast.acme, "tender_transactions/create", sample("tender_transactions__create"))
    store_delivery(cast.acme, "orders/create", b"not json")
    store_delivery(cast.acme, "checkouts/create", sample("checkouts__create", id=None) | {"name": None})
    assert refusals(cast.acme) == [Refusal.UNMAPPED_TOPIC, Refusal.UNREADABLE, Refusal.NO_KEY]


def test_what_cannot_be_written_gave_up_and_a_retry_starts_without_a_reason(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1, order_number=10**30))
    assert refusals(cast.acme) == [Refusal.GAVE_UP]

    retry.retry_due(cast.acme.key, NOW + timedelta(hours=1))

    (delivery,) = stored(cast.acme)
    assert (delivery.state, delivery.refusal) == (DeliveryState.PENDING, None)


def test_the_reasons_are_counted_by_day_and_store(cast: Cast) -> None:
    for number in (1, 1, 1):
        store_delivery(cast.acme, "orders/create", an_order(number))
    store_delivery(cast.acme, "orders/create", b"not json")
    apply.apply_pending(cast.acme.key, NOW)
    yesterday = NOW - timedelta(days=1)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Delivery).where(Delivery.refusal == Refusal.UNREADABLE).values(received_at=yesterday))

    assert counted(cast.acme) == (RefusalCount(local_day(NOW, BERLIN), Refusal.STALE, 2),)
    assert counted(cast.globex) == ()
