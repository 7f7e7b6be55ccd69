"""The record that a webhook is about: an order's webhooks are found by it, and hostile bodies name none."""

from __future__ import annotations

import json

import pytest

from core.shopify.body_records import record_id


@pytest.mark.parametrize(
    ("topic", "body", "number"),
    [
        ("orders/create", {"id": 5}, 5),
        ("orders/edited", {"order_edit": {"id": 9, "order_id": 5}}, 5),
        ("refunds/create", {"id": 9, "order_id": 5}, 5),
        ("products/update", {"id": 7}, 7),
        ("carts/update", {"id": "c1-token"}, None),
        ("customers/redact", {"customer": {"id": 81}, "id": 1}, None),
        ("orders/create", {"id": True}, None),
        ("orders/create", {"id": 1 << 63}, None),
        ("orders/create", {"id": -5}, None),
        ("orders/edited", {"order_edit": None}, None),
        ("orders/edited", {"order_edit": [1]}, None),
    ],
)
def test_the_record_is_the_order_wherever_there_is_one(topic: str, body: object, number: int | None) -> None:
    assert record_id(topic, json.dumps(body).encode()) == number


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff\xfe", b'{"id": 1e400}', b"[" * 100_000])
def test_a_body_that_cannot_be_read_names_no_record(raw: bytes) -> None:
    assert record_id("orders/create", raw) is None
