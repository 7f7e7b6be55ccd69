"""Refused requests are limited for each address; signed deliveries are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from core.config import WEBHOOK_PATH, settings
from tests.cast import Cast
from tests.shopify_sends import body, headers, post, send
from webhook_receiver import create_app
from webhook_receiver.error_responses import ADDRESSES, BURST, RefusalLimit

ORDER = {"id": 1}


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app(app: Flask) -> Flask:
    """The receiver with a still clock: on a busy machine a bucket would refill while a test spends it."""
    return create_app(Clock())


def test_a_spent_bucket_refills_and_says_when() -> None:
    clock = Clock()
    limit = RefusalLimit(clock)

    assert [limit.take("192.0.2.1") for _ in range(BURST)] == [None] * BURST
    assert limit.take("192.0.2.1") == 1.0
    assert limit.take("192.0.2.2") is None, "another address has another bucket"

    clock.now += 1.5
    assert limit.take("192.0.2.1") is None
    assert limit.take("192.0.2.1") == 0.5


def test_the_number_of_remembered_addresses_is_bounded() -> None:
    limit = RefusalLimit(Clock())

    for number in range(ADDRESSES + 10):
        limit.take(str(number))

    assert len(limit._buckets) == ADDRESSES


@pytest.mark.parametrize("path", [WEBHOOK_PATH, "/", "/connect/start?state=none"])
def test_an_address_over_its_limit_gets_429_with_retry_after(app: Flask, cast: Cast, path: str) -> None:
    client = app.test_client()

    refused = [client.post(path).status_code for _ in range(BURST)]
    last = client.post(path)

    assert 429 not in refused
    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    assert "try again later" in last.text


def test_signed_deliveries_of_an_address_over_its_limit_are_stored(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    for _ in range(BURST + 5):
        client.post(WEBHOOK_PATH)

    answers = [send(app, cast.acme, "orders/create", ORDER).status_code for _ in range(BURST + 5)]

    assert set(answers) == {200}
    assert client.get("/healthz").status_code == 200


def forged(app: Flask, cast: Cast, forwarded_for: str) -> int:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, "another")
    return post(app.test_client(), raw, sent_headers | {"X-Forwarded-For": forwarded_for}).status_code


def test_a_header_gives_no_second_bucket(app: Flask, cast: Cast) -> None:
    statuses = [forged(app, cast, f"192.0.2.{number}") for number in range(BURST + 1)]

    assert statuses[-1] == 429


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator's proxy is on this machine."""
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("proxied")
def test_behind_a_trusted_proxy_each_visitor_has_a_bucket(app: Flask, cast: Cast) -> None:
    statuses = [forged(app, cast, f"192.0.2.{number % 2}, 127.0.0.1") for number in range(BURST + 1)]

    assert set(statuses) == {401}
