"""No value of a header is answered with 5xx, because headers are not signed."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.shopify.webhooks import WebhookHeaders
from tests.cast import Cast
from tests.shopify_sends import ACME_SECRET, body, headers, post

ORDER = {"id": 1}
NAMES = ["Topic", "Hmac-Sha256", "Shop-Domain", "API-Version", "Webhook-Id", "Event-Id", "Triggered-At", "Name"]
VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=200)
TIMES = st.datetimes().map(str) | st.builds(
    "{:04}-{:02}-{:02}T{:02}:00:00{}{:02}:00".format,
    st.sampled_from([0, 1, 1999, 2026, 9999, 10000]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 24),
    st.sampled_from("+-"),
    st.integers(0, 25),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), value=VALUES | TIMES)
@example(name="Triggered-At", value="0001-01-01T00:00:00+14:00")
@example(name="Triggered-At", value="9999-12-31T23:59:59-14:00")
def test_no_value_of_any_header_is_answered_with_5xx(app: Flask, cast: Cast, name: str, value: str) -> None:
    raw = body(ORDER)
    sent_headers = headers(cast.acme.shop_domain, "orders/create", raw, ACME_SECRET, **{f"X-Shopify-{name}": value})

    assert post(app.test_client(), raw, sent_headers).status_code < 500


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"])
def test_an_instant_at_the_end_of_the_calendar_is_none(value: str) -> None:
    sent_headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Shop-Domain": "acme", "X-Shopify-Webhook-Id": "1"}

    assert WebhookHeaders.parse(sent_headers | {"X-Shopify-Triggered-At": value}).triggered_at is None
