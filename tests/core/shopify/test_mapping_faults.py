"""A body without a field that a record needs is refused, and the error names topic and field."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Order, Refund
from core.errors import UnmappableError
from core.shopify import mapping
from tests.core.shopify.samples import SAMPLES, TRIGGERED, mapped


@pytest.mark.parametrize(
    ("topic", "field", "value", "complaint"),
    [
        ("orders/create", "id", None, "orders/create: id is missing"),
        ("orders/create", "id", "abc", "orders/create: id is not a whole number"),
        ("orders/create", "id", True, "orders/create: id is not a whole number"),
        ("orders/create", "id", 1.5, "orders/create: id is not a whole number"),
        ("orders/create", "currency", None, "orders/create: currency is missing"),
        ("orders/create", "name", 12, "orders/create: name is not a text"),
        ("orders/create", "updated_at", None, "orders/create: updated_at is missing"),
        ("orders/create", "updated_at", "yesterday", "orders/create: updated_at is not a time"),
        ("orders/create", "updated_at", "2026-01-01T00:00:00", "updated_at is a time without a time zone"),
        ("orders/create", "updated_at", "0000-12-31T18:03:24-05:50", "updated_at is too early or too late"),
        ("orders/create", "updated_at", "9999-12-31T23:59:59-08:00", "updated_at is too early or too late"),
        ("orders/create", "updated_at", "0001-01-01T00:00:00+14:00", "updated_at is too early or too late"),
        ("orders/create", "total_price_set", {}, "orders/create: total_price_set.shop_money is missing"),
        ("orders/create", "line_items", {"id": 1}, "orders/create: line_items is not a list"),
        ("orders/create", "line_items", [7], r"orders/create: line_items\[0\] is not an object"),
        ("orders/create", "line_items", [{"id": 1, "title": "x"}], r"line_items\[0\].quantity is missing"),
        ("orders/create", "customer", "Bob", "orders/create: customer is not an object"),
        ("refunds/create", "order_id", None, "refunds/create: order_id is missing"),
        ("customers/update", "updated_at", None, "customers/update: updated_at is missing"),
        ("products/update", "variants", [{"id": 1, "title": "S", "price": "abc"}], r"\[0\].price is not a number"),
        ("products/update", "variants", [{"id": 1, "title": "S", "price": "NaN"}], r"\[0\].price is not a number"),
        ("products/delete", "id", None, "products/delete: id is missing"),
    ],
)  # fmt: skip
def test_the_error_for_a_missing_field_names_topic_and_field(
    topic: str, field: str, value: object, complaint: str
) -> None:
    with pytest.raises(UnmappableError, match=complaint):
        mapped(topic, change=lambda body: body.update({field: value}))


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"<html>"])
def test_a_body_that_is_not_json_says_so(raw: bytes) -> None:
    with pytest.raises(UnmappableError, match="orders/create: the body is not JSON"):
        mapping.from_webhook("orders/create", raw, TRIGGERED)


@pytest.mark.parametrize("raw", [b"[]", b"null", b"7", b'"x"'])
def test_a_body_that_is_not_an_object_says_so(raw: bytes) -> None:
    with pytest.raises(UnmappableError, match="orders/create: the body is not an object"):
        mapping.from_webhook("orders/create", raw, TRIGGERED)


def test_a_complaint_names_the_field_and_never_the_person() -> None:
    with pytest.raises(UnmappableError) as caught:
        mapped("customers/update", change=lambda body: body.update(updated_at="jon@example.com"))
    assert "jon" not in str(caught.value)


def test_amounts_in_bare_numbers_stay_exact() -> None:
    raw = SAMPLES["reference", "orders/create"]
    body = json.loads(raw)
    del body["total_price_set"]
    text = json.dumps(body).replace('"total_price": "404.95"', '"total_price": 404.95')
    (order,) = mapping.from_webhook("orders/create", text.encode(), TRIGGERED)
    assert isinstance(order, Order)
    assert order.total == Decimal("404.95")


def test_a_refund_is_a_refund() -> None:
    assert isinstance(mapped("refunds/create"), Refund)


@pytest.mark.parametrize(
    "never", ["0000-12-31T18:03:24-05:50", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-08:00"]
)
def test_an_optional_time_beyond_the_calendar_is_none(never: str) -> None:
    order = mapped("orders/create", change=lambda body: body.update(cancelled_at=never, processed_at=never))
    assert (order.cancelled_at, order.processed_at) == (None, order.created_at)
    assert mapped("customers/update", change=lambda body: body.update(created_at=never)).created_at is None


def test_an_order_without_a_name_is_called_by_its_number_else_its_id() -> None:
    assert mapped("orders/create", change=lambda body: body.update(name=None)).name == "#1234"
    nameless = mapped("orders/create", change=lambda body: body.update(name=None, order_number=None))
    assert nameless.name == str(nameless.order_id)


def test_titles_and_restock_types_that_are_null_do_not_keep_an_order_out() -> None:
    def blank(body: dict[str, Any]) -> None:
        tax = {"title": None, "rate": None, "price": "1.00"}
        for line in (*body["line_items"], *body["shipping_lines"]):
            line.update(title=None, name="Mug - Red", tax_lines=[tax])

    order = mapped("orders/create", change=blank)
    assert {line.title for line in order.line_items} == {"Mug - Red"}
    assert {line.title for line in order.shipping_lines} == {"Shipping"}
    assert {tax.title for line in order.line_items for tax in line.taxes} == {"Tax"}

    def unsaid(body: dict[str, Any]) -> None:
        body["refund_line_items"][0]["restock_type"] = None

    assert mapped("refunds/create", change=unsaid).lines[0].restock_type == "no_restock"
