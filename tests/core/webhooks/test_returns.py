"""Webhooks about returns: their order is re-fetched, although no orders/updated comes and its version stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.database import tenant_session
from core.database.models import ReturnLine, UnsettledOrder
from core.simulator.http.simulator import Simulator
from core.simulator.life.context import Webhook
from core.simulator.webhooks.topics import webhook_body
from core.sync import refetch
from core.webhooks import apply
from tests.cast import Cast
from tests.core.sync.syncing import ask, work
from tests.core.sync.test_scopes import connect
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import rows, total_sales


def deliver(cast: Cast, shopify: Simulator, order_id: int, return_id: int, topic: str) -> None:
    """Store and apply the body that the simulator sends, and re-fetch what it makes stale."""
    order = shopify.live_shop().shop.orders[order_id]
    (back,) = [each for each in order.returns if each.return_id == return_id]
    body = webhook_body(shopify.live_shop().shop, Webhook(topic, (order, back)))
    now = datetime.now(UTC)
    store_delivery(cast.acme, topic, body, now)
    apply.apply_pending(cast.acme.key, now)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(UnsettledOrder).values(due_at=now))
    refetch.work_on(cast.acme.key)


def change(shopify: Simulator, order_id: int, return_id: int, action: str) -> None:
    args = {"order_id": order_id, "return_id": return_id, "to": action}
    shopify.live_shop().trigger("change_return", args, datetime.now(UTC))


def stored(cast: Cast, order_id: int) -> list[dict[str, Any]]:
    return [each for each in rows(cast.acme, ReturnLine) if each["order_id"] == order_id]


@pytest.fixture
def requested(cast: Cast, shopify: Simulator) -> tuple[int, int]:
    """An order of a loaded store with a return that was requested since; both ids."""
    connect(cast, shopify)
    order_id = shopify.sell(at=datetime.now(UTC) - timedelta(hours=2))
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    outcome = shopify.live_shop().trigger("request_return", {"order_id": order_id}, datetime.now(UTC))
    return order_id, int(outcome["return_id"])


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        ((), "requested"),
        (("decline",), "declined"),
        (("cancel",), "canceled"),
        (("approve", "close"), "closed"),
        (("approve", "close", "reopen"), "open"),
    ],
)
def test_each_step_of_a_return_is_read_from_its_own_webhook(
    cast: Cast, shopify: Simulator, requested: tuple[int, int], actions: tuple[str, ...], status: str
) -> None:
    order_id, return_id = requested
    deliver(cast, shopify, order_id, return_id, "returns/request")
    for action in actions:
        change(shopify, order_id, return_id, action)
        deliver(cast, shopify, order_id, return_id, f"returns/{action}")

    lines = stored(cast, order_id)
    assert {each["status"] for each in lines} == {status}
    true = shopify.live_shop().shop.orders[order_id].returns[0]
    assert {each["return_line_id"]: each["quantity"] for each in lines} == {
        line.refund_line_id: line.quantity for line in true.lines
    }
    assert rows(cast.acme, UnsettledOrder) == []
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales
    assert {(each.topic, each.state, each.record_id) for each in deliveries(cast.acme)} >= {
        ("returns/request", "applied", order_id)
    }


def test_a_changed_reason_is_read_although_the_body_names_no_order(
    cast: Cast, shopify: Simulator, requested: tuple[int, int]
) -> None:
    order_id, return_id = requested
    deliver(cast, shopify, order_id, return_id, "returns/request")
    before = {each["reason"] for each in stored(cast, order_id)}
    change(shopify, order_id, return_id, "update")

    deliver(cast, shopify, order_id, return_id, "returns/update")

    true = shopify.live_shop().shop.orders[order_id].returns[0].reason.lower()
    assert {each["reason"] for each in stored(cast, order_id)} == {true} != before


def test_an_update_of_a_return_that_is_not_stored_changes_nothing(
    cast: Cast, shopify: Simulator, requested: tuple[int, int]
) -> None:
    order_id, return_id = requested

    deliver(cast, shopify, order_id, return_id, "returns/update")

    assert [each.state for each in deliveries(cast.acme)] == ["applied"]
    assert stored(cast, order_id) == []


def test_a_body_about_the_order_of_a_redacted_person_is_erased(
    cast: Cast, shopify: Simulator, requested: tuple[int, int]
) -> None:
    order_id, return_id = requested
    person = {"customer": {"id": 1, "email": "x@example.com"}, "orders_to_redact": [order_id]}
    about = {"shop_id": shopify.live_shop().shop.shop_id, "shop_domain": cast.acme.shop_domain}
    store_delivery(cast.acme, "customers/redact", person | about, datetime.now(UTC))
    apply.apply_pending(cast.acme.key, datetime.now(UTC))

    deliver(cast, shopify, order_id, return_id, "returns/request")

    assert [bytes(each.body) for each in deliveries(cast.acme) if each.topic == "returns/request"] == [b"{}"]
