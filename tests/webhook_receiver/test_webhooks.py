"""A delivery is stored before it is acknowledged, once, and only if the named store signed it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import update

from core import database, ingest, stores
from core.config import WEBHOOK_PATH, settings
from core.database import tenant_session
from core.database.models import Order, Store
from core.webhooks import apply
from tests.cast import NOW, Cast
from tests.factories import order
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, body, deliveries, headers, post, send
from tests.stored import rows, write
from webhook_receiver import MAX_BODY

ORDER = {"id": 820982911946154508, "note": "https://example.com/a"}


def jobs(database_url: str) -> list[dict[str, int]]:
    with psycopg.connect(database_url) as owner:
        query = "SELECT args FROM procrastinate_jobs WHERE task_name = 'apply_deliveries' ORDER BY id"
        return [args for (args,) in owner.execute(query)]


def test_a_signed_delivery_is_stored_raw_with_its_job_and_acknowledged(
    app: Flask, cast: Cast, database_url: str
) -> None:
    answer = send(app, cast.acme, "orders/create", ORDER)

    assert (answer.status_code, answer.text) == (200, "stored\n")
    (delivery,) = deliveries(cast.acme)
    assert delivery.body == body(ORDER), "byte for byte, as it was signed"
    assert (delivery.topic, delivery.api_version, delivery.state) == ("orders/create", "2026-10", "pending")
    assert delivery.triggered_at == datetime(2026, 11, 20, 11, 59, 58, 123456, tzinfo=UTC)
    assert jobs(database_url) == [cast.acme.key.parameters]


def test_a_body_with_escaped_slashes_is_verified_as_it_was_sent(app: Flask, cast: Cast) -> None:
    raw = b'{"id": 1, "url": "https:\\/\\/example.com\\/a"}'

    assert send(app, cast.acme, "orders/create", raw).status_code == 200
    assert deliveries(cast.acme)[0].body == raw


def test_a_duplicate_is_stored_once_and_acknowledged_twice(app: Flask, cast: Cast, database_url: str) -> None:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, ACME_SECRET)
    client = app.test_client()

    first, again = post(client, raw, sent_headers), post(client, raw, sent_headers)

    assert [(answer.status_code, answer.text) for answer in (first, again)] == [
        (200, "stored\n"),
        (200, "duplicate\n"),
    ]
    assert len(deliveries(cast.acme)) == 1
    assert len(jobs(database_url)) == 1


def test_one_event_on_two_topics_is_two_deliveries(app: Flask, cast: Cast) -> None:
    for topic in ("orders/create", "orders/updated"):
        assert send(app, cast.acme, topic, ORDER).status_code == 200

    assert [delivery.topic for delivery in deliveries(cast.acme)] == ["orders/create", "orders/updated"]


def test_headers_may_be_spelled_without_the_x_and_in_any_capitals(app: Flask, cast: Cast) -> None:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, ACME_SECRET)
    plain = {name.removeprefix("X-").lower(): value for name, value in sent_headers.items()}

    assert post(app.test_client(), raw, plain).status_code == 200


@pytest.mark.parametrize("signature", [None, "", "bm90IGl0", "ünsigned".encode().decode("latin-1"), "A" * 5000])
def test_an_unsigned_delivery_is_refused_and_not_stored(app: Flask, cast: Cast, signature: str | None) -> None:
    raw = body(ORDER)
    sent_headers = headers(
        cast.acme.shop_domain, "orders/create", raw, ACME_SECRET, **{"X-Shopify-Hmac-Sha256": signature}
    )

    answer = post(app.test_client(), raw, sent_headers)

    assert answer.status_code == 401
    assert "check the app's secret" in answer.text
    assert deliveries(cast.acme) == []


def test_a_body_changed_on_the_way_is_refused(app: Flask, cast: Cast) -> None:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, ACME_SECRET)

    assert post(app.test_client(), raw + b" ", sent_headers).status_code == 401


def test_a_delivery_signed_by_globex_that_names_acmes_shop_is_refused(app: Flask, cast: Cast) -> None:
    assert send(app, cast.acme, "orders/create", ORDER, secret=GLOBEX_SECRET).status_code == 401
    assert deliveries(cast.acme) == deliveries(cast.globex) == []


def test_an_unknown_shop_is_answered_like_a_wrong_signature(app: Flask, cast: Cast) -> None:
    raw = body(ORDER)
    client = app.test_client()

    unknown = post(client, raw, headers("nobody.myshopify.com", "orders/create", raw, ACME_SECRET))
    wrong = post(client, raw, headers(cast.acme.shop_domain, "orders/create", raw, "another"))

    assert (unknown.status_code, unknown.text) == (wrong.status_code, wrong.text) == (401, wrong.text)


def test_a_disconnected_store_accepts_no_deliveries(app: Flask, cast: Cast) -> None:
    stores.delete_credentials(cast.acme.key, NOW)

    assert send(app, cast.acme, "orders/create", ORDER).status_code == 401
    assert deliveries(cast.acme) == []


def test_a_store_without_credentials_accepts_no_deliveries(app: Flask, cast: Cast) -> None:
    """In the middle of a disconnection the route exists, and the secret does not."""
    with tenant_session(cast.acme.tenant_id) as session:
        store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert store is not None
        store.sealed_credentials = None

    assert send(app, cast.acme, "orders/create", ORDER).status_code == 401


@pytest.mark.parametrize("header", ["X-Shopify-Topic", "X-Shopify-Shop-Domain", "X-Shopify-Webhook-Id"])
def test_a_missing_header_is_named(app: Flask, cast: Cast, header: str) -> None:
    raw = body(ORDER)

    answer = post(
        app.test_client(),
        raw,
        headers(cast.acme.shop_domain, "orders/create", raw, ACME_SECRET, **{header: None}),
    )

    assert answer.status_code == 400
    assert f"The header {header} is missing" in answer.text
    assert deliveries(cast.acme) == []


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Shopify-Shop-Domain", "acme.example.com"),
        ("X-Shopify-Shop-Domain", "acme.myshopify.com.evil.example"),
        ("X-Shopify-Topic", "orders/create; DROP TABLE orders"),
        ("X-Shopify-Webhook-Id", "x" * 101),
    ],
)
def test_a_malformed_header_is_refused(app: Flask, cast: Cast, header: str, value: str) -> None:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, ACME_SECRET, **{header: value})

    assert post(app.test_client(), raw, sent_headers).status_code == 400


def test_a_malformed_time_does_not_lose_the_delivery(app: Flask, cast: Cast) -> None:
    raw = body(ORDER)
    sent_headers = headers(
        cast.acme.shop_domain, "orders/create", raw, ACME_SECRET, **{"X-Shopify-Triggered-At": "soon"}
    )

    assert post(app.test_client(), raw, sent_headers).status_code == 200
    assert deliveries(cast.acme)[0].triggered_at is None


def test_deliveries_of_unmapped_topics_are_stored_too(app: Flask, cast: Cast) -> None:
    assert send(app, cast.acme, "carts/update", {"id": "abc"}).status_code == 200


@pytest.mark.parametrize("raw", [b"\x00\xff not json", b"[1]", b' {"id": 1}', b'{"id": 1', b"", b"{" * 100_000])
def test_a_signed_body_that_is_no_json_object_is_refused(app: Flask, cast: Cast, raw: bytes) -> None:
    answer = send(app, cast.acme, "orders/create", raw)

    assert answer.status_code == 400
    assert "not JSON" in answer.text or "not a JSON object" in answer.text
    assert deliveries(cast.acme) == []


def test_a_body_of_three_hundred_kilobytes_is_stored(app: Flask, cast: Cast) -> None:
    assert send(app, cast.acme, "orders/create", {"id": 1, "note": "x" * 300_000}).status_code == 200


def test_a_body_over_the_limit_is_refused_unread(app: Flask, cast: Cast) -> None:
    raw = b"x" * (MAX_BODY + 1)

    assert send(app, cast.acme, "orders/create", raw).status_code == 413
    assert deliveries(cast.acme) == []


def test_a_get_request_is_refused(app: Flask, cast: Cast) -> None:
    answer = app.test_client().get(WEBHOOK_PATH)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_another_path_is_not_found(app: Flask, cast: Cast) -> None:
    assert app.test_client().post("/webhooks/other").status_code == 404


def test_a_delivery_does_not_wait_while_a_sync_writes_a_page(app: Flask, cast: Cast) -> None:
    """Shopify hangs up after five seconds; a page of a sync may take as long."""
    answered = threading.Event()

    def deliver() -> None:
        assert send(app, cast.acme, "orders/create", ORDER).status_code == 200
        answered.set()

    with tenant_session(cast.acme.tenant_id) as session:
        ingest.write(session, cast.acme.key, [order()], NOW)
        threading.Thread(target=deliver, daemon=True).start()
        assert answered.wait(10)


def test_the_same_order_number_in_two_shops_stays_two_orders(app: Flask, cast: Cast) -> None:
    """Ids are Shopify's, but a test shop's copy may have them again."""
    sample = (Path(__file__).parents[1] / "payloads" / "webhooks" / "orders__create.json").read_bytes()
    for business in (cast.acme, cast.globex):
        with tenant_session(business.tenant_id) as session:
            session.execute(update(Store).values(shopify_id=548380009))
    assert send(app, cast.acme, "orders/create", sample, secret=ACME_SECRET).status_code == 200
    assert send(app, cast.globex, "orders/create", sample, secret=GLOBEX_SECRET).status_code == 200
    for business in (cast.acme, cast.globex):
        apply.apply_pending(business.key, NOW)

    write(cast.acme, order(order_id=820982911946154508, updated_at=NOW, name="Acme's"))

    assert [order_row["name"] for order_row in rows(cast.acme, Order)] == ["Acme's"]
    assert [order_row["name"] for order_row in rows(cast.globex, Order)] == ["#9999"]


@pytest.mark.usefixtures("closed_database")
def test_while_the_database_is_unavailable_shopify_is_asked_to_send_it_again(app: Flask, cast: Cast) -> None:
    answer = send(app, cast.acme, "orders/create", ORDER)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "send it again" in answer.text


def test_broken_connections_lose_no_delivery(app: Flask, cast: Cast, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert send(app, cast.acme, "orders/create", ORDER).status_code == 200
    assert len(deliveries(cast.acme)) == 1


def test_a_database_that_was_never_there_is_a_503_and_no_200(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:hidden@127.0.0.1:9/none")
    before = database.pools()
    settings.cache_clear()
    database.pools.cache_clear()
    try:
        answer = send(app, cast.acme, "orders/create", ORDER)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        database.pools.cache_clear()
        before.dispose()

    assert answer.status_code == 503
    assert "hidden" not in answer.text


def test_an_internal_error_is_a_500_without_details(app: Flask, cast: Cast) -> None:
    """If no key opens the credentials, the operator has to repair it, and Shopify sends the delivery again."""
    with tenant_session(cast.acme.tenant_id) as session:
        store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert store is not None
        store.sealed_credentials = "gAAAAABnonsense"

    answer = send(app, cast.acme, "orders/create", ORDER)

    assert (answer.status_code, answer.text) == (500, "Something went wrong here; send it again.\n")
