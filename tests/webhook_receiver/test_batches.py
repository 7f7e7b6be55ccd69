"""Deliveries that arrive together are stored by one statement; each has its own answer, and fails alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
import requests
from flask import Flask

from core.config import WEBHOOK_PATH
from core.errors import DatabaseUnavailable, InvalidInput
from core.shopify.webhooks import WebhookHeaders
from core.webhooks import storage, verify
from core.webhooks.receive import Inbox
from core.webhooks.storage import Stored, VerifiedDelivery
from core.webhooks.verify import Signer
from tests.cast import Business, Cast
from tests.end_to_end.processes import free_port, wait_until
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, body, deliveries, give_secret, headers

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)
numbers = count(1)


def signer_of(business: Business) -> Signer:
    signer = verify.find_signer(business.shop_domain)
    assert signer is not None
    return signer


def verified(signer: Signer, webhook_id: str, **changes: str) -> VerifiedDelivery:
    sent_headers = replace(WebhookHeaders(webhook_id, "orders/create", signer.shop), **changes)
    return VerifiedDelivery(sent_headers, b'{"id": 1}', NOW)


def sent(business: Business, content: bytes, secret: str = ACME_SECRET) -> tuple[WebhookHeaders, bytes]:
    fields = headers(business.shop_domain, "orders/create", content, secret)
    return WebhookHeaders.parse(fields), content


def order() -> bytes:
    return body({"id": next(numbers), "name": "#1", "line_items": [], "created_at": "2026-11-20T11:59:58Z"})


def test_a_delivery_that_cannot_be_stored_fails_alone(app: Flask, cast: Cast) -> None:
    signer = signer_of(cast.acme)
    batch = [verified(signer, "a"), verified(signer, "poisoned", event_id="\0"), verified(signer, "b")]

    first, poisoned, last = storage.save_each(signer, batch)

    assert (first, last) == (Stored.NEW, Stored.NEW)
    assert isinstance(poisoned, psycopg.DataError)
    assert {delivery.webhook_id for delivery in deliveries(cast.acme)} == {"a", "b"}


def test_a_duplicate_in_a_batch_is_stored_once(app: Flask, cast: Cast) -> None:
    signer = signer_of(cast.acme)

    outcomes = storage.save_each(signer, [verified(signer, "twice"), verified(signer, "twice")])

    assert set(outcomes) <= {Stored.NEW, Stored.DUPLICATE}
    assert [delivery.webhook_id for delivery in deliveries(cast.acme)] == ["twice"]


@pytest.mark.parametrize("is_remembered", [False, True])
def test_each_delivery_of_a_batch_has_the_outcome_that_it_would_have_alone(
    app: Flask, cast: Cast, is_remembered: bool
) -> None:
    inbox = Inbox()
    if is_remembered:
        inbox.receive(*sent(cast.acme, order()), NOW)
    good, again = sent(cast.acme, order()), sent(cast.acme, order())
    inbox.receive(*again, NOW)

    outcomes = inbox.receive_all(
        [
            good,
            sent(cast.acme, order(), GLOBEX_SECRET),
            again,
            sent(cast.acme, b"shop=acme.myshopify.com"),
            sent(cast.globex, order(), GLOBEX_SECRET),
        ],
        NOW,
    )

    assert [outcome for outcome in outcomes if not isinstance(outcome, Exception)] == [
        Stored.NEW,
        Stored.REFUSED,
        Stored.DUPLICATE,
        Stored.NEW,
    ]
    assert isinstance(outcomes[3], InvalidInput)
    assert good[0].webhook_id in {delivery.webhook_id for delivery in deliveries(cast.acme)}
    assert len(deliveries(cast.globex)) == 1


def test_a_batch_signed_with_a_new_secret_is_stored(app: Flask, cast: Cast) -> None:
    inbox = Inbox()
    inbox.receive(*sent(cast.acme, order()), NOW)
    give_secret(cast.acme, "shpss_rotated")

    new, former = sent(cast.acme, order(), "shpss_rotated"), sent(cast.acme, order())
    assert inbox.receive_all([former, new], NOW) == [Stored.REFUSED, Stored.NEW]


@pytest.mark.parametrize("is_remembered", [False, True])
def test_while_the_database_is_unavailable_no_delivery_is_reported_as_stored(
    app: Flask, cast: Cast, is_remembered: bool, request: pytest.FixtureRequest
) -> None:
    inbox = Inbox()
    if is_remembered:
        inbox.receive(*sent(cast.acme, order()), NOW)
    request.getfixturevalue("closed_database")

    outcomes = inbox.receive_all([sent(cast.acme, order()) for _ in range(10)], NOW)

    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
    assert len(outcomes) == 10


class Receiver:
    """A receiver as the Procfile runs it, and threads that each send it one delivery."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._threads: list[threading.Thread] = []
        self.answers: list[tuple[str, int]] = []

    def send(self, business: Business, secret: str, many: int = 1) -> Sequence[threading.Thread]:
        """Send so many orders at once; `answers` gets the shop and the status of each."""
        threads = [threading.Thread(target=self._send, args=(business, secret)) for _ in range(many)]
        for thread in threads:
            thread.start()
        self._threads += threads
        return threads

    def join(self) -> None:
        for thread in self._threads:
            thread.join(30)

    def _send(self, business: Business, secret: str) -> None:
        raw = order()
        fields = headers(business.shop_domain, "orders/create", raw, secret)
        address = f"http://127.0.0.1:{self._port}{WEBHOOK_PATH}"
        status = requests.post(address, data=raw, headers=fields, timeout=30).status_code
        self.answers.append((business.shop_domain, status))


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "webhook_receiver", "--port", str(port)], cwd=ROOT)
    try:
        wait_until(lambda: _is_alive(port), "it serves", seconds=60)
        yield Receiver(port)
    finally:
        process.terminate()
        process.wait(30)


def _is_alive(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_a_store_with_locked_rows_delays_no_other(receiver: Receiver, cast: Cast, database_url: str) -> None:
    receiver.send(cast.acme, ACME_SECRET)
    receiver.join()
    with psycopg.connect(database_url) as owner:
        owner.execute("SELECT FROM stores WHERE store_id = %s FOR UPDATE", [cast.acme.store_id])
        # More than the receiver has threads.
        receiver.send(cast.acme, ACME_SECRET, 40)
        for thread in receiver.send(cast.globex, GLOBEX_SECRET, 20):
            thread.join(30)
        assert receiver.answers == [(cast.acme.shop_domain, 200), *[(cast.globex.shop_domain, 200)] * 20]
    receiver.join()

    assert len(receiver.answers) == 61
    assert {status for _, status in receiver.answers} == {200}
    assert len(deliveries(cast.acme)) == 41


def test_of_many_simultaneous_deliveries_each_is_stored_once(receiver: Receiver, cast: Cast) -> None:
    receiver.send(cast.acme, ACME_SECRET, 100)
    receiver.join()

    assert receiver.answers == [(cast.acme.shop_domain, 200)] * 100
    assert len(deliveries(cast.acme)) == 100
