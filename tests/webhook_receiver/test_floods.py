"""Neither a flood, nor other tenants' dashboards, nor an internal error loses a store's deliveries."""

from __future__ import annotations

import threading

import psycopg
import pytest
from flask import Flask
from sqlalchemy import QueuePool, text

from core import database
from core.database import tenant_session
from core.shopify.webhooks import sign
from tests.cast import Cast
from tests.end_to_end.processes import wait_until
from tests.shopify_sends import body, deliveries, headers, post, send

ORDER = {"id": 1}


@pytest.mark.parametrize("signature", [None, sign(b"forged", "a secret of their own")], ids=["unsigned", "forged"])
def test_five_thousand_unsigned_requests_do_not_delay_the_stores_signed_ones(
    app: Flask, cast: Cast, signature: str | None
) -> None:
    raw, client = body(ORDER), app.test_client()
    junk = headers(cast.acme.shop_domain, "orders/create", raw, "", **{"X-Shopify-Hmac-Sha256": signature})

    statuses = set()
    for number in range(5000):
        statuses.add(post(client, raw, junk).status_code)
        if number % 500 == 0:
            assert send(app, cast.acme, "orders/create", ORDER).status_code == 200

    assert statuses == {401, 429}, "an address is told to come back later, once it has sent too many"
    assert len(deliveries(cast.acme)) == 10


def test_a_malformed_signature_is_refused_without_a_statement(app: Flask, cast: Cast, closed_database: None) -> None:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, "", **{"X-Shopify-Hmac-Sha256": "none"})

    assert post(app.test_client(), raw, sent_headers).status_code == 401


def test_a_delivery_is_stored_while_dashboards_hold_every_connection_of_theirs(app: Flask, cast: Cast) -> None:
    """Hold every connection of the pool in a long statement."""

    def look(done: threading.Event) -> None:
        with tenant_session(cast.globex.tenant_id) as session:
            while not done.is_set():
                session.execute(text("SELECT pg_sleep(0.2)"))

    done = threading.Event()
    dashboards = [threading.Thread(target=look, args=(done,)) for _ in range(20)]
    for dashboard in dashboards:
        dashboard.start()
    pool = database.engine().pool
    assert isinstance(pool, QueuePool)
    try:
        wait_until(lambda: pool.checkedout() == pool.size() + 10, "every connection is taken")
        assert send(app, cast.acme, "orders/create", ORDER).status_code == 200
    finally:
        done.set()
        for dashboard in dashboards:
            dashboard.join()


def test_a_delivery_whose_job_cannot_be_queued_is_neither_stored_nor_acknowledged(
    app: Flask, cast: Cast, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE procrastinate_jobs RENAME TO away")
        try:
            answer = send(app, cast.acme, "orders/create", ORDER)
        finally:
            owner.execute("ALTER TABLE away RENAME TO procrastinate_jobs")

    assert (answer.status_code, answer.text) == (500, "Something went wrong here; send it again.\n")
    assert deliveries(cast.acme) == []
    assert send(app, cast.acme, "orders/create", ORDER).status_code == 200
