"""Privacy requests export, redact and erase; they leave a receipt, and can be retried."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from core import privacy, stores
from core.database import tenant_session
from core.database.models import Customer, Delivery, Order, PrivacyRequest, Refund, Store
from core.database.models.base import OUTSIDE_POLICIES, Base
from core.domain import Transaction
from core.errors import NotAllowed, NotFound
from core.privacy import erase
from core.webhooks import apply as applying
from tests.cast import NOW, Business, Cast
from tests.core.webhooks.test_apply import an_order, sample
from tests.factories import customer, order, refund
from tests.shopify_sends import ACME_SECRET, deliveries, give_secret, store_delivery
from tests.stored import row, rows, total_sales, write

ADA = {"id": 81, "email": "Ada@Example.com", "phone": "555-625-1199"}


def ada_bought(business: Business, **changes: Any) -> None:
    """Write Ada with one order, one unit of which was returned."""
    bought = order(order_id=1, customer_id=81, email="ada@example.com", city="London", province="LND", **changes)
    write(business, customer(81), bought, refund(order_id=1, note="Ada called"))


def take(business: Business, topic: str, now: datetime = NOW, **content: Any) -> int:
    """Store and apply a privacy request; returns its delivery's id."""
    delivery_id = store_delivery(business, topic, {"shop_id": 1, "shop_domain": business.shop_domain, **content}, now)
    apply(business)
    return delivery_id


def apply(business: Business) -> None:
    """Apply pending deliveries, and erase stored webhooks."""
    applying.apply_pending(business.key, NOW)
    erase.erase_bodies(business.key)


def again(business: Business, delivery_id: int) -> None:
    """Apply the same delivery again from its row."""
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Delivery).where(Delivery.delivery_id == delivery_id).values(state="pending"))
    apply(business)


def redact(business: Business) -> int:
    return take(business, "customers/redact", customer=ADA, orders_to_redact=[1])


def everything(business: Business) -> str:
    """All rows of the tenant, as one text, to search for a redacted person."""
    tables = [table for name, table in Base.metadata.tables.items() if name not in OUTSIDE_POLICIES]
    with tenant_session(business.tenant_id) as session:
        found = [dict(each._mapping) for table in tables for each in session.execute(select(table))]
    return str(found).lower()


def test_a_data_request_keeps_an_export_that_an_owner_downloads(cast: Cast) -> None:
    paid = Transaction(5, "sale", "success", NOW, Decimal("19.90"), gateway="paypal")
    ada_bought(cast.acme, transactions=(paid,))
    write(cast.acme, customer(82, email="bob@example.com"), order(order_id=2, customer_id=82))

    take(cast.acme, "customers/data_request", customer=ADA, orders_requested=[1], data_request={"id": 9})

    (receipt,) = privacy.receipts(cast.alice.actor)
    assert (receipt.topic, receipt.customer_id, receipt.has_export) == ("customers/data_request", 81, True)
    exported = json.loads(privacy.download(cast.alice.actor, receipt.request_id))
    assert exported["customer"]["first_name"] == "Ada"
    assert [order_row["order_id"] for order_row in exported["orders"]] == [1]
    assert exported["orders"][0]["line_items"][0]["title"] == "Shirt"
    assert exported["orders"][0]["refunds"][0]["note"] == "Ada called"
    assert exported["orders"][0]["transactions"][0]["gateway"] == "paypal"


def test_an_export_is_for_owners_of_this_business_alone(cast: Cast) -> None:
    ada_bought(cast.acme)
    take(cast.acme, "customers/data_request", customer=ADA, orders_requested=[1])
    (receipt,) = privacy.receipts(cast.alice.actor)

    with pytest.raises(NotAllowed):
        privacy.download(cast.bob.actor, receipt.request_id)
    with pytest.raises(NotAllowed):
        privacy.receipts(cast.bob.actor)
    with pytest.raises(NotFound):
        privacy.download(cast.charlie.actor, receipt.request_id)
    assert privacy.receipts(cast.charlie.actor) == ()


def test_a_redacted_customer_is_in_no_table_and_the_totals_stay(cast: Cast) -> None:
    ada_bought(cast.acme)
    store_delivery(cast.acme, "customers/update", sample("customers__update", id=81, email="ADA@example.com"))
    take(cast.acme, "customers/data_request", customer=ADA, orders_requested=[1])
    before = total_sales(cast.acme)

    redact(cast.acme)

    assert total_sales(cast.acme) == before
    assert before > 0
    remaining = everything(cast.acme)
    for trace in ("ada", "lovelace", "london", "555-625"):
        assert trace not in remaining, trace
    assert "john.smith" not in remaining, "the sample's own name was in a body"


def test_a_redaction_leaves_a_receipt_without_personal_data(cast: Cast) -> None:
    ada_bought(cast.acme)
    redact(cast.acme)

    stored = row(cast.acme, PrivacyRequest)
    assert stored["outcome"].startswith("Redacted: the customer, 1 orders, 1 stored webhooks.")
    assert (stored["customer_id"], stored["export"], stored["received_at"]) == (81, None, NOW)


