"""A job erases stored webhooks, goes on after a stop, and completes the receipt at the end."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from core import privacy
from core.database import tenant_session
from core.database.models import Delivery, Erasure, PrivacyRequest
from core.errors import Stopping
from core.privacy import erase as erasing
from core.webhooks import apply as applying
from tests.cast import NOW, Business, Cast
from tests.core.privacy.test_requests import ADA, ada_bought, apply, everything, take, uninstalled
from tests.core.webhooks.test_apply import an_order, queued
from tests.factories import order
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import row, rows, write

ERASED = b"{}"


def redact(business: Business, **customer: Any) -> None:
    """Apply a redaction, without the job that erases stored webhooks."""
    content = {"shop_id": 1, "shop_domain": business.shop_domain, "customer": ADA | customer, "orders_to_redact": [1]}
    store_delivery(business, "customers/redact", content)
    applying.apply_pending(business.key, NOW)


def erase(business: Business, **options: Any) -> None:
    erasing.erase_bodies(business.key, **options)


def ignored(business: Business, count: int, email: str = "ada@example.com") -> None:
    """Apply this many deliveries of an unmapped topic, with an address in them."""
    for number in range(count):
        store_delivery(business, "tender_transactions/create", {"id": f"cart {number}", "email": email})
    applying.apply_pending(business.key, NOW)


def bodies(business: Business) -> list[bytes]:
    """The stored bodies, without those of privacy requests."""
    return [delivery.body for delivery in deliveries(business) if delivery.topic not in privacy.COMPLIANCE]


def test_a_redaction_waits_for_no_stored_webhook_and_its_receipt_says_that_erasing_goes_on(
    cast: Cast, database_url: str
) -> None:
    ada_bought(cast.acme)
    ignored(cast.acme, 3)

    redact(cast.acme)

    assert deliveries(cast.acme)[-1].state == "applied"
    assert ERASED not in bodies(cast.acme)
    receipt = row(cast.acme, PrivacyRequest)
    assert receipt["done_at"] is None
    assert receipt["outcome"] == (
        "Redacted: the customer and 1 orders; stored webhooks are still being erased. Totals stay."
    )
    store = cast.acme.key.parameters
    assert queued(database_url, "erase_bodies") == [store]


def test_after_every_stored_webhook_was_read_the_receipt_says_so_and_the_address_is_deleted(cast: Cast) -> None:
    ignored(cast.acme, 3)
    redact(cast.acme)

    erase(cast.acme)

    assert bodies(cast.acme) == [ERASED] * 3
    receipt = row(cast.acme, PrivacyRequest)
    assert receipt["done_at"] is not None
    assert receipt["outcome"] == "Redacted: the customer, 0 orders, 4 stored webhooks. Totals stay."
    assert rows(cast.acme, Erasure) == []
    assert "ada@" not in everything(cast.acme)


def test_a_stopped_erasure_goes_on_after_its_last_chunk(cast: Cast) -> None:
    ignored(cast.acme, 5)
    redact(cast.acme)
    stop = threading.Event()
    stop.set()

    with pytest.raises(Stopping):
        erase(cast.acme, stop=stop, chunk=2)
    assert bodies(cast.acme).count(ERASED) == 2
    assert row(cast.acme, Erasure)["bodies"] == 2

    erase(cast.acme, chunk=2)
    assert bodies(cast.acme) == [ERASED] * 5
    assert "6 stored webhooks" in row(cast.acme, PrivacyRequest)["outcome"]


def test_after_its_slice_of_time_an_erasure_is_queued_behind_others(cast: Cast, database_url: str) -> None:
    ignored(cast.acme, 3)
    redact(cast.acme)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")

    erase(cast.acme, slice_length=timedelta(0), chunk=1)

    assert bodies(cast.acme).count(ERASED) == 1
    assert len(queued(database_url, "erase_bodies")) == 1


def test_bodies_of_many_megabytes_are_read_in_small_chunks(cast: Cast) -> None:
    for _ in range(3):
        store_delivery(
            cast.acme,
            "tender_transactions/create",
            {"email": "ada@example.com", "note": "x" * (erasing.CHUNK_BYTES // 2)},
        )
    applying.apply_pending(cast.acme.key, NOW)
    redact(cast.acme)

    erase(cast.acme, slice_length=timedelta(0))
    assert bodies(cast.acme).count(ERASED) == 1

    erase(cast.acme)
    assert bodies(cast.acme) == [ERASED] * 3


def test_a_delivery_pending_at_the_redaction_is_erased_after_it_ends_in_any_state(cast: Cast) -> None:
    """A worker holds the delivery; its body has the person's address, but no id."""
    waiting = store_delivery(cast.acme, "orders/updated", {"id": "no number", "email": "ada@example.com"})
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(select(Delivery).where(Delivery.delivery_id == waiting).with_for_update())
        redact(cast.acme)
    erase(cast.acme)
    assert row(cast.acme, PrivacyRequest)["done_at"] is None, "one is still to come"

    applying.apply_pending(cast.acme.key, NOW)
    erase(cast.acme)

    first = deliveries(cast.acme)[0]
    assert (first.state, first.body, first.reason) == ("ignored", ERASED, privacy.ERASED)
    assert row(cast.acme, PrivacyRequest)["done_at"] is not None


