"""Deliveries that arrive together are stored by one statement; each has its own answer, and fails alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from flask import Flask

from core.errors import DatabaseUnavailable
from core.shopify.webhooks import WebhookHeaders
from core.webhooks import verify
from core.webhooks.storage import Batches, Stored, VerifiedDelivery
from core.webhooks.verify import Signer
from tests.cast import Business, Cast
from tests.end_to_end.processes import wait_until
from tests.shopify_sends import deliveries


def signer_of(business: Business) -> Signer:
    signer = verify.find_signer(business.shop_domain)
    assert signer is not None
    return signer


class Handing:
    """Threads that each store one delivery; their outcomes by webhook id."""

    def __init__(self, batches: Batches, signer: Signer) -> None:
        self._batches, self._signer = batches, signer
        self._threads: list[threading.Thread] = []
        self.outcomes: dict[str, object] = {}

    def hand_in(self, webhook_id: str, **changes: str) -> None:
        sent_headers = replace(WebhookHeaders(webhook_id, "orders/create", self._signer.shop), **changes)
        thread = threading.Thread(target=self._keep, args=(sent_headers,))
        thread.start()
        self._threads.append(thread)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(30)

    def _keep(self, said: WebhookHeaders) -> None:
        key = f"{said.webhook_id} {said.event_id or ''}".strip()
        try:
            self.outcomes[key] = self._batches.save(
                self._signer, VerifiedDelivery(said, b'{"id": 1}', datetime.now(UTC))
            )
        except Exception as error:
            self.outcomes[key] = type(error)


@contextmanager
def held_up(database_url: str) -> Iterator[None]:
    """Block every insert of a delivery while the block runs."""
    with psycopg.connect(database_url) as owner:
        owner.execute("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        yield


def waiting(batches: Batches) -> int:
    return sum(len(pending) for pending in batches._waiting.values())


@pytest.fixture
def batches() -> Batches:
    return Batches()


def fill(handing: Handing, batches: Batches) -> None:
    """Start a statement, so that later deliveries wait for the next one."""
    handing.hand_in("first")
    wait_until(lambda: len(batches._waiting) == 1, "a statement is under way")


def test_a_delivery_that_cannot_be_stored_fails_alone(
    app: Flask, cast: Cast, database_url: str, batches: Batches
) -> None:
    handing = Handing(batches, signer_of(cast.acme))
    with held_up(database_url):
        fill(handing, batches)
        for number in range(3):
            handing.hand_in(f"good {number}")
        handing.hand_in("poisoned", event_id="\0")
        wait_until(lambda: waiting(batches) == 4, "they wait together")
    handing.join()

    assert handing.outcomes.pop("poisoned \0") is psycopg.DataError
    assert set(handing.outcomes.values()) == {Stored.NEW}
    assert {delivery.webhook_id for delivery in deliveries(cast.acme)} == set(handing.outcomes)
    assert batches._waiting == {}


def test_a_duplicate_in_a_batch_is_stored_once(app: Flask, cast: Cast, database_url: str, batches: Batches) -> None:
    handing = Handing(batches, signer_of(cast.acme))
    with held_up(database_url):
        fill(handing, batches)
        for event in ("a", "b"):
            handing.hand_in("twice", event_id=event)
        wait_until(lambda: waiting(batches) == 2, "both wait")
    handing.join()

    assert {handing.outcomes["twice a"], handing.outcomes["twice b"]} <= {Stored.NEW, Stored.DUPLICATE}
    assert [delivery.webhook_id for delivery in deliveries(cast.acme)].count("twice") == 1


@pytest.mark.usefixtures("closed_database")
def test_while_the_database_is_unavailable_no_delivery_is_reported_as_stored(app: Flask, batches: Batches) -> None:
    handing = Handing(batches, Signer("acme.myshopify.com", 1, 1, "sealed", None, None, None, 1))
    for number in range(10):
        handing.hand_in(str(number))
    handing.join()

    assert set(handing.outcomes.values()) == {DatabaseUnavailable}
    assert len(handing.outcomes) == 10
    assert batches._waiting == {}


def test_a_store_with_locked_rows_delays_no_other(
    app: Flask, cast: Cast, database_url: str, batches: Batches
) -> None:
    acme, globex = Handing(batches, signer_of(cast.acme)), Handing(batches, signer_of(cast.globex))
    with psycopg.connect(database_url) as owner:
        owner.execute("SELECT FROM stores WHERE store_id = %s FOR UPDATE", [cast.acme.store_id])
        fill(acme, batches)
        acme.hand_in("waits")
        globex.hand_in("at once")
        globex.join()
        assert globex.outcomes == {"at once": Stored.NEW}
        assert acme.outcomes == {}
    acme.join()

    assert set(acme.outcomes.values()) == {Stored.NEW}


def test_of_many_simultaneous_deliveries_each_is_stored_once(app: Flask, cast: Cast, batches: Batches) -> None:
    handing = Handing(batches, signer_of(cast.acme))
    for number in range(60):
        handing.hand_in(str(number))
    handing.join()

    assert set(handing.outcomes.values()) == {Stored.NEW}
    assert sorted(delivery.webhook_id for delivery in deliveries(cast.acme)) == sorted(handing.outcomes)