def test_a_retried_redaction_changes_nothing(cast: Cast) -> None:
    ada_bought(cast.acme)
    delivery_id = redact(cast.acme)
    again(cast.acme, delivery_id)

    assert deliveries(cast.acme)[0].state == "applied"
    assert len(rows(cast.acme, PrivacyRequest)) == 1
    assert "ada" not in everything(cast.acme)


def test_a_late_version_does_not_bring_a_redacted_person_back(cast: Cast) -> None:
    ada_bought(cast.acme)
    redact(cast.acme)
    later = NOW + timedelta(days=1)

    write(cast.acme, customer(81, updated_at=later))
    write(cast.acme, order(order_id=1, customer_id=81, email="ada@example.com", city="London", updated_at=later))
    write(cast.acme, refund(32, order_id=1, note="Ada again"))

    person, bought = row(cast.acme, Customer), row(cast.acme, Order)
    assert (person["first_name"], person["last_name"], person["email"]) == (None, None, None)
    assert (bought["updated_at"], bought["email"], bought["city"]) == (later, None, None)
    assert {refund_row["note"] for refund_row in rows(cast.acme, Refund)} == {None}


def test_a_failed_delivery_of_a_redacted_person_is_not_retried(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/updated", {"id": "no number", "email": "ada@example.com"})
    apply(cast.acme)
    redact(cast.acme)

    failed = deliveries(cast.acme)[0]
    assert (failed.state, failed.body, failed.reason, failed.retry_at) == ("ignored", b"{}", privacy.ERASED, None)


def test_a_late_webhook_of_a_redacted_person_counts_and_its_body_is_erased(cast: Cast) -> None:
    redact(cast.acme)
    store_delivery(cast.acme, "orders/updated", an_order(1, email="ada@example.com"))

    apply(cast.acme)

    assert row(cast.acme, Order)["total"] == Decimal("404.95")
    late = deliveries(cast.acme)[-1]
    assert (late.state, late.body, late.reason) == ("applied", b"{}", privacy.ERASED)


def test_a_delivery_pending_before_the_redaction_counts_and_is_erased(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1, email="ada@example.com"))
    redact(cast.acme)

    assert row(cast.acme, Order)["email"] is None
    assert deliveries(cast.acme)[0].body == b"{}"


def test_a_guest_is_redacted_by_their_orders_and_other_guests_stay(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, email="ada@example.com"), order(order_id=2, email="eve@example.com"))

    take(cast.acme, "customers/redact", customer={"id": None, "email": "ada@example.com"}, orders_to_redact=[1])

    first, second = rows(cast.acme, Order)
    assert (first["email"], first["customer_key"]) == (None, "o:1")
    assert (second["email"], second["customer_key"]) == ("eve@example.com", "e:eve@example.com")


def test_another_store_keeps_its_customer_of_the_same_id(cast: Cast) -> None:
    ada_bought(cast.acme)
    ada_bought(cast.globex)
    redact(cast.acme)

    assert row(cast.globex, Customer)["first_name"] == "Ada"
    assert row(cast.globex, Order)["email"] == "ada@example.com"


def test_a_request_that_cannot_be_read_fails_with_its_reason(cast: Cast) -> None:
    take(cast.acme, "customers/redact", customer={"id": "nobody"})

    (delivery,) = deliveries(cast.acme)
    assert (delivery.state, "not what Shopify sends" in str(delivery.reason)) == ("failed", True)


def uninstalled(business: Business) -> None:
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Store).where(Store.store_id == business.store_id).values(state="reconnect"))


def test_a_redacted_shop_is_erased_whole_and_its_receipt_stays(cast: Cast) -> None:
    ada_bought(cast.acme)
    ada_bought(cast.globex)
    take(cast.acme, "customers/data_request", customer=ADA, orders_requested=[1])
    uninstalled(cast.acme)

    take(cast.acme, "shop/redact", now=NOW + timedelta(hours=48))

    remaining = everything(cast.acme)
    assert "ada" not in remaining
    assert rows(cast.acme, Order) == rows(cast.acme, Store) == deliveries(cast.acme) == []
    assert [receipt.topic for receipt in privacy.receipts(cast.alice.actor)] == [
        "shop/redact",
        "customers/data_request",
    ]
    assert stores.find_owner(cast.acme.shop_domain) is None
    assert row(cast.globex, Customer)["first_name"] == "Ada"


def test_a_store_stays_until_shopify_confirms_that_the_app_is_uninstalled(cast: Cast) -> None:
    """Also with an unsigned time of two days after the connection (see `webhooks/test_confirm`)."""
    ada_bought(cast.acme)
    give_secret(cast.acme, ACME_SECRET)

    take(cast.acme, "shop/redact", now=NOW + timedelta(hours=49))

    assert len(rows(cast.acme, Order)) == 1
    assert deliveries(cast.acme)[-1].state == "unconfirmed"