def test_a_delivery_applied_together_with_the_redaction_is_erased_too(cast: Cast) -> None:
    store_delivery(cast.acme, "customers/redact", {"customer": ADA, "orders_to_redact": [1]})
    store_delivery(cast.acme, "orders/create", an_order(1, email="ada@example.com"))
    applying.apply_pending(cast.acme.key, NOW)

    erase(cast.acme)

    assert bodies(cast.acme) == [ERASED]
    assert deliveries(cast.acme)[-1].state == "applied"


@pytest.mark.parametrize(
    "body",
    [
        '{"email": "Jörg@Müller.example"}'.encode(),
        b'{"email": "J\\u00f6rg@M\\u00fcller.example"}',
        '{"customer": {"email": " jörg@müller.example "}}'.encode(),
        b'{"customer_id": "gid:\\/\\/shopify\\/Customer\\/81"}',
        b'{"order": {"id": 1}}',
        "[" * 100_000 + "jörg@müller.example",
        "cut off: jörg@müller.example",
    ],
    ids=["as it is", "escaped", "within", "global id", "order", "too deep", "no JSON"],
)
def test_a_person_is_found_in_every_spelling(cast: Cast, body: bytes | str) -> None:
    store_delivery(cast.acme, "tender_transactions/create", body if isinstance(body, bytes) else body.encode())
    redact(cast.acme, email="Jörg@Müller.example")

    erase(cast.acme)

    assert bodies(cast.acme) == [ERASED]


def test_bodies_about_other_people_stay_as_they_were_sent(cast: Cast) -> None:
    others = [
        b'{"email": "ada@example.com.au"}',
        b'{"id": 811, "order_id": "1"}',
        b'{"gid": "gid://shopify/Product/81"}',
    ]
    for body in others:
        store_delivery(cast.acme, "tender_transactions/create", body)
    ignored(cast.globex, 1)
    redact(cast.acme)

    erase(cast.acme)
    erase(cast.globex)

    assert bodies(cast.acme) == others
    assert ERASED not in bodies(cast.globex)


def test_two_people_who_ask_at_the_same_time_are_both_erased(cast: Cast) -> None:
    ignored(cast.acme, 2)
    ignored(cast.acme, 2, email="bob@example.com")
    redact(cast.acme)
    redact(cast.acme, id=82, email="bob@example.com")

    erase(cast.acme)

    assert bodies(cast.acme) == [ERASED] * 4
    assert [request["done_at"] is None for request in rows(cast.acme, PrivacyRequest)] == [False, False]


def test_a_store_that_is_erased_whole_leaves_no_receipt_open(cast: Cast) -> None:
    redact(cast.acme)
    uninstalled(cast.acme)

    take(cast.acme, "shop/redact", now=NOW + timedelta(hours=48))

    assert all(receipt.done_at for receipt in privacy.receipts(cast.alice.actor))
    assert "everything else" in privacy.receipts(cast.alice.actor)[-1].outcome


def test_the_export_of_a_guest_goes_with_the_guests_redaction(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, email="ada@example.com"), order(order_id=2, email="eve@example.com"))
    for email, order_id in (("ada@example.com", 1), ("eve@example.com", 2)):
        guest = {"id": None, "email": email}
        take(cast.acme, "customers/data_request", customer=guest, orders_requested=[order_id])

    redact(cast.acme, id=None)
    apply(cast.acme)

    newest_first = [receipt.has_export for receipt in privacy.receipts(cast.alice.actor)]
    assert newest_first == [False, True, False]
    assert "ada@" not in everything(cast.acme)


def test_an_erasure_without_a_job_is_queued_again(cast: Cast, database_url: str) -> None:
    redact(cast.acme)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")

    for business in (cast.acme, cast.globex):
        erasing.queue_if_due(business.key)

    store = cast.acme.key.parameters
    assert queued(database_url, "erase_bodies") == [store]


def test_a_late_body_of_an_unmapped_topic_about_a_redacted_person_is_erased(cast: Cast) -> None:
    redact(cast.acme)
    erase(cast.acme)
    store_delivery(cast.acme, "fulfillments/create", {"id": 9, "order_id": 1, "email": "ada@example.com"})
    store_delivery(cast.acme, "fulfillments/create", {"id": 9, "order_id": 2, "email": "eve@example.com"})
    store_delivery(cast.acme, "fulfillments/create", {"id": 10**30})

    applying.apply_pending(cast.acme.key, NOW)

    first, second, _ = bodies(cast.acme)
    assert (first, b"eve" in second) == (ERASED, True)


def test_a_late_unreadable_body_about_a_redacted_person_is_erased(cast: Cast) -> None:
    redact(cast.acme)
    erase(cast.acme)
    store_delivery(
        cast.acme, "orders/updated", an_order(1, total_price="much", total_price_set=None, email="ada@example.com")
    )

    applying.apply_pending(cast.acme.key, NOW)

    late = deliveries(cast.acme)[-1]
    assert (late.state, late.body, late.reason) == ("ignored", ERASED, privacy.ERASED)


def test_a_late_data_request_of_a_redacted_person_keeps_only_its_ids(cast: Cast) -> None:
    redact(cast.acme)
    erase(cast.acme)

    take(cast.acme, "customers/data_request", customer=ADA, orders_requested=[1])

    assert deliveries(cast.acme)[-1].state == "applied"
    assert "ada@" not in everything(cast.acme)
