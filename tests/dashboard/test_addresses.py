"""Addresses of details: what they keep of the page that links, and what is read from them."""

from __future__ import annotations

import pytest

from dashboard import addresses

QUERY = {"store": "other", "range": "Last 7 days", "compare": "Previous year", "find_order": "ada", "order": "1"}


def test_a_link_to_a_record_names_its_store_and_keeps_the_period() -> None:
    kept = "range=Last+7+days&compare=Previous+year"
    assert addresses.order_address("acme.myshopify.com", 5, QUERY) == f"/order?store=acme&{kept}&order=5"
    assert addresses.product_address("acme.myshopify.com", 7) == "/product?store=acme&product=7"
    assert addresses.customer_address("acme.myshopify.com", "c:81") == "/customer?store=acme&customer=81"
    assert addresses.customer_address("acme.myshopify.com", "e:ada@x.y").endswith("customer=e%3Aada%40x.y")


def test_a_link_to_a_list_keeps_the_filters_and_drops_the_rest() -> None:
    assert addresses.page_address("orders", QUERY) == ("/orders?store=other&range=Last+7+days&compare=Previous+year")
    assert addresses.page_address("orders", status="Paid") == "/orders?status=Paid"
    assert addresses.page_address("orders") == "/orders"


def test_shopifys_admin_is_addressed_by_the_handle_of_the_store() -> None:
    address = addresses.shopify_admin_address("acme.myshopify.com", "orders", 5)
    assert address == "https://admin.shopify.com/store/acme/orders/5"


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "1e3", "٣", "5 ", "9" * 19, "9" * 20, "1;--", "5\n", "5\0"])
def test_only_digits_that_a_column_can_hold_are_an_id(text: str) -> None:
    assert addresses.parse_id(text) is None


def test_the_largest_id_is_read_to_its_last_digit() -> None:
    assert addresses.parse_id("9223372036854775807") == 9223372036854775807


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("81", "c:81"),
        ("c:81", "c:81"),
        ("o:5", "o:5"),
        ("e:Ada@Example.com", "e:ada@example.com"),
        ("e:no address", None),
        ("e:a@b\0", None),
        ("x:1", None),
        ("81\n", None),
        ("o:0", None),
        ("", None),
    ],
)
def test_a_customer_is_read_by_id_by_order_or_by_email(text: str, key: str | None) -> None:
    assert addresses.parse_customer_key(text) == key
