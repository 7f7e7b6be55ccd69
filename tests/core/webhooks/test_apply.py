"""Pending deliveries become orders, customers and products; one that cannot be applied delays no other."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.database import tenant_session
from core.database.models import (
    Customer,
    Order,
    Product,
    Sale,
    Store,
    StoreState,
    UnsettledOrder,
)
from core.webhooks import apply, pending
from tests.cast import NOW, Cast
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
    store_delivery(cast.acme, "tender_transactions/create", sample("tender_transactions__create"))

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
